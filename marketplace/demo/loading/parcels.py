"""Parcels in every state that the desks show, brought there by the real actions.

They belong to growers whose desks have demo accounts. The clock is set to each step's moment.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.core.files.base import ContentFile

from marketplace.demo.loading import drawings
from marketplace.kernel import clock
from marketplace.media import encoding
from marketplace.orders import actions
from marketplace.orders.actions import HandoverDetails, Missing
from marketplace.orders.actors import Actor
from marketplace.orders.models import Chase, Consignment, ShortPack
from marketplace.orders.queries import replacements_for
from marketplace.orders.states import State
from marketplace.producers.models import Membership

if TYPE_CHECKING:
    from marketplace.demo.loading.orders import Past

#: Orders tried until one can be placed that serves as an example.
TRIES = 60


def play(past: Past) -> None:
    """Place the examples' orders in the last days and take each as far as it should stand."""
    with _of_desks(past):
        for example in (
            _asked, _cannot_deliver, _waiting, _replaced, _paid_back, _silent, _nothing_left,
            _handed_over_with_photo, _late, _reported, _answered, _refused_fresh, _returned,
            _taken_back, _unconfirmed,
        ):
            example(past)


@contextmanager
def _of_desks(past: Past) -> Iterator[None]:
    """Only goods of growers that somebody can sign in for."""
    units, weights = past.units, past.weights
    staffed = set(Membership.objects.values_list("producer", flat=True))
    chosen = [
        (unit, weight)
        for unit, weight in zip(units, weights, strict=True)
        if unit.listing.producer_id in staffed
    ]
    if chosen:
        past.units, past.weights = map(list, zip(*chosen, strict=True))
    yield
    past.units, past.weights = units, weights


class _Example:
    """One parcel, whose next steps happen one after the other."""

    def __init__(
        self, past: Past, *, days_ago: float, pieces: int = 1, is_fresh: bool = False
    ) -> None:
        self.past = past
        self.now = clock.now() - timedelta(days=days_ago)
        self.parcel = self._placed(pieces, is_fresh)

    def _placed(self, pieces: int, is_fresh: bool) -> Consignment | None:
        for _try in range(TRIES):
            known = len(self.past.waiting)
            with clock.frozen(self.now):
                self.past.place(self.now)
            new = [pk for _at, pk, _road in self.past.waiting[known:]]
            fit = [
                parcel
                for parcel in Consignment.objects.filter(pk__in=new, needs_delivery=True)
                if parcel.released_at
                and (not is_fresh or parcel.shipping_class in actions.SPOILS)
                and any(row.quantity >= pieces for row in parcel.lines.all())
            ]
            if fit:
                # The example goes its own way; the order's other parcels go on by themselves.
                self.past.waiting = [w for w in self.past.waiting if w[1] != fit[0].pk]
                return fit[0]
        return None

    def go(self, *states: State, hours: float = 2, **more: object) -> _Example:
        """Move on, each step some hours after the one before."""
        for state in states:
            self.now = min(self.now + timedelta(hours=hours), clock.now())
            if self.parcel is not None:
                with clock.frozen(self.now):
                    actions.move(
                        consignment_id=self.parcel.pk, to=state,
                        actor=Actor.office(self.past.operator), now=self.now, **more,
                    )
        return self

    def ask(self, *, can_send: int = 1, later: bool = True, instead: bool = False) -> ShortPack:
        """Something is missing."""
        self.now = min(self.now + timedelta(hours=1), clock.now())
        line = max(self.parcel.lines.all(), key=lambda row: row.quantity)
        other = None
        if instead:
            other = next(
                (
                    record.pk
                    for record in replacements_for(self.parcel, now_missing=line)
                    if record.net_stock_level >= line.quantity
                ),
                None,
            )
        with clock.frozen(self.now):
            return actions.ask_buyer(
                consignment_id=self.parcel.pk,
                lines=[
                    Missing(line.pk, min(can_send, line.quantity - 1), replacement_id=other)
                ],
                note="Giông đêm qua làm rụng một phần trái, không đủ số đã hẹn.",
                new_handover_on=(
                    clock.local_date(self.now) + timedelta(days=4) if later else None
                ),
                actor=Actor.office(self.past.operator),
                now=self.now,
            )

    def answer(self, asked: ShortPack, answer: str) -> None:
        """The buyer says what he wishes, where it was offered."""
        self.now = min(self.now + timedelta(hours=3), clock.now())
        if answer == ShortPack.Answer.REPLACE and not asked.lines.filter(
            replacement__isnull=False
        ):
            answer = ShortPack.Answer.MONEY_BACK
        with clock.frozen(self.now):
            actions.answer_short_pack(
                short_pack_id=asked.pk, answer=answer, actor=Actor.buyer(), now=self.now
            )

    def report(self, reason: str, note: str) -> int | None:
        """The buyer misses something."""
        self.now = min(self.now + timedelta(hours=5), clock.now())
        with clock.frozen(self.now):
            return actions.report_not_arrived(
                consignment_id=self.parcel.pk, reason=reason, note=note, now=self.now
            ).pk


