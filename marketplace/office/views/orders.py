"""Orders and their consignments: finding them, and moving them along the table of moves."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import django_filters
from django.contrib import messages
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from oscar.apps.order.models import Order
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.ui.tables import Column

from marketplace.kernel import clock, formats
from marketplace.office import queries
from marketplace.office.forms.orders import (
    CallForm,
    CancelOrderForm,
    MoveForm,
    RemitForm,
    button_of,
)
from marketplace.office.search import with_words
from marketplace.office.views.base import OfficeIndexView, OfficeView, PostOnly
from marketplace.office.views.history import HistoryView
from marketplace.orders import actions as orders
from marketplace.orders.actors import Actor
from marketplace.orders.errors import MoveNotAllowed, OrdersError, WrongShortPack
from marketplace.orders.missing_forms import MissingForm
from marketplace.orders.models import Consignment, ShortPack
from marketplace.orders.queries import (
    NUMBER_PREFIX,
    answers_offered,
    invoices_due,
    normalise_number,
)
from marketplace.orders.states import ACTOR_WORDS, ActorKind, OrderStatus, State, transitions_from
from marketplace.payments import actions as payments
from marketplace.payments import ledger
from marketplace.payments.errors import AlreadyAnswered, NothingToRemit
from marketplace.payments.models import Account, CallTask
from marketplace.producers.models import Producer

VIEW = ["orders.view_consignment", "order.view_order", "orders.view_orderdetails"]
MOVE = "orders.change_consignment"
ANSWER = "payments.change_calltask"
REMIT = "payments.add_ledgertransaction"
ABOVE = [("office_orders:index", gettext_lazy("Orders"))]


class ConsignmentFilters(WagtailFilterSet):
    """By state, producer and day of the order."""

    state = django_filters.MultipleChoiceFilter(
        label=gettext_lazy("State"), choices=State.choices
    )
    producer = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Producer"), queryset=Producer.objects.order_by("sort_key")
    )
    waits = django_filters.ChoiceFilter(
        label=gettext_lazy("Waits for our call"),
        choices=[("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No"))],
        method="by_waits",
    )
    cash = django_filters.ChoiceFilter(
        label=gettext_lazy("Cash with carriers"),
        choices=[("yes", gettext_lazy("Yes"))],
        method="by_cash",
    )
    invoice = django_filters.ChoiceFilter(
        label=gettext_lazy("VAT invoice"),
        choices=[
            ("due", gettext_lazy("Due and not given yet")),
            ("wanted", gettext_lazy("Asked for")),
            ("given", gettext_lazy("Given")),
        ],
        method="by_invoice",
    )
    placed = django_filters.DateFromToRangeFilter(
        label=gettext_lazy("Ordered"),
        field_name="order__date_placed",
        widget=DateRangePickerWidget,
    )

    class Meta:
        model = Consignment
        fields: list[str] = []

    def by_cash(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return queries.cash_with_carriers(rows)

    def by_waits(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(released_at__isnull=value == "yes")

    def by_invoice(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        if value == "due":
            return invoices_due(rows)
        if value == "given":
            return rows.filter(invoice__isnull=False)
        return rows.filter(order__invoice_wish__isnull=False)


class OrderIndexView(OfficeIndexView):
    """All consignments, newest first; a row opens its order."""

    needs = VIEW
    model = Consignment
    filterset_class = ConsignmentFilters
    default_ordering = "-pk"
    header_icon = "mail"
    page_title = gettext_lazy("Orders")
    verbose_name_plural = gettext_lazy("parcels")
    list_export = [
        "number", "state", "producer.name", "order.date_placed", "goods_incl_tax",
        "discount_incl_tax", "own_discount_incl_tax", "fee_incl_tax", "fee_discount_incl_tax",
        "own_fee_discount_incl_tax", "handover_on", "promise_on",
    ]  # fmt: skip
    export_filename = "consignments"

    @cached_property
    def columns(self) -> list[Column]:
        number = self._get_title_column("number")
        number.label = _("Number")
        return [
            number,
            Column("state", label=_("State"), accessor=state_words),
            Column("producer", label=_("Producer"), accessor="producer"),
            Column("buyer", label=_("Buyer"), accessor="order.details.recipient"),
            Column(
                "phone",
                label=_("Phone"),
                accessor=lambda c: formats.phone(c.order.details.phone),
            ),
            Column(
                "total", label=_("Total"), accessor=lambda c: formats.money(c.total_incl_tax)
            ),
            Column(
                "placed",
                label=_("Ordered"),
                accessor=lambda c: formats.datetime_(c.order.date_placed),
            ),
            Column(
                "handover", label=_("Hand over by"), accessor=lambda c: formats.date(c.handover_on)
            ),
        ]

    def get_base_queryset(self) -> QuerySet[Consignment]:
        return queries.consignments_visible_to(self.request.user).select_related(
            "producer", "order__details"
        )

    def search_queryset(self, queryset: QuerySet) -> QuerySet:
        return found_by(queryset, self.search_query)

    def get_edit_url(self, instance: Consignment) -> str:
        return f"{reverse('office_orders:order', args=(instance.order_id,))}#c{instance.pk}"


def found_by(rows: QuerySet[Consignment], query: str) -> QuerySet[Consignment]:
    """Consignments by number, phone or name of the buyer, whatever was typed."""
    query = query.strip()[:100]
    if not query:
        return rows
    digits = re.sub(r"\D", "", query)
    number = re.sub(r"-\d{1,3}$", "", query)
    if len(digits) >= 4 and re.fullmatch(r"[\d\s.+()-]+", query):
        bare = digits.removeprefix("84") if query.startswith("+") else digits.lstrip("0")
        return rows.filter(
            Q(order__details__phone__contains=bare) | Q(order__number__contains=digits)
        )
    code = normalise_number(number)
    # A number may be letters alone; ten of them with the prefix are nobody's name.
    is_number = re.search(r"\d", query) or (len(code) == 10 and code.startswith(NUMBER_PREFIX))
    if is_number and " " not in query:
        return rows.filter(order__number__startswith=code)
    return with_words(rows, query, "order__details__recipient", "producer__name_vi")


def state_words(consignment: Consignment) -> str:
    """The state, and whether our call is what it waits for."""
    state = State(consignment.state).label
    if consignment.released_at is None and consignment.state == State.NEW:
        return _("%(state)s, not released") % {"state": state}
    return str(state)


class OrderView(OfficeView):
    """One order: where it goes, each consignment with what may be done, events and money."""

    needs = VIEW
    template_name = "office/order.html"
    header_icon = "mail"
    above = ABOVE

    def get_page_title(self) -> str:
        return _("Order %(number)s") % {"number": self.order.number}

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.shown(pk)

    def shown(self, pk: int, status: int = 200, **bound: Any) -> HttpResponse:
        user = self.request.user
        self.order: Order = self.find(
            queries.orders_visible_to(user)
            .select_related(
                "details__commune", "details__province", "call_task__answered_by",
                "voucher_use__voucher", "invoice_wish",
            )
            .prefetch_related(
                "consignments__producer",
                "consignments__lines__line",
                "consignments__events__actor",
                "consignments__handover",
                "consignments__short_packs__lines__line__line",
                "consignments__invoice",
                "payment_attempts",
            ),
            pk,
        )
        every = list(self.order.consignments.all())
        may_move = user.has_perm(MOVE)
        money = user.has_perm("payments.view_ledgerrow")
        return self.render_to_response(
            self.get_context_data(
                order=self.order,
                details=self.order.details,
                status=OrderStatus(self.order.status).label,
                consignments=[
                    self.told(c, may_move, money, bound) for c in sorted(every, key=lambda c: c.pk)
                ],
                can_cancel=may_move
                and any(
                    t.to_state is State.CANCELLED
                    for c in every
                    for t in office_moves(c)
                ),
                cancel_form=bound.get("cancel") or CancelOrderForm(),
                call=getattr(self.order, "call_task", None),
                use=getattr(self.order, "voucher_use", None),
                wish=getattr(self.order, "invoice_wish", None),
                may_answer=user.has_perm(ANSWER),
                call_form=bound.get("call") or CallForm(),
                balances=[
                    (Account(account).label, amount)
                    for account, amount in sorted(ledger.balances(self.order).items())
                ]
                if money
                else None,
                attempts=list(self.order.payment_attempts.all()),
                history_url=reverse("office_orders:history", args=(pk,)),
                media=CancelOrderForm().media,
            ),
            status=status,
        )

    def told(
        self, consignment: Consignment, may_move: bool, money: bool, bound: dict[str, Any]
    ) -> dict[str, Any]:
        """One consignment as the page shows it."""
        mine = bound.get("move") if bound.get("consignment") == consignment.pk else None
        cash = (
            consignment.state in (State.DELIVERED, State.COMPLETED)
            and self.request.user.has_perm(REMIT)
            and sum(
                entry.amount
                for entry in ledger.standing(consignment.pk)
                if entry.account is Account.CARRIER_CASH
            )
        )
        return {
            "row": consignment,
            "state": state_words(consignment),
            "lines": list(consignment.lines.all()),
            "ask_url": reverse("office_orders:ask", args=(consignment.pk,))
            if may_move and may_ask(consignment)
            else "",
            "questions": [
                {
                    "missing": [
                        _("%(count)s × %(title)s")
                        % {"count": formats.number(row.missing), "title": row.line.line.title}
                        for row in asked.lines.all()
                    ],
                    "note": asked.note,
                    "until": "" if asked.answer else formats.datetime_(asked.answer_by),
                    "answer": asked.get_answer_display(),
                    "offers": [ShortPack.Answer(a).label for a in answers_offered(asked)],
                }
                for asked in consignment.short_packs.all()
            ],
            "invoice": getattr(consignment, "invoice", None),
            "off": consignment.discount_left_incl_tax + consignment.fee_discount_incl_tax,
            "funded": funding_words(consignment),
            "events": [
                {
                    "event": event,
                    "state": State(event.to_state).label,
                    "by": event.actor or ACTOR_WORDS[ActorKind(event.actor_kind)],
                }
                for event in consignment.events.all()
            ],
            "buttons": [
                button_of(
                    transition,
                    form=mine
                    if mine is not None and mine.data.get("to") == transition.to_state
                    else MoveForm(initial={"to": transition.to_state.value}),
                )
                for transition in office_moves(consignment)
            ]
            if may_move
            else [],
            "cash": cash or None,
            "remit_form": bound.get("remit")
            if bound.get("consignment") == consignment.pk and bound.get("remit")
            else RemitForm(),
            "error": bound.get("error", "") if bound.get("consignment") == consignment.pk else "",
        }


def funding_words(consignment: Consignment) -> str:
    """Who pays for what is taken off; nothing where nothing is."""
    off = consignment.discount_left_incl_tax + consignment.fee_discount_incl_tax
    own = bool(consignment.own_discount_incl_tax or consignment.own_fee_discount_incl_tax)
    if not off:
        return ""
    if own and consignment.own_discount_incl_tax < consignment.discount_incl_tax:
        return _("paid by the producer and the marketplace")
    return _("paid by the producer") if own else _("paid by the marketplace")


def office_moves(consignment: Consignment) -> list[Any]:
    """The moves that the table of states allows the office from here, and no others.

    What is missing is said line by line on a page of its own.
    """
    moves = transitions_from(
        consignment.state, [ActorKind.OFFICE], is_parcel=consignment.needs_delivery
    )
    return [move for move in moves if move.to_state is not State.SHORT_PACKED]


class AskBuyerView(OfficeView):
    """Say for a producer on the phone what cannot be sent; the buyer is asked."""

    needs = [*VIEW, MOVE]
    template_name = "office/ask_buyer.html"
    header_icon = "help"
    above = ABOVE

    def get_page_title(self) -> str:
        return _("%(number)s: what is missing?") % {"number": self.consignment.number}

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._answer(pk)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._answer(pk)

    def _answer(self, pk: int) -> HttpResponse:
        request = self.request
        self.consignment = self.find(
            queries.consignments_visible_to(request.user).prefetch_related("lines__line"), pk
        )
        if not may_ask(self.consignment):
            messages.error(
                request, _("This parcel has moved on; please look at where it stands now.")
            )
            return to_order(self.consignment)
        form = MissingForm(
            request.POST if request.method == "POST" else None, consignment=self.consignment
        )
        if request.method == "POST" and form.is_valid():
            try:
                orders.ask_buyer(
                    consignment_id=pk,
                    lines=form.missing,
                    note=form.cleaned_data["reason"],
                    new_handover_on=form.cleaned_data["new_handover_on"],
                    actor=Actor.office(request.user),
                    now=clock.now(),
                )
            except WrongShortPack as wrong:
                form.add_error(wrong.field if wrong.field in form.fields else None, str(wrong))
            except OrdersError as refused:
                messages.error(request, str(refused))
                return to_order(self.consignment)
            else:
                messages.success(
                    request,
                    _("%(number)s: the buyer has been asked.")
                    % {"number": self.consignment.number},
                )
                return to_order(self.consignment)
        return self.render_to_response(
            self.get_context_data(form=form, consignment=self.consignment),
            status=422 if form.errors else 200,
        )


def may_ask(consignment: Consignment) -> bool:
    """Whether the office may ask its buyer about missing goods."""
    return any(
        move.to_state is State.SHORT_PACKED
        for move in transitions_from(
            consignment.state, [ActorKind.OFFICE], is_parcel=consignment.needs_delivery
        )
    ) and consignment.released_at is not None


class MoveView(PostOnly, OrderView):
    """Move one consignment."""

    needs = [*VIEW, MOVE]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        consignment = self.find(queries.consignments_visible_to(request.user), pk)
        form = MoveForm(request.POST)
        error = ""
        if form.is_valid():
            try:
                if form.cleaned_data["to"] == State.SHORT_PACKED:
                    raise MoveNotAllowed(consignment.state, State.SHORT_PACKED)
                moved = orders.move(
                    consignment_id=consignment.pk,
                    to=form.cleaned_data["to"],
                    actor=Actor.office(request.user),
                    reason=form.cleaned_data["reason"],
                    put_back=form.put_back_choice,
                    now=clock.now(),
                )
            except OrdersError as refused:
                error = str(refused)
            else:
                messages.success(
                    request,
                    _("%(number)s: %(state)s.")
                    % {"number": moved.number, "state": State(moved.state).label},
                )
                return to_order(consignment)
        return self.shown(
            consignment.order_id,
            status=422,
            consignment=consignment.pk,
            move=form,
            error=error or _("This could not be read; please try again."),
        )


class CancelOrderView(PostOnly, OrderView):
    """Cancel all of an order that can still be cancelled."""

    needs = [*VIEW, MOVE]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        order = self.find(queries.orders_visible_to(request.user), pk)
        form = CancelOrderForm(request.POST)
        if form.is_valid():
            try:
                cancelled = orders.cancel_order(
                    order_id=order.pk,
                    actor=Actor.office(request.user),
                    reason=form.cleaned_data["reason"],
                    now=clock.now(),
                )
            except OrdersError as refused:
                form.add_error(None, str(refused))
            else:
                messages.success(
                    request,
                    _("Cancelled: %(numbers)s.")
                    % {"numbers": ", ".join(c.number for c in cancelled)},
                )
                return redirect("office_orders:order", order.pk)
        return self.shown(order.pk, status=422, cancel=form)


class RemitView(PostOnly, OrderView):
    """Note that the carrier's cash of one consignment is on the operator's account."""

    needs = [*VIEW, REMIT]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        consignment = self.find(queries.consignments_visible_to(request.user), pk)
        form = RemitForm(request.POST)
        if form.is_valid():
            try:
                amount = payments.remit(
                    consignment_id=consignment.pk,
                    reference=form.cleaned_data["reference"],
                    actor=request.user,
                    now=clock.now(),
                )
            except NothingToRemit:
                messages.info(request, _("The carrier holds no cash for this parcel any more."))
            else:
                messages.success(
                    request,
                    _("%(amount)s were noted as received.") % {"amount": formats.money(amount)},
                )
            return to_order(consignment)
        return self.shown(
            consignment.order_id, status=422, consignment=consignment.pk, remit=form
        )


class CallsView(OfficeView):
    """Orders beyond the limits: the buyers to call, oldest first, and what was answered lately."""

    needs = [*VIEW, "payments.view_calltask"]
    template_name = "office/calls.html"
    header_icon = "comment"
    page_title = gettext_lazy("Calls before sending")

    def get(self, request: HttpRequest) -> HttpResponse:
        calls = queries.calls_visible_to(request.user).select_related(
            "order__details__commune", "order__details__province", "answered_by"
        )
        return self.render_to_response(
            self.get_context_data(
                waiting=[
                    {"call": call, "why": limit_words(call)}
                    for call in calls.filter(outcome=CallTask.Outcome.OPEN).order_by("pk")[:100]
                ],
                answered=calls.exclude(outcome=CallTask.Outcome.OPEN).order_by("-answered_at")[:20],
                may_answer=request.user.has_perm(ANSWER),
            )
        )


LIMIT_WORDS = {
    "order_amount": gettext_lazy("a large order"),
    "new_phone": gettext_lazy("the first order of this number, and a large one"),
    "open_orders": gettext_lazy("many orders on their way"),
    "open_amount": gettext_lazy("much money to be paid at the door"),
    "refusals": gettext_lazy("parcels were refused at the door before"),
}


def limit_words(call: CallTask) -> str:
    """Why this buyer is called, in words."""
    return "; ".join(str(LIMIT_WORDS.get(reason, reason)) for reason in call.reasons)


class AnswerCallView(PostOnly, OrderView):
    """The buyer confirmed, or did not."""

    needs = [*VIEW, "payments.view_calltask", ANSWER]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        call = self.find(queries.calls_visible_to(request.user), pk)
        form = CallForm(request.POST)
        if not form.is_valid():
            return self.shown(call.order_id, status=422, call=form)
        confirmed = form.cleaned_data["answer"] == "yes"
        try:
            payments.answer_call(
                task_id=call.pk,
                is_confirmed=confirmed,
                actor=request.user,
                note=form.cleaned_data["note"],
                now=clock.now(),
            )
        except AlreadyAnswered:
            messages.info(request, _("Somebody has made this call already."))
        except OrdersError as refused:
            messages.error(request, str(refused))
        else:
            messages.success(
                request,
                _("Confirmed: the producers see the order now.")
                if confirmed
                else _("Not confirmed: the order was cancelled."),
            )
        return redirect("office_orders:order", call.order_id)


class OrderHistoryView(HistoryView):
    """The audit's rows about an order, its consignments and its call."""

    needs = VIEW
    above = ABOVE

    def get_target(self, pk: int) -> Model:
        return self.find(
            queries.orders_visible_to(self.request.user).select_related("call_task"), pk
        )

    def get_related(self, target: Model) -> Iterable[Model]:
        call = getattr(target, "call_task", None)
        return [*target.consignments.all(), *([call] if call else [])]


def to_order(consignment: Consignment) -> HttpResponse:
    """Back to the order, where the consignment stands."""
    return redirect(
        f"{reverse('office_orders:order', args=(consignment.order_id,))}#c{consignment.pk}"
    )
