"""Sixty days of orders, placed and moved by the same actions that real ones go through.

The clock is set to each order's moment. Mail of the past is not sent: its tasks are taken out
again before the transaction commits, except for the last days', so that the mail box shows some.
"""

import random
from collections.abc import Iterator
from datetime import datetime, time, timedelta

from django.db import connection
from django.db.models import F
from django.db.models.functions import Coalesce
from oscar.apps.basket.models import Basket
from oscar.apps.partner.models import StockRecord

from catalogue.models import Product
from catalogue.strategy import Strategy
from marketplace.accounts.models import User
from marketplace.checkout.actions import ConsentGiven, Destination, place_order
from marketplace.checkout.errors import CheckoutRefused
from marketplace.checkout.queries import must_be_paid_ahead, offer
from marketplace.demo.loading import Tracker, parcels, read
from marketplace.kernel import clock
from marketplace.orders import actions
from marketplace.orders.actors import Actor
from marketplace.orders.models import Consignment
from marketplace.orders.queries import consent_texts
from marketplace.orders.states import State
from marketplace.places.models import Commune, Province

#: On the shelves while the past is replayed, so that nobody's order fails for want of stock.
PLENTY = 10_000
#: Days of which the mails are sent, to be read in the mail box.
RECENT_DAYS = 2
DAYTIME = (time(6, 30), time(22, 0))


def load(track: Tracker) -> None:
    """Replay the days up to this minute; stock ends as the content files have it."""
    script = read("orders.toml")
    past = Past(script)
    days = script["rhythm"]["days"]
    on_sale = dict(StockRecord.objects.values_list("pk", "num_in_stock"))
    StockRecord.objects.update(num_in_stock=F("num_in_stock") + PLENTY)
    for day in track(range(days, -1, -1), days + 1, "Days of orders"):
        if day == RECENT_DAYS:
            _forget_tasks()
        for moment in past.moments(day):
            with clock.frozen(moment):
                past.place(moment)
        past.move_on(clock.now() - timedelta(days=day))
    parcels.play(past)
    # The content files say what is on sale now; what open orders hold lies beside it.
    for pk, left in on_sale.items():
        StockRecord.objects.filter(pk=pk).update(num_in_stock=left + Coalesce("num_allocated", 0))


