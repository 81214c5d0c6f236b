"""Transfers, refunds and payouts in every state, brought there by the actions that real ones use.

The bank account is invented: no bank has its number, so nobody can pay into it by mistake.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from oscar.apps.basket.models import Basket
from oscar.apps.order.models import Order
from oscar.apps.voucher.models import Voucher

from catalogue.models import Product, ShippingClass
from catalogue.strategy import Strategy
from marketplace.accounts.models import User
from marketplace.checkout.actions import ConsentGiven, Destination, InvoiceWanted, place_order
from marketplace.checkout.queries import must_be_paid_ahead, offer
from marketplace.demo.loading import Tracker, read
from marketplace.kernel import clock
from marketplace.orders import actions as orders
from marketplace.orders.actors import Actor
from marketplace.orders.models import Consignment
from marketplace.orders.queries import consent_texts
from marketplace.orders.states import State
from marketplace.payments import (
    actions,
    banks,
    payout_actions,
    receipt_actions,
    refund_actions,
    transfer_actions,
)
from marketplace.payments.errors import NothingToRemit
from marketplace.payments.models import CollectorAccount, FeeTerms, Method, Transfer
from marketplace.places.models import Commune
from marketplace.producers.models import Producer

_SOURCE = "Invented, for the demonstration"
_HOUR = timedelta(hours=1)
#: Carriers pay in the cash of what was delivered so many days ago.
_REMITTED_AFTER = timedelta(days=10)


def load_terms(track: Tracker) -> None:
    """The operator's account, what the platform takes, and where producers are paid."""
    since = clock.today().replace(month=1, day=1)
    CollectorAccount.objects.get_or_create(
        effective_from=since,
        defaults={
            "bank_bin": "999999",
            "bank_name": "Ngân hàng Sen Việt (mẫu)",
            "account_no": "000011260711",
            "holder": "CONG TY DAT SEN (MAU)",
            "source": _SOURCE,
        },
    )
    for kind, producer_kind, percent in (("platform", "", 5), ("platform", "cooperative", 3)):
        FeeTerms.objects.get_or_create(
            kind=kind, producer_kind=producer_kind, effective_from=since,
            defaults={"percent": percent, "source": _SOURCE},
        )
    clerk = _clerk()
    bins = list(banks.names())
    producers = list(Producer.objects.order_by("pk"))
    # The last is still to be asked for an account.
    for n, producer in enumerate(track(producers[:-1], len(producers) - 1, "Bank accounts")):
        payout_actions.set_account(
            producer=producer,
            bank_bin=bins[n % len(bins)],
            account_no=f"0000{producer.pk:08d}",
            holder=f"TAI KHOAN MAU {producer.pk}",
            actor=clerk,
            now=clock.now(),
        )


def load(track: Tracker) -> None:
    """One order in each state of a transfer and of a refund; some producers paid."""
    shop = Shop()
    for example in track(EXAMPLES, len(EXAMPLES), "Transfers and refunds"):
        example(shop)
    _pay_out()


def _clerk() -> User:
    return User.objects.filter(groups__name="finance").order_by("pk").first() or User.objects.get(
        email="vanhanh@example.com"
    )


