"""Suspending a producer: what hangs on it is said first, and lifting it again."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from marketplace.checkout.forms import PlainText
from marketplace.kernel import clock
from marketplace.office import queries
from marketplace.office.suspending import Consequences, Group, consequences
from marketplace.office.views.base import OfficeView
from marketplace.office.views.producers import ABOVE, ADD, CHANGE, VIEW
from marketplace.orders import suspending
from marketplace.orders.suspending import GROUPS
from marketplace.producers import suspension_actions
from marketplace.producers.errors import ProducersError

MOVE = "orders.change_consignment"
_FINISH = gettext_lazy("Let them be finished")
_CANCEL = gettext_lazy("Cancel them: the buyers are told, what was paid is owed back")


def group_words(group: Group) -> str:
    """How many parcels stand so, and how many are paid."""
    words = {
        "new": ngettext(
            "%(count)s parcel not confirmed yet", "%(count)s parcels not confirmed yet",
            group.count,
        ),
        "confirmed": ngettext(
            "%(count)s parcel confirmed, not packed", "%(count)s parcels confirmed, not packed",
            group.count,
        ),
        "packed": ngettext("%(count)s parcel packed", "%(count)s parcels packed", group.count),
        "handed_over": ngettext(
            "%(count)s parcel with the carrier", "%(count)s parcels with the carrier", group.count
        ),
    }[group.code] % {"count": group.count}
    paid = ngettext("%(count)s of it paid", "%(count)s of them paid", group.paid)
    return f"{words}, {paid % {'count': group.paid}}" if group.paid else words


class ParcelsForm(forms.Form):
    """What becomes of each group of open parcels."""

    def __init__(self, data: Any = None, *, found: Consequences, may_cancel: bool) -> None:
        super().__init__(data)
        for group in found.groups if may_cancel else ():
            if group.count:
                self.fields[group.code] = forms.ChoiceField(
                    label=group_words(group), initial="finish", required=False,
                    widget=forms.RadioSelect,
                    choices=[("finish", _FINISH), ("cancel", _CANCEL)],
                )

    @property
    def cancelled(self) -> list[str]:
        """The groups to cancel."""
        return [code for code in GROUPS if self.cleaned_data.get(code) == "cancel"]


class SuspendForm(ParcelsForm):
    """Why, and what becomes of the parcels."""

    reason = PlainText(
        label=gettext_lazy("Reason"), max_length=500, lines=3,
        help_text=gettext_lazy("The grower reads it, by mail or SMS and on the desk."),
    )


class ReinstateForm(forms.Form):
    """Why it may sell again."""

    reason = PlainText(
        label=gettext_lazy("Why it may sell again"), max_length=500, lines=2,
        help_text=gettext_lazy("The grower reads it."),
    )


class SuspendView(OfficeView):
    """One producer's suspension: beginning it, deciding about open parcels, lifting it."""

    needs = [VIEW, CHANGE, ADD]
    template_name = "office/suspend.html"
    header_icon = "group"
    above = ABOVE

    def get_page_title(self) -> str:
        return _("Suspension")

    def get_page_subtitle(self) -> str:
        return self.producer.name

    def dispatch(self, request: HttpRequest, pk: int) -> HttpResponse:
        if request.user.has_perms(self.needs):
            self.producer = self.find(
                queries.producers_visible_to(request.user).select_related("suspended_by"), pk
            )
            self.found = consequences(self.producer)
            self.may_cancel = request.user.has_perm(MOVE)
        return super().dispatch(request, pk)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.shown()

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        do = request.POST.get("do")
        part = {"suspend": self.suspend, "parcels": self.parcels, "lift": self.lift}.get(do)
        if part is None:
            return self.shown(status=422)
        return part()

    def suspend(self) -> HttpResponse:
        form = SuspendForm(self.request.POST, found=self.found, may_cancel=self.may_cancel)
        if form.is_valid():
            try:
                count = suspending.suspend_producer(
                    producer=self.producer, reason=form.cleaned_data["reason"],
                    cancel=form.cancelled, actor=self.request.user, now=clock.now(),
                )
            except ProducersError as error:
                form.add_error(None, str(error))
            else:
                messages.success(
                    self.request,
                    _("%(name)s is suspended. The owner is told.") % {"name": self.producer.name},
                )
                return self.back(count)
        return self.shown(422, suspend_form=form)

    def parcels(self) -> HttpResponse:
        form = ParcelsForm(self.request.POST, found=self.found, may_cancel=self.may_cancel)
        if not form.is_valid() or not self.producer.is_suspended:
            return self.shown(422, parcels_form=form)
        return self.back(
            suspending.cancel_open(
                producer=self.producer, groups=form.cancelled, actor=self.request.user
            )
        )

    def lift(self) -> HttpResponse:
        form = ReinstateForm(self.request.POST)
        if not form.is_valid():
            return self.shown(422, lift_form=form)
        suspension_actions.reinstate(
            producer=self.producer, reason=form.cleaned_data["reason"],
            actor=self.request.user, now=clock.now(),
        )
        messages.success(self.request, _("The suspension was lifted. The owner is told."))
        return self.back(0)

    def back(self, cancelled: int) -> HttpResponse:
        if cancelled:
            messages.info(
                self.request,
                ngettext(
                    "%(count)s parcel is being cancelled.",
                    "%(count)s parcels are being cancelled.",
                    cancelled,
                )
                % {"count": cancelled},
            )
        return redirect("office_producers:edit", self.producer.pk)

    def shown(self, status: int = 200, **forms_: Any) -> HttpResponse:
        given = {"found": self.found, "may_cancel": self.may_cancel}
        return self.render_to_response(
            self.get_context_data(
                producer=self.producer,
                found=self.found,
                groups=[
                    group_words(group)
                    for group in (*self.found.groups, self.found.on_the_way)
                    if group.count
                ],
                may_cancel=self.may_cancel,
                suspend_form=forms_.get("suspend_form") or SuspendForm(**given),
                parcels_form=forms_.get("parcels_form") or ParcelsForm(**given),
                lift_form=forms_.get("lift_form") or ReinstateForm(),
            ),
            status=status,
        )
