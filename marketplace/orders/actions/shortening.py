"""Goods are missing: the buyer is asked, and what is not sent is neither kept nor paid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override
from oscar.apps.order.models import Line, LinePrice, Order
from oscar.apps.partner.models import StockRecord

from catalogue import actions as catalogue
from catalogue.strategy import unit_price
from marketplace.accounts.models import User
from marketplace.kernel import clock
from marketplace.kernel.money import Money, round_amount, split_by_largest_remainder
from marketplace.orders import kinds, locks, news, queries
from marketplace.orders.actions.moves import carry_out, plan
from marketplace.orders.actors import Actor
from marketplace.orders.errors import AnsweredAlready, NotOffered, WrongShortPack
from marketplace.orders.models import (
    Consignment,
    ConsignmentLine,
    ShortPack,
    ShortPackLine,
)
from marketplace.orders.signals import lines_dropped
from marketplace.orders.states import State
from marketplace.platform import audit

Answer = ShortPack.Answer


@dataclass(frozen=True)
class Missing:
    """Of one line (by id) so many can be sent; perhaps something else instead of the rest."""

    line_id: int
    can_send: int
    #: The missing pieces can be sold to somebody else; False: they are written off.
    is_sellable: bool = False
    replacement_id: int | None = None


@dataclass(frozen=True)
class _Dropped:
    """One line's share of what is not sent, in whole đồng."""

    net: Decimal
    discount: Decimal


@transaction.atomic
def ask_buyer(
    *,
    consignment_id: int,
    lines: Sequence[Missing],
    note: str,
    new_handover_on: date | None = None,
    actor: Actor | User,
    now: datetime,
) -> ShortPack:
    """Say what is missing and ask the buyer: wait, take something else, or the money back.

    Holds the order's and its consignments' rows. Nothing of stock or money moves before the
    answer. With ``new_handover_on`` the buyer may wait; the promise moves by as many days.
    Raises WrongShortPack (with the field), ReasonMissing, MoveNotAllowed, MoveForbidden.
    """
    consignment, order, consignments = locks.consignment_with_order(consignment_id)
    planned = plan(consignment, State.SHORT_PACKED, actor, note)
    rows = _judge(consignment, lines, new_handover_on, clock.local_date(now))
    terms = queries.terms_on(clock.local_date(now))
    hours = terms.short_pack_answer_hours if terms else 24
    asked = ShortPack.objects.create(
        consignment=consignment,
        note=note.strip(),
        new_handover_on=new_handover_on,
        new_promise_on=_moved_promise(consignment, new_handover_on),
        asked_at=now,
        answer_by=now + timedelta(hours=hours),
    )
    for row in rows:
        row.short_pack = asked
    ShortPackLine.objects.bulk_create(rows)
    carry_out(order, consignments, [planned], reason=note.strip(), put_back=None, now=now)
    news.ask_about_missing(order, consignment, asked)
    return asked


def _moved_promise(consignment: Consignment, handover_on: date | None) -> date | None:
    if handover_on is None:
        return None
    return handover_on + (consignment.promise_on - consignment.handover_on)


def _judge(
    consignment: Consignment, lines: Sequence[Missing], handover_on: date | None, today: date
) -> list[ShortPackLine]:
    """The missing goods of a locked consignment, unsaved; raises WrongShortPack."""
    own = {line.pk: line for line in consignment.lines.select_related("line__product")}
    rows = []
    for said in lines:
        line = own.get(said.line_id)
        if line is None:
            raise WrongShortPack(_("This is not part of the parcel."))
        if not 0 <= said.can_send <= line.quantity_left:
            raise WrongShortPack(
                _("Please give a number from 0 to %(most)s.") % {"most": line.quantity_left},
                f"can_send_{line.pk}",
            )
        missing = line.quantity_left - said.can_send
        if not missing:
            continue
        replacement = None
        if said.replacement_id is not None:
            replacement = (
                queries.replacements_for(consignment, now_missing=line)
                .filter(pk=said.replacement_id)
                .first()
            )
            if replacement is None or replacement.net_stock_level < missing:
                raise WrongShortPack(
                    _("There is not enough of this to go instead."), f"replacement_{line.pk}"
                )
        rows.append(
            ShortPackLine(
                line=line,
                missing=missing,
                is_sellable=said.is_sellable,
                replacement=replacement,
            )
        )
    if len({row.line_id for row in rows}) != len(rows):
        raise WrongShortPack(_("This is not part of the parcel."))
    if not rows:
        raise WrongShortPack(_("Nothing is missing: then the parcel can go as it is."))
    if handover_on is not None and not today < handover_on <= today + timedelta(days=60):
        raise WrongShortPack(
            _("Please choose a day after today, within 60 days."), "new_handover_on"
        )
    offers = handover_on is not None or any(row.replacement for row in rows)
    left = sum(line.quantity_left for line in own.values()) - sum(row.missing for row in rows)
    if not left and not offers:
        raise WrongShortPack(
            _(
                "Please say from when on you have it again, or what goes instead. If you can offer "
                "neither, decline the parcel."
            ),
            "new_handover_on",
        )
    return rows


