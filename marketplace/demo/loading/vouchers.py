"""Vouchers in every state, and some orders that used one."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from oscar.apps.voucher.models import Voucher

from marketplace.accounts.models import User
from marketplace.checkout.queries import must_be_paid_ahead
from marketplace.demo.loading import Tracker
from marketplace.demo.loading.payments import Shop
from marketplace.kernel import clock
from marketplace.producers.models import Producer
from marketplace.vouchers import actions
from marketplace.vouchers.models import VoucherTerms

Kind, Funder = VoucherTerms.Kind, VoucherTerms.Funder
_DAY = timedelta(days=1)


def load(track: Tracker) -> None:
    """Live, used up, ended, not begun, stopped, a batch, free delivery, paid by a producer."""
    clerk = User.objects.get(email="vanhanh@example.com")
    shop, today = Shop(), clock.today()
    grower = next(u for u in shop.units if not must_be_paid_ahead(u)).listing.producer
    for at in track(range(8), 8, "Vouchers"):
        terms, code, batch = _examples(today, grower)[at]
        row = actions.give_out(
            terms=terms, code=code, batch=batch, actor=clerk, now=clock.now()
        )
        if code == "HOASUA":
            actions.stop(
                pk=row.pk, reason="Hết ngân sách tháng này.", actor=clerk, now=clock.now()
            )
    for code, hours in (("SEN50", 30), ("SEN50", 6), ("FREESHIP", 9), ("VUONNHA", 12)):
        shop.place(hours, code=Voucher.objects.get(code=code), of=grower)
    shop.place(20, code=Voucher.objects.get(code="MOTSUAT"))
    of_batch = Voucher.objects.filter(voucher_set__terms__is_batch=True).order_by("pk").first()
    shop.place(3, code=of_batch)


def _examples(today: object, grower: Producer) -> list[tuple[actions.Terms, str, int]]:
    month = {"first_day": today - 30 * _DAY, "last_day": today + 60 * _DAY}
    market = {"funder": Funder.PLATFORM, **month}
    return [
        (
            actions.Terms(
                name="Chào mùa sen", kind=Kind.PERCENT, percent=Decimal(10),
                cap_incl_tax=Decimal(50_000), uses_max=500, uses_per_phone=3, **market,
            ),
            "SEN50", 0,
        ),
        (
            actions.Terms(
                name="Giao miễn phí cuối năm", kind=Kind.DELIVERY,
                cap_incl_tax=Decimal(40_000), **market,
            ),
            "FREESHIP", 0,
        ),
        (
            actions.Terms(
                name="Khách quen của vườn", kind=Kind.AMOUNT, amount_incl_tax=Decimal(15_000),
                funder=Funder.PRODUCER, producer=grower, uses_per_phone=None, **month,
            ),
            "VUONNHA", 0,
        ),
        (
            actions.Terms(
                name="Một suất duy nhất", kind=Kind.AMOUNT, amount_incl_tax=Decimal(20_000),
                uses_max=1, **market,
            ),
            "MOTSUAT", 0,
        ),
        (
            actions.Terms(
                name="Mừng ngày hội sen", kind=Kind.PERCENT, percent=Decimal(7),
                funder=Funder.PLATFORM, first_day=today - 90 * _DAY, last_day=today - 20 * _DAY,
            ),
            "HOISEN", 0,
        ),
        (
            actions.Terms(
                name="Tết sum vầy", kind=Kind.PERCENT, percent=Decimal(15),
                cap_incl_tax=Decimal(100_000), minimum_incl_tax=Decimal(300_000),
                funder=Funder.PLATFORM, first_day=today + 20 * _DAY, last_day=today + 80 * _DAY,
            ),
            "TETSUMVAY", 0,
        ),
        (
            actions.Terms(
                name="Đợt tháng này", kind=Kind.AMOUNT, amount_incl_tax=Decimal(30_000),
                minimum_incl_tax=Decimal(150_000), **market,
            ),
            "HOASUA", 0,
        ),
        (
            actions.Terms(
                name="Thiệp cám ơn hội chợ", kind=Kind.AMOUNT, amount_incl_tax=Decimal(25_000),
                **market,
            ),
            "", 40,
        ),
    ]  # fmt: skip
