"""What is owed to buyers, sent, and confirmed by the bank."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marketplace.kernel import clock, formats
from marketplace.office import bank_list, queries
from marketplace.office.forms.money import ReferenceForm
from marketplace.office.views.base import OfficeView, PostOnly
from marketplace.office.views.money import tried
from marketplace.payments import banks, refund_actions
from marketplace.payments.errors import PaymentRefused
from marketplace.payments.queries import refunds_owed

VIEW = ["payments.view_refund", "payments.view_refundaccount", "order.view_order"]
CHANGE = ["payments.add_refund", "payments.change_refund"]
PER_PAGE = 20
BACK = "office_refunds:index"
#: Why money is owed: the kind of the ledger's last transaction that owes it.
WHY = {
    "cancelled": gettext_lazy("cancelled"),
    "declined": gettext_lazy("the grower could not deliver"),
    "refused": gettext_lazy("refused at the door"),
    "returned": gettext_lazy("came back"),
    "received": gettext_lazy("too much, or too late"),
    "refund_undone": gettext_lazy("an earlier transfer was undone"),
}


class RefundsView(OfficeView):
    """What is owed, oldest first, then what was sent."""

    needs = VIEW
    template_name = "office/refunds.html"
    header_icon = "undo"
    page_title = gettext_lazy("Refunds")

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.shown()

    def shown(
        self, *, status: int = 200, order: int | None = None, form: Any = None
    ) -> HttpResponse:
        page = Paginator(
            refunds_owed(queries.orders_visible_to(self.request.user)), PER_PAGE
        ).get_page(self.request.GET.get("owed"))
        sent = queries.refunds_visible_to(self.request.user).select_related("order", "sent_by")
        return self.render_to_response(
            self.get_context_data(
                owed=[
                    {
                        "order": row,
                        "amount": -row.refund_balance,
                        "why": WHY.get(row.refund_kind, _("a part could not be delivered")),
                        "account": getattr(row, "refund_account", None),
                        "bank": banks.name_of(row.refund_account.bank_bin)
                        if hasattr(row, "refund_account")
                        else "",
                        "form": form
                        if row.pk == order
                        else ReferenceForm(
                            initial={"amount": int(-row.refund_balance)}, auto_id=f"o{row.pk}-%s"
                        ),
                    }
                    for row in page
                ],
                owed_page=page,
                sent=Paginator(sent, PER_PAGE).get_page(self.request.GET.get("p")),
                may_change=self.request.user.has_perms(CHANGE),
            ),
            status=status,
        )


class RefundListView(RefundsView):
    """What can be sent now, for the bank."""

    def get(self, request: HttpRequest) -> HttpResponse:
        rows = refunds_owed(queries.orders_visible_to(request.user))
        return bank_list.response(
            f"hoan-tien-{clock.today():%Y-%m-%d}",
            (
                [
                    banks.name_of(row.refund_account.bank_bin),
                    row.refund_account.bank_bin,
                    row.refund_account.account_no,
                    row.refund_account.holder,
                    int(-row.refund_balance),
                    f"Hoan tien {row.number}",
                ]
                for row in rows
                if hasattr(row, "refund_account")
            ),
        )


class _Change(PostOnly, RefundsView):
    """Something posted; looking at the address shows nothing."""

    needs = [*VIEW, *CHANGE]


class SendRefundView(_Change):
    """All that is owed for one order was sent."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        order = self.find(queries.orders_visible_to(request.user), pk)
        form = ReferenceForm(request.POST, auto_id=f"o{pk}-%s")
        if form.is_valid():
            try:
                refund = refund_actions.send(
                    order_id=order.pk,
                    amount=Decimal(form.cleaned_data["amount"] or 0),
                    reference=form.cleaned_data["reference"],
                    actor=request.user,
                    now=clock.now(),
                )
            except PaymentRefused as refused:
                form.add_error("reference", str(refused))
            else:
                messages.success(
                    request,
                    _("%(amount)s were noted as sent; the buyer was told.")
                    % {"amount": formats.money(refund.amount)},
                )
                return redirect(BACK)
        return self.shown(status=422, order=order.pk, form=form)


class ConfirmRefundView(_Change):
    """The bank's statement shows it."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        refund = self.find(queries.refunds_visible_to(request.user), pk)
        return tried(
            request, refund_actions.confirm, _("Confirmed."), BACK, refund_id=refund.pk
        )


class UndoRefundView(_Change):
    """It was not sent after all."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        refund = self.find(queries.refunds_visible_to(request.user), pk)
        return tried(
            request, refund_actions.undo, _("It is owed again."), BACK, refund_id=refund.pk
        )