class Shop:
    """Places orders, each at its own moment, and records what the bank shows."""

    def __init__(self) -> None:
        self.clerk = _clerk()
        self.now = clock.now()
        buyers = [b for b in read("orders.toml")["buyer"] if b["province_code"] == "82"]
        self.buyers = (buyer for _again in range(99) for buyer in buyers)
        self.units = self._units(ShippingClass.AMBIENT)
        self.visits = self._units(ShippingClass.NONE)
        self.bank_id = 0

    def _units(self, shipping_class: str) -> Iterator[Product]:
        """What is sent in this way, with enough left, over and over."""
        units = [
            unit
            for unit in Product.objects.exclude(structure=Product.PARENT)
            .filter(stockrecords__isnull=False)
            .select_related("parent", "parent__producer", "producer", "product_class")
            .order_by("pk")
            if unit.listing.is_public
            and unit.listing.producer.is_identified
            and unit.listing.shipping_class == shipping_class
            and Strategy(now=self.now).fetch_for_product(unit).availability.is_available_to_buy
            and unit.stockrecords.get().net_stock_level >= 8
        ]
        while units:
            yield from units

    def place(
        self,
        hours_ago: float,
        *,
        code: Voucher | None = None,
        of: Producer | None = None,
        invoice: InvoiceWanted | None = None,
        units: Iterator[Product] | None = None,
    ) -> Order:
        """By transfer; with a ``code`` or an ``invoice`` by cash on delivery, and of one grower's
        goods if told."""
        moment = self.now - hours_ago * _HOUR
        is_cod = code is not None or invoice is not None
        unit = next(
            unit
            for unit in units or self.units
            if (of is None or unit.listing.producer == of)
            and not (is_cod and must_be_paid_ahead(unit))
        )
        with clock.frozen(moment):
            return self._place(moment, unit, code, invoice)

    def _place(
        self,
        moment: datetime,
        unit: Product,
        code: Voucher | None,
        invoice: InvoiceWanted | None,
    ) -> Order:
        buyer = next(self.buyers)
        basket = Basket.objects.create()
        basket.strategy = Strategy(now=moment)
        basket.add_product(unit, 1)
        if code is not None:
            basket.vouchers.set([code])
        commune = Commune.objects.select_related("province").get(
            code=buyer["commune_code"], valid_through=None
        )
        seen = offer(
            basket=basket, province=commune.province, commune=commune, phone=buyer["phone"],
            now=moment,
        )
        return place_order(
            basket=basket,
            destination=Destination(
                recipient=buyer["name"],
                phone=buyer["phone"],
                province=commune.province,
                commune=commune,
                street=buyer["street"],
                email=buyer.get("email", ""),
            ),
            method=Method.COD if code or invoice else Method.VIETQR,
            invoice=invoice,
            language=buyer["language"],
            consents=[
                ConsentGiven(text.purpose, text.version)
                for text in consent_texts(clock.local_date(moment))
                if text.is_required
            ],
            age_confirmed=True,
            expected=seen.expected,
            idempotency_key=f"demo:transfer:{basket.pk}",
            now=moment,
        )

    def receive(self, order: Order | None, amount: Decimal, hours_ago: float) -> None:
        moment = self.now - hours_ago * _HOUR
        self.bank_id += 1
        transfer = Transfer.objects.get(order=order.pk) if order else None
        with clock.frozen(moment):
            receipt_actions.record(
                bank_id=f"MAU{self.bank_id:06d}",
                amount=Decimal(amount),
                received_at=moment - timedelta(minutes=4),
                transfer_id=transfer.pk if transfer else None,
                note="" if order else "chuyen tien mua hang",
                actor=self.clerk,
                now=moment,
            )

    def owed(self, hours_ago: float) -> Order:
        """Paid, then cancelled by its buyer."""
        order = self.place(hours_ago)
        self.receive(order, order.total_incl_tax, hours_ago - 1)
        with clock.frozen(at := self.now - (hours_ago - 2) * _HOUR):
            orders.cancel_order(order_id=order.pk, actor=Actor.buyer(), now=at)
        return order

    def tell(self, order: Order) -> None:
        refund_actions.tell_account(
            order_id=order.pk, bank_bin="970405", account_no="000099990001",
            holder="TAI KHOAN MAU", now=self.now,
        )

    def send_back(self, order: Order, then: Callable[..., object] | None = None) -> None:
        """Sent, and then perhaps confirmed or undone."""
        self.tell(order)
        refund = refund_actions.send(
            order_id=order.pk, amount=order.total_incl_tax, reference=f"MAU-HT-{order.number}",
            actor=self.clerk, now=self.now,
        )
        if then is not None:
            then(refund_id=refund.pk, actor=self.clerk, now=self.now)


def _awaiting(shop: Shop) -> None:
    shop.place(2)


def _claimed(shop: Shop) -> None:
    order = shop.place(5)
    transfer_actions.claim(order_id=order.pk, now=shop.now - _HOUR)


