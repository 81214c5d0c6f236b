"""Money that came by transfer: what is expected, what has come, and whose it is."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Case, IntegerField, Q, QuerySet, When
from django.db.models import Value as V
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marketplace.kernel import clock, formats
from marketplace.office import queries
from marketplace.office.forms.money import MatchForm, ReceiptForm
from marketplace.office.search import with_words
from marketplace.office.views.base import OfficeView, PostOnly
from marketplace.office.views.money import tried
from marketplace.orders.queries import normalise_number
from marketplace.payments import receipt_actions
from marketplace.payments.errors import PaymentRefused
from marketplace.payments.models import Receipt, Transfer
from marketplace.payments.queries import with_due
from marketplace.payments.transfer_states import OPEN, TransferState

VIEW = ["payments.view_transfer", "payments.view_receipt"]
CHANGE = ["payments.add_receipt", "payments.change_receipt"]
PER_PAGE = 20
BACK = "office_receipts:index"
#: Longer lists are worked off from the top, or searched.
MOST_SHOWN = 60


def search(rows: QuerySet[Transfer], words: str) -> QuerySet[Transfer]:
    """By amount, reference, phone, or the buyer's name without marks."""
    digits = re.sub(r"[^0-9]", "", words)
    if digits and re.fullmatch(r"[0-9 .,+₫đ]+", words) and len(digits) <= 13:
        return rows.filter(
            Q(due=int(digits))
            | Q(attempt__amount=int(digits))
            | Q(order__details__phone__contains=digits.lstrip("0"))
            | Q(reference__contains=digits)
        )
    number = normalise_number(words)
    if number.startswith("DT"):
        return rows.filter(reference__startswith=number)
    return with_words(rows, words, "order__details__recipient", "reference")


class ReceiptsView(OfficeView):
    """What is expected, claimed first; money without a name; what was recorded lately."""

    needs = VIEW
    template_name = "office/receipts.html"
    header_icon = "download"
    page_title = gettext_lazy("Receipts")

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.shown()

    def shown(
        self,
        *,
        status: int = 200,
        transfer: int | None = None,
        receipt: int | None = None,
        form: Any = None,
    ) -> HttpResponse:
        """The page; a refused form stands, as it was typed, at its transfer or receipt."""
        words = self.request.GET.get("q", "").replace("\x00", "").strip()[:100]
        rows = with_due(queries.transfers_visible_to(self.request.user)).select_related(
            "order__details", "attempt"
        )
        found = search(rows, words) if words else rows.filter(state__in=OPEN)
        if transfer is not None:
            found = rows.filter(Q(pk__in=found.values("pk")) | Q(pk=transfer))
        found = found.annotate(
            place=Case(
                When(state=TransferState.CLAIMED, then=V(0)),
                When(state__in=OPEN, then=V(1)),
                default=V(2),
                output_field=IntegerField(),
            )
        ).order_by("place", "state_changed_at", "pk")
        receipts = queries.receipts_visible_to(self.request.user).select_related(
            "transfer__order", "recorded_by"
        )
        recorded = Paginator(receipts.exclude(transfer=None), PER_PAGE).get_page(
            self.request.GET.get("p")
        )
        return self.render_to_response(
            self.get_context_data(
                words=words,
                transfers=list(self._cards(found[:MOST_SHOWN], transfer, form)),
                unmatched=[
                    {
                        "row": row,
                        "form": form
                        if row.pk == receipt
                        else MatchForm(prefix="m", auto_id=f"r{row.pk}-%s"),
                    }
                    for row in receipts.filter(transfer=None, undone_at=None)[:MOST_SHOWN]
                ],
                recorded=recorded,
                blank=form if form is not None and transfer is receipt is None else new_form(),
                may_change=self.request.user.has_perms(CHANGE),
            ),
            status=status,
        )

    def _cards(
        self, rows: Iterable[Transfer], refused: int | None, form: Any
    ) -> Iterable[dict[str, Any]]:
        for row in rows:
            shown = form if row.pk == refused else new_form(int(row.due) if row.due > 0 else None)
            # Many forms on one page: each field has an id of its own.
            shown.auto_id = f"t{row.pk}-%s"
            yield {
                "row": row,
                "is_open": row.state in OPEN,
                "is_claimed": row.state == TransferState.CLAIMED,
                "form": shown,
            }


def new_form(amount: int | None = None) -> ReceiptForm:
    """An empty form for today, with the amount that is expected."""
    now = clock.now().astimezone(clock.TZ)
    return ReceiptForm(
        initial={
            "amount": amount, "received_on": now.date(), "received_time": now.strftime("%H:%M")
        }
    )


class _Change(PostOnly, ReceiptsView):
    """Something posted; looking at the address shows nothing."""

    needs = [*VIEW, *CHANGE]


class RecordView(_Change):
    """Record an amount, for a transfer or for nobody yet."""

    def post(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        transfer = None
        if pk is not None:
            transfer = self.find(queries.transfers_visible_to(request.user), pk)
        form = ReceiptForm(request.POST)
        if form.is_valid():
            said = form.cleaned_data
            try:
                receipt = receipt_actions.record(
                    bank_id=said["bank_id"],
                    amount=Decimal(said["amount"]),
                    received_at=said["received_at"],
                    note=said["note"],
                    transfer_id=pk,
                    actor=request.user,
                    now=clock.now(),
                )
            except PaymentRefused as refused:
                form.add_error("bank_id", str(refused))
            else:
                messages.success(request, told(receipt))
                return redirect(BACK)
        return self.shown(status=422, transfer=transfer and transfer.pk, form=form)


def told(receipt: Receipt) -> str:
    """What came of a receipt."""
    amount = formats.money(receipt.amount)
    if receipt.transfer is None:
        return _("%(amount)s were recorded. Say whose they are as soon as you know.") % {
            "amount": amount
        }
    return _("%(amount)s for %(reference)s: %(state)s.") % {
        "amount": amount,
        "reference": receipt.transfer.reference,
        "state": receipt.transfer.get_state_display(),
    }


class MatchView(_Change):
    """Say whose an amount is."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        receipt = self.find(queries.receipts_visible_to(request.user), pk)
        form = MatchForm(request.POST, prefix="m", auto_id=f"r{pk}-%s")
        if form.is_valid():
            number = normalise_number(form.cleaned_data["reference"])
            rows = queries.transfers_visible_to(request.user)
            transfer = (
                rows.filter(reference=number).first()
                or rows.filter(order__number=number).first()
            )
            if transfer is None:
                form.add_error("reference", _("We know no transfer with this number."))
            else:
                try:
                    matched = receipt_actions.match(
                        receipt_id=receipt.pk,
                        transfer_id=transfer.pk,
                        actor=request.user,
                        now=clock.now(),
                    )
                except PaymentRefused as refused:
                    form.add_error(None, str(refused))
                else:
                    messages.success(request, told(matched))
                    return redirect(BACK)
        return self.shown(status=422, receipt=receipt.pk, form=form)


class UndoView(_Change):
    """Take back a slip."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        receipt = self.find(queries.receipts_visible_to(request.user), pk)
        return tried(
            request, receipt_actions.undo, _("The receipt was undone."), BACK,
            receipt_id=receipt.pk,
        )


class NotArrivedView(_Change):
    """The buyer says it was sent; the bank shows nothing."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        transfer = self.find(queries.transfers_visible_to(request.user), pk)
        return tried(
            request, receipt_actions.not_arrived,
            _("The buyer was told that nothing has come yet."), BACK,
            transfer_id=transfer.pk,
        )