@transaction.atomic
def answer_short_pack(
    *, short_pack_id: int, answer: str, actor: Actor | User, now: datetime
) -> Consignment:
    """The buyer waits, takes the replacement, or wants the money back for what is missing.

    Holds the order's and its consignments' rows. What is not sent leaves the parcel: its stock
    is freed or written off as the producer said, the ledger hears ``lines_dropped``, and a
    replacement is taken and never costs the buyer more. Nothing left to send: declined. Raises
    AnsweredAlready, NotOffered, StockGone, MoveForbidden; then nothing has changed.
    """
    order_id = ShortPack.objects.values_list("consignment__order", flat=True).get(
        pk=short_pack_id
    )
    order, consignments = locks.order_with_consignments(order_id)
    asked = ShortPack.objects.get(pk=short_pack_id)
    if asked.answer != Answer.OPEN:
        raise AnsweredAlready
    consignment = next(c for c in consignments if c.pk == asked.consignment_id)
    if answer not in queries.answers_offered(asked) and answer != Answer.SILENCE:
        raise NotOffered
    if answer != Answer.WAIT:
        # Judged before anything is written.
        judged = plan(consignment, State.CONFIRMED, actor, "")
        before = int(consignment.reduced_incl_tax)
        _drop(order, consignment, asked, with_replacement=answer == Answer.REPLACE, now=now)
        audit.record(
            action="consignment.shortened",
            actor=judged.user,
            target=consignment,
            before={"reduced_incl_tax": before},
            after={"reduced_incl_tax": int(consignment.reduced_incl_tax), "answer": answer},
        )
    asked.answer, asked.answered_at = answer, now
    asked.save(update_fields=["answer", "answered_at"])
    if answer == Answer.WAIT:
        consignment.handover_on = asked.new_handover_on
        consignment.promise_on = asked.new_promise_on
        consignment.save(update_fields=["handover_on", "promise_on"])
    goes_on = any(line.quantity_left for line in consignment.lines.all())
    to = State.CONFIRMED if goes_on else State.DECLINED
    with override(order.details.language):
        reason = str(Answer(answer).label) if goes_on else asked.note
    planned = plan(consignment, to, actor, reason)
    carry_out(order, consignments, [planned], reason=reason, put_back=None, now=now)
    news.missing_answered(order, consignment, asked)
    return consignment


@transaction.atomic
def close_silent(*, short_pack_id: int, now: datetime) -> bool:
    """Money back where the buyer has said nothing in time; whether it was so. Idempotent."""
    order_id = ShortPack.objects.values_list("consignment__order", flat=True).get(
        pk=short_pack_id
    )
    locks.order_with_consignments(order_id)
    if not ShortPack.objects.filter(
        pk=short_pack_id, answer=Answer.OPEN, answer_by__lte=now
    ).exists():
        return False
    answer_short_pack(
        short_pack_id=short_pack_id, answer=Answer.SILENCE, actor=Actor.clock(), now=now
    )
    return True