def _received(shop: Shop) -> None:
    order = shop.place(20)
    shop.receive(order, order.total_incl_tax, 18)


def _under(shop: Shop) -> None:
    order = shop.place(6)
    shop.receive(order, order.total_incl_tax // 2, 3)


def _over(shop: Shop) -> None:
    order = shop.place(22)
    shop.receive(order, order.total_incl_tax + 50_000, 21)


def _expired(shop: Shop) -> Order:
    order = shop.place(70)
    with clock.frozen(at := shop.now - 46 * _HOUR):
        orders.release_expired(order_id=order.pk, now=at)
    return order


def _late(shop: Shop) -> None:
    order = _expired(shop)
    # Not enough to take the order anew.
    shop.receive(order, order.total_incl_tax // 2, 40)


def _unmatched(shop: Shop) -> None:
    shop.receive(None, Decimal(185_000), 4)


def _owed(shop: Shop) -> None:
    shop.owed(30)


def _owed_with_account(shop: Shop) -> None:
    shop.tell(shop.owed(50))


def _sent(shop: Shop) -> None:
    shop.send_back(shop.owed(80))


def _confirmed(shop: Shop) -> None:
    shop.send_back(shop.owed(120), refund_actions.confirm)


def _undone(shop: Shop) -> None:
    shop.send_back(shop.owed(100), refund_actions.undo)


def _at_the_door(shop: Shop) -> None:
    """To be paid by transfer, then rather at the door."""
    order = shop.place(7)
    with clock.frozen(at := shop.now - 6 * _HOUR):
        transfer_actions.pay_at_the_door(order_id=order.pk, now=at)


def _visit(shop: Shop) -> None:
    """A service, which is always paid ahead."""
    order = shop.place(26, units=shop.visits)
    shop.receive(order, order.total_incl_tax, 24)


def _paid_and_missing(shop: Shop) -> None:
    """Paid; the grower has none now, and has asked whether the buyer waits."""
    order = shop.place(12)
    shop.receive(order, order.total_incl_tax, 10)
    parcel = order.consignments.get()
    with clock.frozen(at := shop.now - 4 * _HOUR):
        orders.ask_buyer(
            consignment_id=parcel.pk,
            lines=[orders.Missing(line.pk, 0) for line in parcel.lines.all()],
            note="Mẻ này hết sớm hơn dự tính, mẻ sau mới đủ hàng.",
            new_handover_on=clock.local_date(at) + timedelta(days=5),
            actor=Actor.office(shop.clerk),
            now=at,
        )


EXAMPLES = (
    _awaiting, _claimed, _received, _under, _over, _expired, _late, _unmatched, _at_the_door,
    _visit, _paid_and_missing, _owed, _owed_with_account, _sent, _confirmed, _undone,
)  # fmt: skip


def _pay_out() -> None:
    """The carriers' cash of some time ago is in; some producers are paid."""
    clerk, now = _clerk(), clock.now()
    for pk in Consignment.objects.filter(
        state=State.COMPLETED, state_changed_at__lt=now - _REMITTED_AFTER
    ).values_list("pk", flat=True):
        try:
            actions.remit(consignment_id=pk, reference="MAU-COD", actor=clerk, now=now)
        except NothingToRemit:
            continue
    ready = sorted({e.producer_id for e in payout_actions.ready()})
    producers = Producer.objects.filter(pk__in=ready, bank_account__isnull=False).order_by("pk")
    who = {"actor": clerk, "now": now}
    # Each as far as it should stand: sent, on the list, taken off it, sent back by the bank.
    for n, producer in enumerate(producers[:4]):
        payout = payout_actions.prepare(producer_id=producer.pk, **who)
        if n in (0, 3):
            payout_actions.send(payout_id=payout.pk, reference=f"MAU-CT-00000{n}", **who)
        if n == 2:
            payout_actions.cancel(payout_id=payout.pk, **who)
        if n == 3:
            payout_actions.undo(
                payout_id=payout.pk, why="Ngân hàng báo số tài khoản không còn.", **who
            )