def _asked(past: Past) -> None:
    example = _Example(past, days_ago=0.4, pieces=2).go(State.CONFIRMED)
    if example.parcel:
        example.ask(instead=True)


def _cannot_deliver(past: Past) -> None:
    """Nothing of it can be sent now; the buyer may wait, and has not answered yet."""
    example = _Example(past, days_ago=0.3)
    if example.parcel is None:
        return
    example.now += timedelta(hours=1)
    with clock.frozen(example.now):
        actions.ask_buyer(
            consignment_id=example.parcel.pk,
            lines=[Missing(line.pk, 0) for line in example.parcel.lines.all()],
            note="Nước lên, vườn chưa vô được, tuần sau mới thu hoạch.",
            new_handover_on=clock.local_date(example.now) + timedelta(days=6),
            actor=Actor.office(past.operator),
            now=example.now,
        )


def _waiting(past: Past) -> None:
    example = _Example(past, days_ago=2, pieces=2).go(State.CONFIRMED)
    if example.parcel:
        example.answer(example.ask(), ShortPack.Answer.WAIT)


def _replaced(past: Past) -> None:
    example = _Example(past, days_ago=2, pieces=2).go(State.CONFIRMED)
    if example.parcel:
        example.answer(example.ask(instead=True), ShortPack.Answer.REPLACE)


def _paid_back(past: Past) -> None:
    example = _Example(past, days_ago=3, pieces=2).go(State.CONFIRMED)
    if example.parcel:
        example.answer(example.ask(), ShortPack.Answer.MONEY_BACK)
        example.go(State.PACKED)


def _silent(past: Past) -> None:
    example = _Example(past, days_ago=3, pieces=2).go(State.CONFIRMED)
    if example.parcel:
        asked = example.ask(later=False)
        example.now = asked.answer_by
        with clock.frozen(example.now):
            actions.close_silent(short_pack_id=asked.pk, now=example.now)


def _nothing_left(past: Past) -> None:
    example = _Example(past, days_ago=2).go(State.CONFIRMED)
    if example.parcel and example.parcel.lines.count() == 1:
        example.answer(example.ask(can_send=0), ShortPack.Answer.MONEY_BACK)


def _photo() -> encoding.CleanImage:
    """A picture of ours, since no camera was there."""
    file = next(iter(drawings.index()))
    return encoding.clean(
        ContentFile(drawings.as_png(drawings.DRAWINGS / file), name="parcel.png")
    )


def _handed_over_with_photo(past: Past) -> None:
    _Example(past, days_ago=1.2).go(State.CONFIRMED, State.PACKED).go(
        State.HANDED_OVER,
        handover=HandoverDetails("Viettel Post", "VTP2611280042", _photo()),
    )


def _on_its_way(past: Past, days_ago: float, **more: object) -> _Example:
    return _Example(past, days_ago=days_ago, **more).go(State.CONFIRMED, State.PACKED).go(
        State.HANDED_OVER, handover=HandoverDetails("Giao Hàng Nhanh", "GHN7K2M9QX")
    )


def _late(past: Past) -> None:
    example = _on_its_way(past, days_ago=12)
    if example.parcel:
        example.now = clock.now() - timedelta(hours=6)
        if example.parcel.promise_on < clock.today():
            example.report("late", "Gọi bưu tá không ai bắt máy.")


def _reported(past: Past) -> None:
    example = _on_its_way(past, days_ago=4).go(State.DELIVERED, hours=30)
    if example.parcel:
        example.report("part", "Thùng bị móp, thiếu một gói.")


def _answered(past: Past) -> None:
    example = _on_its_way(past, days_ago=5).go(State.DELIVERED, hours=30)
    if example.parcel:
        report = example.report("shown", "")
        with clock.frozen(example.now):
            actions.answer_report(
                report_id=report, answer="Bưu tá gửi nhà bên cạnh, anh chị qua nhận giúp.",
                actor=Actor.office(past.operator), now=example.now,
            )


def _refused_fresh(past: Past) -> None:
    _on_its_way(past, days_ago=4, is_fresh=True).go(
        State.REFUSED, hours=30, reason="Người nhận đi vắng, hàng tươi không giữ lại được."
    )


def _returned(past: Past) -> None:
    _on_its_way(past, days_ago=6).go(
        State.RETURNED, hours=40, reason="Sai địa chỉ, bưu tá chuyển hoàn.", put_back=True
    )


def _taken_back(past: Past) -> None:
    example = _Example(past, days_ago=0.5).go(State.CONFIRMED, State.PACKED)
    if example.parcel:
        example.now += timedelta(minutes=2)
        with clock.frozen(example.now):
            actions.undo(
                consignment_id=example.parcel.pk, actor=Actor.office(past.operator),
                now=example.now,
            )


def _unconfirmed(past: Past) -> None:
    """Long enough without a word that the office calls, at the first working hour."""
    example = _Example(past, days_ago=1.9)
    if example.parcel is None:
        return
    moment: datetime = example.now
    while moment < clock.now() and not Chase.objects.filter(
        pk=example.parcel.pk, escalated_at__isnull=False
    ):
        moment += timedelta(minutes=30)
        with clock.frozen(moment):
            actions.chase(consignment_id=example.parcel.pk, now=moment)