class Past:
    """A seeded chance and what it chooses from: the same day replays the same orders."""

    def __init__(self, script: dict) -> None:
        self.script, self.rhythm = script, script["rhythm"]
        self.chance = random.Random(f"{self.rhythm['seed']}-{clock.today():%Y-%m-%d}")  # noqa: S311
        self.customer = User.objects.get(email="khach@example.com")
        self.operator = User.objects.get(email="vanhanh@example.com")
        self.communes = {
            c.code: c
            for c in Commune.objects.filter(
                code__in={b["commune_code"] for b in script["buyer"]}, valid_through=None
            )
        }
        self.provinces = Province.objects.in_bulk()
        popularity = script["popularity"]
        units = (
            Product.objects.exclude(structure=Product.PARENT)
            .select_related(
                "parent__product_class", "parent__producer", "producer", "product_class"
            )
            .filter(stockrecords__isnull=False)
            .order_by("pk")
        )
        # These pay at the door; what is paid ahead has examples of its own (``payments``).
        self.units = [
            u
            for u in units
            if u.listing.is_public
            and u.listing.producer.is_identified
            and not must_be_paid_ahead(u)
        ]
        self.weights = [popularity.get(u.listing.slug, 1) for u in self.units]
        #: Consignments on their way: (moment of the next step, id, states still to go through).
        self.waiting: list[tuple[datetime, int, list[State]]] = []

    def moments(self, days_ago: int) -> Iterator[datetime]:
        """When people ordered on that day, none in the future."""
        day = clock.today() - timedelta(days=days_ago)
        low, high = self.rhythm["orders_per_day_min"], self.rhythm["orders_per_day_max"]
        count = self.chance.randint(low, high)
        if day.weekday() >= 5:
            count = round(count * self.rhythm["weekend_factor"])
        start = datetime.combine(day, DAYTIME[0], clock.TZ)
        span = (datetime.combine(day, DAYTIME[1], clock.TZ) - start).total_seconds()
        seconds = sorted(self.chance.uniform(0, span) for _ in range(count))
        now = clock.now()
        return (at for s in seconds if (at := start + timedelta(seconds=s)) < now)

    def place(self, moment: datetime) -> None:
        """One order at ``moment``; a refused one (say, fresh fruit to the north) was never made."""
        buyer = self.chance.choice(self.script["buyer"])
        basket = Basket.objects.create()
        basket.strategy = Strategy(now=moment)
        for unit in self._choose():
            if basket.strategy.fetch_for_product(unit).availability.is_available_to_buy:
                basket.add_product(unit, self.chance.choice(self.rhythm["quantity_per_line"]))
        province = self.provinces[buyer["province_code"]]
        commune = self.communes[buyer["commune_code"]]
        today = offer(basket=basket, province=province, commune=commune, now=moment)
        is_gift = self.chance.random() < self.rhythm["gift_share"]
        language = buyer["language"]
        try:
            order = place_order(
                basket=basket,
                destination=Destination(
                    recipient=buyer["name"],
                    phone=buyer["phone"],
                    province=province,
                    commune=commune,
                    street=buyer["street"],
                    note=buyer.get("note", ""),
                    email=buyer.get("email", ""),
                ),
                user=self.customer if buyer["phone"] == self.customer.phone else None,
                language=language,
                consents=[
                    ConsentGiven(text.purpose, text.version)
                    for text in consent_texts(clock.local_date(moment))
                    if text.is_required
                ],
                gift_text=self.chance.choice(self.script["gift_message"])[f"text_{language}"]
                if is_gift
                else "",
                hide_prices=is_gift,
                age_confirmed=True,
                expected=today.expected,
                idempotency_key=f"demo:{basket.pk}",
                now=moment,
            )
        except CheckoutRefused:
            basket.delete()
            return
        for consignment in order.consignments.order_by("pk"):
            self._plan(consignment, moment)

    def _choose(self) -> list[Product]:
        count = self.chance.choice(self.rhythm["lines_per_order"])
        return list(dict.fromkeys(self.chance.choices(self.units, self.weights, k=count)))

    def _plan(self, consignment: Consignment, placed: datetime) -> None:
        shares = self.script["outcome_after_a_week"]
        outcome = self.chance.choices(list(shares), list(shares.values()))[0]
        is_parcel = consignment.needs_delivery
        road = [State.CONFIRMED]
        road += [State.PACKED, State.HANDED_OVER] if is_parcel else []
        if outcome == "cancelled":
            road = [State.CANCELLED]
        elif outcome == "declined":
            road = [State.DECLINED]
        elif outcome in {"refused", "returned"} and is_parcel:
            road += [State(outcome)]
        else:
            road += [State.DELIVERED, State.COMPLETED]
        self.waiting.append((placed + self._pause(3), consignment.pk, road))

    def _pause(self, hours: float) -> timedelta:
        return timedelta(hours=self.chance.uniform(hours / 3, hours * 2))

    def move_on(self, until: datetime) -> None:
        """Take every step that fell due up to ``until``."""
        while self.waiting:
            self.waiting.sort()
            moment, pk, road = self.waiting[0]
            if moment > min(until, clock.now()):
                return
            self.waiting.pop(0)
            step = road.pop(0)
            with clock.frozen(moment):
                actions.move(
                    consignment_id=pk, to=step, actor=self._actor(step),
                    reason=self._reason(step), now=moment,
                )
            if road:
                self.waiting.append((moment + self._pause(_HOURS_BEFORE[road[0]]), pk, road))

    def _actor(self, step: State) -> Actor:
        if step == State.CANCELLED:
            return Actor.buyer()
        if step == State.COMPLETED:
            return Actor.clock()
        return Actor.office(self.operator)

    def _reason(self, step: State) -> str:
        kind = {
            State.CANCELLED: "cancel_reason",
            State.DECLINED: "decline_reason",
            State.REFUSED: "refusal_reason",
            State.RETURNED: "refusal_reason",
        }.get(step)
        return self.chance.choice(self.script[kind])["text_vi"] if kind else ""


#: About how long each step takes after the one before, in hours.
_HOURS_BEFORE = {
    State.PACKED: 12,
    State.HANDED_OVER: 6,
    State.DELIVERED: 40,
    State.REFUSED: 40,
    State.RETURNED: 48,
    State.COMPLETED: 96,
}


def _forget_tasks() -> None:
    """Take out what the replay enqueued so far; nothing of it has been seen by a worker."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE status = 'todo'")
