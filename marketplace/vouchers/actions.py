"""Every write to vouchers: giving them out, changing and stopping them, taking a use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _
from oscar.apps.order.models import Order
from oscar.apps.voucher.models import Voucher, VoucherSet

from catalogue.models import Category, Product
from marketplace.accounts.models import User
from marketplace.kernel import clock
from marketplace.platform import audit
from marketplace.producers.models import Producer
from marketplace.vouchers import codes, judging, queries
from marketplace.vouchers.errors import Reason, VoucherRefused, WrongTerms
from marketplace.vouchers.models import VoucherTerms, VoucherUse

#: More codes at once are a mistake of the finger.
BATCH_MAX = 5_000
#: What stays open to change after the first use.
EXTENSIBLE = frozenset({"name", "last_day", "uses_max", "uses_per_phone"})


@dataclass(frozen=True)
class Terms:
    """What a voucher is to be; amounts in whole đồng, days inclusive."""

    name: str
    kind: str
    first_day: date
    last_day: date
    funder: str
    percent: Decimal | None = None
    amount_incl_tax: Decimal | None = None
    cap_incl_tax: Decimal | None = None
    minimum_incl_tax: Decimal = Decimal(0)
    producer: Producer | None = None
    listings: Iterable[Product] = field(default=())
    categories: Iterable[Category] = field(default=())
    uses_max: int | None = None
    uses_per_phone: int | None = 1


@transaction.atomic
def give_out(
    *, terms: Terms, code: str = "", batch: int = 0, actor: User | None, now: datetime
) -> VoucherTerms:
    """Write a voucher with one ``code`` that many may use, or ``batch`` codes for one use each.

    Raises WrongTerms with the field.
    """
    _check(terms, batch)
    code = codes.normalise(code)
    if not batch and not codes.is_chosen(code):
        raise WrongTerms(_("A code has 4 to 20 letters and digits, like SEN50."), "code")
    if not batch and Voucher.objects.filter(code=code).exists():
        raise WrongTerms(_("There is such a code already."), "code")
    starts_at, ends_at = _moments(terms)
    try:
        with transaction.atomic():
            voucher_set = VoucherSet.objects.create(
                name=terms.name, count=batch or 1, code_length=codes.LENGTH,
                start_datetime=starts_at, end_datetime=ends_at,
            )
    except IntegrityError:
        raise WrongTerms(_("There is a voucher of this name already."), "name") from None
    row = VoucherTerms(
        voucher_set=voucher_set,
        is_batch=bool(batch),
        created_by=actor,
        **_columns(terms, batch),
    )
    row.save(force_insert=True)
    row.listings.set(terms.listings)
    row.categories.set(terms.categories)
    _write_codes(row, [code] if not batch else _new_codes(batch))
    audit.record(
        action="voucher.given_out", actor=actor, target=row, before=None, after=_told(row)
    )
    return row


def _new_codes(count: int) -> list[str]:
    """So many that nobody has yet."""
    found: set[str] = set()
    while len(found) < count:
        fresh = {codes.new_code() for _n in range(count - len(found))}
        taken = Voucher.objects.filter(code__in=fresh).values_list("code", flat=True)
        found |= fresh - set(taken)
    return sorted(found)


def _write_codes(row: VoucherTerms, new: list[str]) -> None:
    """Oscar wants each name once, so a code is named by itself."""
    voucher_set = row.voucher_set
    Voucher.objects.bulk_create(
        (
            Voucher(
                name=f"{voucher_set.name[:100]} {code}",
                code=code,
                usage=Voucher.SINGLE_USE if row.is_batch else Voucher.MULTI_USE,
                start_datetime=voucher_set.start_datetime,
                end_datetime=voucher_set.end_datetime,
                voucher_set=voucher_set,
            )
            for code in new
        ),
        batch_size=1000,
    )


def _moments(terms: Terms) -> tuple[datetime, datetime]:
    """The first and the last moment of the days, in Viet Nam."""
    after = datetime.combine(terms.last_day + timedelta(days=1), time(), clock.TZ)
    return (
        datetime.combine(terms.first_day, time(), clock.TZ),
        after - timedelta(microseconds=1),
    )


def _check(terms: Terms, batch: int) -> None:
    """What constraints would refuse, said at the field."""
    Kind = VoucherTerms.Kind
    if terms.last_day < terms.first_day:
        raise WrongTerms(_("The last day lies before the first."), "last_day")
    if terms.kind == Kind.PERCENT and not (terms.percent and 0 < terms.percent <= 100):
        raise WrongTerms(_("Please give a percentage from 0.01 to 100."), "percent")
    if terms.kind == Kind.AMOUNT and not (terms.amount_incl_tax and terms.amount_incl_tax > 0):
        raise WrongTerms(_("Please give an amount above zero."), "amount_incl_tax")
    if terms.cap_incl_tax is not None and terms.cap_incl_tax <= 0:
        raise WrongTerms(_("Please give an amount above zero."), "cap_incl_tax")
    if terms.funder == VoucherTerms.Funder.PRODUCER and terms.producer is None:
        raise WrongTerms(_("Please say which producer pays for it."), "producer")
    if not 0 <= batch <= BATCH_MAX:
        raise WrongTerms(
            _("At most %(most)s codes at once.") % {"most": BATCH_MAX}, "batch"
        )


def _columns(terms: Terms, batch: int) -> dict[str, Any]:
    """Only what belongs to the kind is kept."""
    Kind = VoucherTerms.Kind
    return {
        "kind": terms.kind,
        "percent": terms.percent if terms.kind == Kind.PERCENT else None,
        "amount_incl_tax": terms.amount_incl_tax if terms.kind == Kind.AMOUNT else None,
        "cap_incl_tax": None if terms.kind == Kind.AMOUNT else terms.cap_incl_tax,
        "minimum_incl_tax": terms.minimum_incl_tax,
        "funder": terms.funder,
        "producer": terms.producer,
        "uses_max": batch or terms.uses_max,
        "uses_per_phone": terms.uses_per_phone,
    }


@transaction.atomic
def change(*, pk: int, terms: Terms, actor: User, now: datetime) -> VoucherTerms:
    """Write changed terms; after the first use only what ``EXTENSIBLE`` names.

    A use that was given back counts as one: its buyer was promised these terms. Holds the
    terms' row. Raises WrongTerms with the field.
    """
    row = _held(pk)
    _check(terms, row.voucher_set.count if row.is_batch else 0)
    before = _told(row)
    starts_at, ends_at = _moments(terms)
    columns = _columns(terms, row.voucher_set.count if row.is_batch else 0)
    if VoucherUse.objects.filter(terms=row).exists():
        columns = {name: columns[name] for name in ("uses_max", "uses_per_phone")}
        starts_at = row.begins_at
    else:
        row.listings.set(terms.listings)
        row.categories.set(terms.categories)
    limit = columns["uses_max"]
    if limit is not None and limit < row.uses:
        raise WrongTerms(
            _("It has been used %(count)s times already.") % {"count": row.uses}, "uses_max"
        )
    for name, value in columns.items():
        setattr(row, name, value)
    row.save(update_fields=list(columns))
    voucher_set = row.voucher_set
    voucher_set.name = terms.name
    voucher_set.start_datetime, voucher_set.end_datetime = starts_at, ends_at
    try:
        with transaction.atomic():
            voucher_set.save(update_fields=["name", "start_datetime", "end_datetime"])
    except IntegrityError:
        raise WrongTerms(_("There is a voucher of this name already."), "name") from None
    voucher_set.vouchers.update(start_datetime=starts_at, end_datetime=ends_at)
    after = _told(row)
    if after != before:
        audit.record(
            action="voucher.changed", actor=actor, target=row, before=before, after=after
        )
    return row


@transaction.atomic
def stop(*, pk: int, reason: str, actor: User, now: datetime) -> VoucherTerms:
    """End it now, for good; orders placed keep what they were promised. Repeating does nothing."""
    row = _held(pk)
    if row.stopped_at is None:
        row.stopped_at = now
        row.save(update_fields=["stopped_at"])
        audit.record(
            action="voucher.stopped", actor=actor, target=row,
            before={"stopped": False}, after={"stopped": True}, reason=reason,
        )
    return row


def _held(pk: int) -> VoucherTerms:
    return (
        VoucherTerms.objects.select_for_update(of=("self",))
        .select_related("voucher_set", "producer")
        .get(pk=pk)
    )


def _told(row: VoucherTerms) -> dict[str, Any]:
    """The terms as the audit keeps them."""
    voucher_set = row.voucher_set
    return {
        "name": voucher_set.name,
        "kind": row.kind,
        "percent": str(row.percent) if row.percent is not None else None,
        **{
            name: int(value) if (value := getattr(row, name)) is not None else None
            for name in ("amount_incl_tax", "cap_incl_tax", "minimum_incl_tax")
        },
        "funder": row.funder,
        "producer": row.producer_id,
        "listings": sorted(row.listings.values_list("pk", flat=True)),
        "categories": sorted(row.categories.values_list("pk", flat=True)),
        "from": f"{clock.local_date(voucher_set.start_datetime):%Y-%m-%d}",
        "through": f"{clock.local_date(voucher_set.end_datetime):%Y-%m-%d}",
        "codes": voucher_set.count,
        "uses_max": row.uses_max,
        "uses_per_phone": row.uses_per_phone,
    }


# --- Uses -------------------------------------------------------------------------------


def take(
    *,
    judged: judging.Judged,
    order: Order,
    phone: str,
    fees: Mapping[int, Decimal],
    now: datetime,
) -> VoucherUse:
    """Take one use for an order that is being placed, inside its transaction.

    ``fees``: producer id → taken off its delivery. Holds, in this order, the advisory lock of
    this number with these terms, the terms' row, the code's. Raises VoucherRefused: somebody
    else took the last use, or the office stopped it, a moment ago.
    """
    goods, delivery = sum(judged.off.values(), Decimal(0)), sum(fees.values(), Decimal(0))
    _take(judged.voucher, phone, goods + delivery)
    return VoucherUse.objects.create(
        order=order,
        voucher=judged.voucher,
        terms=judged.terms,
        goods_incl_tax=goods,
        delivery_incl_tax=delivery,
        taken_at=now,
    )


def _take(voucher: Voucher, phone: str, amount: Decimal) -> None:
    terms = voucher.voucher_set.terms
    _hold_phone(terms, phone)
    judging.check_phone(terms, phone)
    if not take_one(terms.pk):
        raise _gone(voucher)
    rows = Voucher.objects.filter(pk=voucher.pk)
    if terms.is_batch:
        rows = rows.filter(num_orders=0)
    if not rows.update(
        num_orders=F("num_orders") + 1, total_discount=F("total_discount") + amount
    ):
        raise _gone(voucher)


def take_one(terms_id: int) -> bool:
    """Count one use if one is left and it was not stopped; whether it was. The guard of R3.

    The condition and the change are one statement: a rival's uncommitted use is waited for,
    and the condition judged anew after it.
    """
    return bool(
        VoucherTerms.objects.filter(
            Q(uses_max=None) | Q(uses__lt=F("uses_max")), pk=terms_id, stopped_at=None
        ).update(uses=F("uses") + 1)
    )


def _gone(voucher: Voucher) -> VoucherRefused:
    return VoucherRefused(
        Reason.USED_UP,
        _("The code %(code)s has just been used up.") % {"code": voucher.code},
    )


def _hold_phone(terms: VoucherTerms, phone: str) -> None:
    """Let orders of one number be counted one after the other: uses to come have no row to lock."""
    if terms.uses_per_phone is None:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 7))",
            [f"voucher:{terms.pk}:{phone}"],
        )


def give_back(*, order_id: int, now: datetime) -> None:
    """Nothing of an order is sent: its use counts no more. Runs in the caller's transaction.

    Holds the use's row, the terms', the code's. Repeating it does nothing.
    """
    use = VoucherUse.objects.select_for_update().filter(order=order_id, given_back_at=None).first()
    if use is None:
        return
    use.given_back_at = now
    use.save(update_fields=["given_back_at"])
    VoucherTerms.objects.filter(pk=use.terms_id).update(uses=F("uses") - 1)
    Voucher.objects.filter(pk=use.voucher_id).update(
        num_orders=F("num_orders") - 1, total_discount=F("total_discount") - use.total_incl_tax
    )


def take_again(*, order: Order, now: datetime) -> None:
    """An expired order is taken anew, so its use is, too, whatever the day.

    Runs in the caller's transaction. Raises VoucherRefused when none is left.
    """
    use = (
        VoucherUse.objects.select_for_update()
        .filter(order=order.pk, given_back_at__isnull=False)
        .first()
    )
    if use is None:
        return
    voucher = queries.code_with(use.voucher_id)
    _take(voucher, order.details.phone, use.total_incl_tax)
    use.given_back_at = None
    use.save(update_fields=["given_back_at"])
