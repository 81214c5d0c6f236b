"""What producers have earned, the transfer list, and what was sent."""

from __future__ import annotations

from collections import defaultdict
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
from marketplace.office.forms.money import ReferenceForm, SentBackForm
from marketplace.office.views.base import OfficeView, PostOnly
from marketplace.office.views.money import tried
from marketplace.payments import banks, payout_actions
from marketplace.payments.errors import PaymentRefused
from marketplace.payments.forms import BankDetailsForm
from marketplace.payments.models import Payout

VIEW = ["payments.view_payout", "payments.view_produceraccount", "producers.view_producer"]
CHANGE = ["payments.add_payout", "payments.change_payout"]
ACCOUNT = "payments.change_produceraccount"
PER_PAGE = 20
BACK = "office_payouts:index"


class PayoutsView(OfficeView):
    """Earned, on the list, sent."""

    needs = VIEW
    template_name = "office/payouts.html"
    header_icon = "upload"
    page_title = gettext_lazy("Payouts")

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.shown()

    def shown(
        self, *, status: int = 200, payout: int | None = None, form: Any = None
    ) -> HttpResponse:
        earned: dict[int, list[Decimal]] = defaultdict(list)
        for row in payout_actions.ready():
            earned[row.producer_id].append(row.amount)
        producers = queries.producers_visible_to(self.request.user).select_related("bank_account")
        payouts = queries.payouts_visible_to(self.request.user).select_related("producer")
        sent = Paginator(
            payouts.filter(state__in=[Payout.State.SENT, Payout.State.UNDONE]).order_by(
                "-sent_at", "-pk"
            ),
            PER_PAGE,
        ).get_page(self.request.GET.get("p"))
        return self.render_to_response(
            self.get_context_data(
                earned=[
                    {
                        "producer": producer,
                        "amount": sum(earned[producer.pk]),
                        "count": len(earned[producer.pk]),
                        "account": getattr(producer, "bank_account", None),
                        "bank": banks.name_of(producer.bank_account.bank_bin)
                        if hasattr(producer, "bank_account")
                        else "",
                    }
                    for producer in producers.filter(pk__in=earned).order_by("sort_key")
                ],
                prepared=[
                    {
                        "row": row,
                        "bank": banks.name_of(row.bank_bin),
                        "form": form
                        if row.pk == payout
                        else ReferenceForm(auto_id=f"l{row.pk}-%s"),
                    }
                    for row in payouts.filter(state=Payout.State.PREPARED).order_by("pk")
                ],
                sent=sent,
                rows=[
                    {
                        "row": row,
                        "form": form
                        if row.pk == payout
                        else SentBackForm(auto_id=f"u{row.pk}-%s")
                        if row.state == Payout.State.SENT
                        else None,
                    }
                    for row in sent
                ],
                may_change=self.request.user.has_perms(CHANGE),
                may_set_account=self.request.user.has_perm(ACCOUNT),
            ),
            status=status,
        )


class PayoutListView(PayoutsView):
    """What is on the list, for the bank."""

    def get(self, request: HttpRequest) -> HttpResponse:
        rows = queries.payouts_visible_to(request.user).filter(state=Payout.State.PREPARED)
        return bank_list.response(
            f"chi-tra-{clock.today():%Y-%m-%d}",
            (
                [
                    banks.name_of(row.bank_bin), row.bank_bin, row.account_no, row.holder,
                    int(row.amount), f"Dat Sen chi tra {row.pk}",
                ]
                for row in rows.order_by("pk")
            ),
        )


class _Change(PostOnly, PayoutsView):
    """Something posted; looking at the address shows nothing."""

    needs = [*VIEW, *CHANGE]


class PrepareView(_Change):
    """Put one producer on the list."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        producer = self.find(queries.producers_visible_to(request.user), pk)
        return tried(
            request, payout_actions.prepare, _("It is on the transfer list."), BACK,
            producer_id=producer.pk,
        )


class CancelPayoutView(_Change):
    """Take one off the list."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        payout = self.find(queries.payouts_visible_to(request.user), pk)
        return tried(
            request, payout_actions.cancel, _("It was taken off the list."), BACK,
            payout_id=payout.pk,
        )


class SendPayoutView(_Change):
    """The bank has sent it."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        payout = self.find(queries.payouts_visible_to(request.user), pk)
        form = ReferenceForm(request.POST, auto_id=f"l{pk}-%s")
        if form.is_valid():
            try:
                sent = payout_actions.send(
                    payout_id=payout.pk,
                    reference=form.cleaned_data["reference"],
                    actor=request.user,
                    now=clock.now(),
                )
            except PaymentRefused as refused:
                form.add_error("reference", str(refused))
            else:
                messages.success(
                    request,
                    _("%(amount)s to %(producer)s were noted as sent.")
                    % {"amount": formats.money(sent.amount), "producer": payout.producer},
                )
                return redirect(BACK)
        return self.shown(status=422, payout=payout.pk, form=form)


class UndoPayoutView(_Change):
    """The bank sent it back."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        payout = self.find(queries.payouts_visible_to(request.user), pk)
        form = SentBackForm(request.POST, auto_id=f"u{pk}-%s")
        if not form.is_valid():
            return self.shown(status=422, payout=payout.pk, form=form)
        return tried(
            request, payout_actions.undo, _("It is owed again, and can be paid out anew."), BACK,
            payout_id=payout.pk, why=form.cleaned_data["why"],
        )


class AccountView(OfficeView):
    """A producer's bank account; only the office changes it."""

    needs = [*VIEW, ACCOUNT]
    template_name = "office/bank_account.html"
    header_icon = "upload"
    page_title = gettext_lazy("Bank account")
    above = [("office_payouts:index", gettext_lazy("Payouts"))]

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._answer(pk)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._answer(pk)

    def _answer(self, pk: int) -> HttpResponse:
        producer = self.find(queries.producers_visible_to(self.request.user), pk)
        known = getattr(producer, "bank_account", None)
        form = BankDetailsForm(
            self.request.POST if self.request.method == "POST" else None,
            initial=known.as_initial if known else None,
        )
        if self.request.method == "POST" and form.is_valid():
            payout_actions.set_account(
                producer=producer, actor=self.request.user, now=clock.now(), **form.cleaned_data
            )
            messages.success(self.request, _("The bank account was saved."))
            return redirect(BACK)
        return self.render_to_response(
            self.get_context_data(producer=producer, form=form, known=known),
            status=422 if form.errors else 200,
        )
