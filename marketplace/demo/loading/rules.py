"""Rules that change in the demo: prices and limits to come, trust, a day off, a suspension."""

from datetime import timedelta
from decimal import Decimal

from marketplace.accounts.models import User
from marketplace.accounts.roles import Role
from marketplace.demo.loading import Tracker
from marketplace.kernel import clock
from marketplace.office import rule_tables
from marketplace.payments.models import CodLimits
from marketplace.platform import dated_actions
from marketplace.producers import suspension_actions
from marketplace.producers.models import Producer
from marketplace.shipping import calendar_actions as shipping
from marketplace.shipping.models import Rate, WorkingDayException

_DEARER = Decimal("1.08")
#: What a version begins with anew.
_OWN = frozenset({"id", "effective_from", "effective_through", "source"})


def load(track: Tracker) -> None:
    """Through the real actions, by the operator."""
    operator = User.objects.filter(groups__name=Role.OPERATOR).order_by("pk").first()
    for step in track((_prices, _limits, _trust, _day_off, _suspended), 5, "Rules to come"):
        step(operator)


def _prices(operator: User) -> None:
    """Ordinary parcels within the delta are dearer from the next month on."""
    row = Rate.objects.filter(zone__code="mekong", shipping_class="ambient").first()
    strand = rule_tables.of_model(Rate).strand_of(row)
    today = clock.today()
    values = [
        {**_columns(band, {"zone", "shipping_class"}),
         "fee_incl_tax": round(band.fee_incl_tax * _DEARER, -3),
         "source": "Bảng giá của hãng vận chuyển (dữ liệu mẫu)"}
        for band in strand.on(today)
    ]
    first = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    dated_actions.begin(strand=strand, on=first, values=values, actor=operator, today=today)


def _limits(operator: User) -> None:
    strand = rule_tables.of_model(CodLimits).strand(())
    today = clock.today()
    (row,) = strand.on(today)
    values = {
        **_columns(row, set()), "open_orders_max": 6, "source": "Quy chế chợ (dữ liệu mẫu)",
    }
    dated_actions.begin(
        strand=strand, on=today + timedelta(days=14), values=[values], actor=operator, today=today
    )


def _trust(operator: User) -> None:
    producer = Producer.objects.get(slug="htx-xoai-nang-som")
    table = rule_tables.by_slug("trust")
    dated_actions.begin(
        strand=table.strand((("producer_id", producer.pk),)),
        on=clock.today(),
        values=[
            {"fields": ["summary_en", "summary_vi", "usage_vi"], "set_by": operator,
             "reason": "Hai năm sửa tin không sai lần nào (dữ liệu mẫu)"},
        ],
        actor=operator,
        today=clock.today(),
    )


def _day_off(operator: User) -> None:
    day = clock.today() + timedelta(days=21)
    if not WorkingDayException.objects.filter(day=day).exists():
        shipping.add_exception(
            day=day, is_working=False, name="Nghỉ bù (dữ liệu mẫu)",
            source="Công văn của tỉnh (dữ liệu mẫu)", actor=operator, today=clock.today(),
        )


def _suspended(operator: User) -> None:
    """One that is not identified either, so that the shop stays as it is."""
    suspension_actions.suspend(
        producer=Producer.objects.get(slug="yen-nang-giong"),
        reason="Chưa nộp giấy kiểm dịch, văn phòng đã nhắc hai lần (dữ liệu mẫu)",
        actor=operator, now=clock.now(),
    )


def _columns(row: object, key: set[str]) -> dict[str, object]:
    """A row's columns, to begin another version with."""
    return {
        field.name: getattr(row, field.name)
        for field in row._meta.fields
        if field.name not in _OWN | key
    }
