"""Writing an order that has been judged: every row of it, in one order of locks."""

import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.contrib.sites.models import Site
from django.utils.translation import gettext as _
from oscar.apps.basket.models import Basket
from oscar.apps.order.models import (
    Line,
    LinePrice,
    Order,
    OrderDiscount,
    OrderStatusChange,
    ShippingAddress,
)
from oscar.apps.order.utils import OrderCreator

from catalogue import actions as catalogue
from marketplace.accounts.models import User
from marketplace.checkout import kinds
from marketplace.checkout.errors import (
    Change,
    CodeGone,
    CodRefused,
    StockGone,
    UnpaidOrdersWait,
)
from marketplace.checkout.queries import CURRENCY, Offer, OfferGroup
from marketplace.kernel import failpoints
from marketplace.orders import errors as orders_errors
from marketplace.orders import mails
from marketplace.orders.models import (
    ConsentRecord,
    ConsentText,
    Consignment,
    ConsignmentEvent,
    ConsignmentLine,
    InvoiceWish,
    OrderDetails,
    Reservation,
)
from marketplace.orders.queries import NUMBER_PREFIX
from marketplace.orders.states import ActorKind, OrderStatus, State
from marketplace.payments import actions as payments
from marketplace.payments import cod, unpaid
from marketplace.payments.mails import transfer_words
from marketplace.payments.models import CallTask, Method, MethodTerms, Transfer
from marketplace.payments.transfer_actions import open_transfer
from marketplace.places.models import Commune, Province
from marketplace.platform import audit
from marketplace.vouchers import actions as vouchers
from marketplace.vouchers.errors import VoucherRefused

POINTS = (
    "order.basket_frozen",
    "order.after_stock",
    "order.after_order",
    "order.after_consignments",
    "order.after_ledger",
    "order.before_commit",
)
failpoints.declare(*POINTS)

#: Crockford's: no I, L, O, U, so that a number survives the telephone.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True)
class Destination:
    """Who gets the goods, where. Without province and commune only services can be ordered."""

    recipient: str
    #: E.164, from ``accounts.phones.normalise``.
    phone: str
    province: Province | None = None
    commune: Commune | None = None
    street: str = ""
    note: str = ""
    #: May be empty; then no mail is sent.
    email: str = ""


@dataclass(frozen=True)
class InvoiceWanted:
    """To whom the sellers are to issue their VAT invoices, as ``PayForm`` has judged it."""

    company: str
    #: Digits only.
    tax_code: str
    address: str
    email: str = ""


@dataclass(frozen=True)
class ConsentGiven:
    """That the buyer ticked one text: its purpose and the version that was on the page."""

    purpose: str
    version: str


def _new_number() -> str:
    """Eight letters out of 32: nobody can guess a neighbour's."""
    return NUMBER_PREFIX + "".join(secrets.choice(ALPHABET) for _letter in range(8))