def _drop(
    order: Order, consignment: Consignment, asked: ShortPack, *, with_replacement: bool,
    now: datetime,
) -> None:
    """Take what is missing out of the parcel, in stock-record order."""
    rows = list(
        asked.lines.select_related("line__line", "replacement__product").order_by(
            "line__stockrecord", "pk"
        )
    )
    freed, lost, wanted = [], [], []
    net = discount = replaced = Decimal(0)
    places: dict[int, int] = {}
    for row in rows:
        taken = kinds.Taken(row.line.kind, row.line.stockrecord_id, row.missing)
        (freed if row.is_sellable else lost).append(taken)
        if row.is_sellable and row.line.stockrecord_id:
            pk = row.line.stockrecord_id
            places[pk] = places.get(pk, 0) - row.missing
        share = _share(row)
        net, discount = net + share.net, discount + share.discount
        if with_replacement and row.replacement:
            wanted.append((row, min(share.net, _price(row.replacement, now) * row.missing)))
        row.line.dropped += row.missing
        row.line.dropped_incl_tax += share.net
        row.line.save(update_fields=["dropped", "dropped_incl_tax"])
        if row.line.kind == "goods":
            Line.objects.filter(pk=row.line.line_id).update(num_allocated=row.line.quantity_left)
    for kind, things in kinds.grouped(freed):
        kind.give_back(things, now=now)
    for kind, things in kinds.grouped(lost):
        kind.consume(things, now=now)
    for row, amount in wanted:
        _replace(order, consignment, row, amount, now)
        replaced += amount
        places[row.replacement_id] = places.get(row.replacement_id, 0) + row.missing
    consignment.reduced_incl_tax += net - replaced
    consignment.lapsed_discount_incl_tax += discount
    consignment.save(update_fields=["reduced_incl_tax", "lapsed_discount_incl_tax"])
    if places:
        catalogue.stock_moved(taken=places)
    lines_dropped.send(
        Consignment,
        consignment=consignment,
        net=net,
        discount=discount,
        replaced=replaced,
        key=f"consignment:{consignment.number}:short:{asked.pk}",
        now=now,
    )


def _share(row: ShortPackLine) -> _Dropped:
    """What the missing pieces cost, of what the line still costs: by largest remainder.

    What vouchers took off them lapses with them.
    """
    line = row.line
    weights = [row.missing, line.quantity_left - row.missing]
    net = split_by_largest_remainder(Money(line.price_left_incl_tax), weights)[0].amount
    gross = line.line.line_price_before_discounts_incl_tax
    if gross == line.line.line_price_incl_tax:
        return _Dropped(net, Decimal(0))
    # Before discounts a line costs so many times its whole unit price.
    return _Dropped(net, gross / line.quantity * row.missing - net)


def _price(record: StockRecord, now: datetime) -> Decimal:
    return round_amount(
        unit_price(
            record.price or Decimal(0), list(record.sale_prices.all()), now
        ).price_incl_tax
    )


def _replace(
    order: Order, consignment: Consignment, row: ShortPackLine, amount: Decimal, now: datetime
) -> None:
    """Put the replacement into the parcel for ``amount``; raises StockGone."""
    record, unit = row.replacement, row.replacement.product
    kind = kinds.kind_of(unit)
    kind.take([kinds.Taken(kind.code, record.pk, row.missing)], now=now)
    rate = unit.listing.vat_rate or Decimal(0)
    without_tax = round_amount(amount * 100 / (100 + rate))
    each, each_without_tax = (round_amount(a / row.missing) for a in (amount, without_tax))
    line = Line.objects.create(
        order=order,
        partner=record.partner,
        partner_name=record.partner.name,
        partner_sku=record.partner_sku,
        stockrecord=record,
        product=unit,
        title=queries.title_of(unit)[:255],
        upc=unit.gtin or unit.upc,
        quantity=row.missing,
        line_price_incl_tax=amount,
        line_price_excl_tax=without_tax,
        line_price_before_discounts_incl_tax=amount,
        line_price_before_discounts_excl_tax=without_tax,
        unit_price_incl_tax=each,
        unit_price_excl_tax=each_without_tax,
        tax_code=f"{rate:.2f}",
        status=State.CONFIRMED,
        num_allocated=row.missing if kind.code == "goods" else 0,
    )
    LinePrice.objects.create(
        order=order, line=line, quantity=row.missing, price_incl_tax=each,
        price_excl_tax=each_without_tax, tax_code=line.tax_code,
    )
    ConsignmentLine.objects.create(
        consignment=consignment,
        line=line,
        kind=kind.code,
        stockrecord=record,
        quantity=row.missing,
        replaces=row.line,
        shipping_class=row.line.shipping_class,
    )