@dataclass(frozen=True)
class Placing:
    """One order being written, everything judged; ``write`` runs inside a transaction."""

    basket: Basket
    destination: Destination
    terms: MethodTerms
    user: User | None
    language: str
    texts: Sequence[ConsentText]
    gift_text: str
    hide_prices: bool
    age_confirmed: bool
    invoice: InvoiceWanted | None
    idempotency_key: str
    now: datetime
    offer: Offer

    def write(self) -> Order:
        """Take, write, post and tell, in this order."""
        is_cod = self.terms.method == Method.COD
        cod.hold_phone(self.destination.phone)
        decision = self._decide_cod() if is_cod else None
        if not is_cod and not unpaid.may_wait(
            self.destination.phone, self.offer.total_incl_tax, self.terms
        ):
            raise UnpaidOrdersWait
        self._take()
        failpoints.reach("order.after_stock")

        is_called = decision is not None and decision.outcome is cod.Outcome.CALL_FIRST
        is_held = is_called or not is_cod
        order = self._write_order(OrderStatus.PENDING if is_held else OrderStatus.PLACED)
        lines = self._write_lines(order)
        failpoints.reach("order.after_order")

        consignments = self._write_consignments(order, None if is_held else self.now)
        lines_of = self._write_consignment_lines(consignments, lines)
        ends_at = self._write_reservation(order)
        failpoints.reach("order.after_consignments")

        payments.post_placing(order=order, consignments=consignments, now=self.now)
        transfer = self._start_payment(order)
        if is_called:
            CallTask.objects.create(
                order=order,
                reasons=[limit.value for limit in decision.limits],
                created_at=self.now,
            )
        failpoints.reach("order.after_ledger")

        self._record_consents(order)
        if self.invoice is not None:
            InvoiceWish.objects.create(order=order, **asdict(self.invoice))
        audit.record(
            action="order.placed",
            actor=self.user,
            target=order,
            before=None,
            after={
                "number": order.number,
                "total": int(order.total_incl_tax),
                "method": self.terms.method,
                "consignments": len(consignments),
                **(
                    {"code": self.offer.expected.code, "off": int(self.offer.voucher_incl_tax)}
                    if self.offer.expected.code
                    else {}
                ),
            },
        )
        mails.placed(
            order,
            consignments,
            lines_of,
            is_cash_on_delivery=is_cod,
            is_called_first=is_called,
            transfer=transfer_words(order, transfer, order.total_incl_tax, ends_at)
            if transfer
            else None,
        )
        if not is_held:
            mails.new_consignments(order, consignments, lines_of)
        self._take_code(order)
        self._tell_pages()
        failpoints.reach("order.before_commit")
        return order

    def _decide_cod(self) -> cod.CodDecision:
        decision = cod.cod_decision(
            self.destination.phone, self.offer.total_incl_tax, self.now
        )
        if decision.outcome is cod.Outcome.REFUSED:
            raise CodRefused(decision.reason)
        return decision

    def _take(self) -> None:
        try:
            kinds.take(self.offer.lines, now=self.now)
        except orders_errors.StockGone as gone:
            raise StockGone(
                [
                    Change(
                        _("%(title)s: somebody else has just taken the last ones.")
                        % {"title": line.title},
                        line_id=line.basket_line.pk,
                    )
                    for line in self.offer.lines
                    if line.stockrecord and line.stockrecord.pk in gone.stockrecord_ids
                ]
            ) from gone

    def _take_code(self, order: Order) -> None:
        """As late as may be: many orders want the row of one code, and wait while it is held."""
        judged = self.offer.code.judged if self.offer.code else None
        if judged is None:
            return
        fees = {g.producer.pk: g.fee_discount_incl_tax for g in self.offer.groups}
        try:
            use = vouchers.take(
                judged=judged, order=order, phone=self.destination.phone, fees=fees, now=self.now
            )
        except VoucherRefused as gone:
            raise CodeGone([Change(str(gone))]) from gone
        for category, amount in (
            (OrderDiscount.BASKET, use.goods_incl_tax),
            (OrderDiscount.SHIPPING, use.delivery_incl_tax),
        ):
            if amount:
                OrderDiscount.objects.create(
                    order=order,
                    category=category,
                    offer_name=judged.terms.voucher_set.name,
                    voucher_id=judged.voucher.pk,
                    voucher_code=judged.code,
                    frequency=1,
                    amount=amount,
                )

    def _write_order(self, status: OrderStatus) -> Order:
        to, total = self.destination, self.offer
        goods_excl_tax = sum((line.total_excl_tax for line in total.lines), Decimal(0))
        order = Order.objects.create(
            number=_new_number(),
            site=Site.objects.get_current(),
            basket=self.basket,
            user=self.user,
            currency=CURRENCY,
            total_incl_tax=total.total_incl_tax,
            total_excl_tax=goods_excl_tax + total.fees_incl_tax,
            # The carrier bills the VAT in its fee; the marketplace only passes the fee on.
            shipping_incl_tax=total.fees_incl_tax,
            shipping_excl_tax=total.fees_incl_tax,
            shipping_address=self._write_address() if total.needs_delivery else None,
            shipping_method="Consignments" if total.needs_delivery else "",
            shipping_code="consignments" if total.needs_delivery else "",
            status=status,
            guest_email="" if self.user else to.email,
            date_placed=self.now,
        )
        order.details = OrderDetails.objects.create(
            order=order,
            secret=secrets.token_urlsafe(32),
            idempotency_key=self.idempotency_key,
            language=self.language,
            recipient=to.recipient.strip(),
            phone=to.phone,
            email=to.email,
            province=to.province if total.needs_delivery else None,
            commune=to.commune if total.needs_delivery else None,
            street=to.street,
            note=to.note,
            gift_text=self.gift_text[:500],
            hide_prices=self.hide_prices,
            age_confirmed=self.age_confirmed,
        )
        OrderStatusChange.objects.create(order=order, old_status="", new_status=status)
        Basket.objects.filter(pk=self.basket.pk).update(
            status=Basket.SUBMITTED, date_submitted=self.now
        )
        self._write_discounts(order)
        return order

    def _write_address(self) -> ShippingAddress:
        to = self.destination
        return ShippingAddress.objects.create(
            first_name=to.recipient.strip(),
            line1=to.street or to.commune.full_name,
            line2=to.commune.full_name,
            line4=to.province.name,
            state=to.province.name,
            country_id="VN",
            phone_number=to.phone,
            notes=to.note,
        )

    def _write_discounts(self, order: Order) -> None:
        """Oscar's own record of its offers; nothing while none applied."""
        creator = OrderCreator()
        for application in self.offer.applications:
            creator.create_discount_model(order, {"message": "", **application})
            creator.record_discount(application)

    def _write_lines(self, order: Order) -> list[Line]:
        lines = Line.objects.bulk_create(
            Line(
                order=order,
                partner=line.stockrecord.partner,
                partner_name=line.stockrecord.partner.name,
                partner_sku=line.stockrecord.partner_sku,
                stockrecord=line.stockrecord,
                product=line.unit,
                title=line.title[:255],
                upc=line.unit.gtin or line.unit.upc,
                quantity=line.quantity,
                line_price_incl_tax=line.total_incl_tax,
                line_price_excl_tax=line.total_excl_tax,
                line_price_before_discounts_incl_tax=line.goods_incl_tax,
                line_price_before_discounts_excl_tax=line.goods_excl_tax,
                unit_price_incl_tax=line.unit_price_incl_tax,
                unit_price_excl_tax=line.unit_price_excl_tax,
                tax_code=f"{line.unit.listing.vat_rate or 0:.2f}",
                status=State.NEW,
                num_allocated=line.quantity if kinds.taken_by(line).kind == "goods" else 0,
            )
            for line in self.offer.lines
        )
        LinePrice.objects.bulk_create(
            LinePrice(
                order=order,
                line=line,
                quantity=line.quantity,
                price_incl_tax=line.unit_price_incl_tax,
                price_excl_tax=line.unit_price_excl_tax,
                tax_code=line.tax_code,
            )
            for line in lines
        )
        return lines

    def _write_consignments(
        self, order: Order, released_at: datetime | None
    ) -> list[Consignment]:
        consignments = Consignment.objects.bulk_create(
            self._consignment(order, group, place, released_at)
            for place, group in enumerate(self.offer.groups, start=1)
        )
        ConsignmentEvent.objects.bulk_create(
            ConsignmentEvent(
                consignment=consignment,
                to_state=State.NEW,
                at=self.now,
                actor_kind=ActorKind.BUYER,
                actor=self.user,
            )
            for consignment in consignments
        )
        return consignments

    def _consignment(
        self, order: Order, group: OfferGroup, place: int, released_at: datetime | None
    ) -> Consignment:
        quote = group.quote
        return Consignment(
            order=order,
            producer=group.producer,
            number=f"{order.number}-{place}",
            state=State.NEW,
            state_changed_at=self.now,
            released_at=released_at,
            needs_delivery=quote.needs_delivery,
            shipping_class=quote.shipping_class,
            weight_g=quote.weight_g,
            goods_incl_tax=group.goods_incl_tax,
            discount_incl_tax=group.discount_incl_tax,
            own_discount_incl_tax=group.voucher_incl_tax if self._is_own else 0,
            fee_incl_tax=group.fee_incl_tax,
            fee_discount_incl_tax=group.fee_discount_incl_tax,
            own_fee_discount_incl_tax=group.fee_discount_incl_tax if self._is_own else 0,
            handover_on=quote.handover_on,
            promise_on=quote.promise_on,
        )

    @property
    def _is_own(self) -> bool:
        """Whether the code is paid for by the producer."""
        code = self.offer.code
        return bool(code and code.judged and code.judged.terms.is_own)

    def _write_consignment_lines(
        self, consignments: Sequence[Consignment], lines: Sequence[Line]
    ) -> dict[int, list[Line]]:
        of_producer = {c.producer_id: c for c in consignments}
        lines_of: dict[int, list[Line]] = {c.pk: [] for c in consignments}
        rows = []
        for line, offered in zip(lines, self.offer.lines, strict=True):
            consignment = of_producer[offered.producer.pk]
            taken = kinds.taken_by(offered)
            lines_of[consignment.pk].append(line)
            rows.append(
                ConsignmentLine(
                    consignment=consignment,
                    line=line,
                    kind=taken.kind,
                    stockrecord_id=taken.stockrecord_id,
                    quantity=taken.quantity,
                    shipping_class=offered.unit.listing.shipping_class,
                )
            )
        ConsignmentLine.objects.bulk_create(rows)
        return lines_of

    def _write_reservation(self, order: Order) -> datetime | None:
        held = self.terms.hold_minutes
        ends_at = self.now + timedelta(minutes=held) if held else None
        Reservation.objects.create(order=order, ends_at=ends_at)
        return ends_at

    def _start_payment(self, order: Order) -> Transfer | None:
        amount = order.total_incl_tax
        if self.terms.method == Method.VIETQR:
            return open_transfer(order=order, amount=amount, now=self.now)
        payments.start(order=order, method=self.terms.method, amount=amount, now=self.now)
        return None

    def _record_consents(self, order: Order) -> None:
        ConsentRecord.objects.bulk_create(
            ConsentRecord(order=order, text=text, user=self.user, given_at=self.now)
            for text in self.texts
        )

    def _tell_pages(self) -> None:
        """Pages that say how much is left are out of date from the commit on. Comes last: it
        may hold the row of a version that many transactions want."""
        taken: dict[int, int] = {}
        for line in self.offer.lines:
            if line.stockrecord is not None:
                pk = line.stockrecord.pk
                taken[pk] = taken.get(pk, 0) + line.quantity
        catalogue.stock_moved(taken=taken)
