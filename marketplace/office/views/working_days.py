"""Days on which the calendar is wrong: a holiday given late, a Saturday worked."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.contenttypes.models import ContentType
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marketplace.kernel import clock, formats
from marketplace.office import exports
from marketplace.office.forms.rules import source_field
from marketplace.office.views.base import OfficeView, PostOnly
from marketplace.office.views.history import told
from marketplace.office.views.rules import WORKING_DAYS
from marketplace.platform.audit import AuditEntry
from marketplace.shipping import calendar_actions as actions
from marketplace.shipping.calendar_actions import WorkingDayError
from marketplace.shipping.models import WorkingDayException

ADD = "delivery.add_workingdayexception"
CHANGE = "delivery.change_workingdayexception"
PER_PAGE = 30
ABOVE = [("office_rules:index", gettext_lazy("Rules in force"))]


class WorkingDayForm(forms.Form):
    """One day."""

    day = forms.DateField(
        label=gettext_lazy("Day"),
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("Today or later."),
    )
    is_working = forms.TypedChoiceField(
        label=gettext_lazy("On this day"),
        choices=[("no", gettext_lazy("Nobody works")), ("yes", gettext_lazy("People work"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        initial="no",
        help_text=gettext_lazy(
            "Promises to buyers and the hours that growers have are counted without days off."
        ),
    )
    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=120,
        help_text=gettext_lazy("Like “Day off in exchange for Tết”."),
    )
    source = source_field()


class WorkingDaysView(OfficeView):
    """The exceptions, the newest first, and the form for another."""

    needs = [WORKING_DAYS]
    needs_to_post = [ADD]
    template_name = "office/working_days.html"
    header_icon = "date"
    page_title = gettext_lazy("Working days")
    above = ABOVE

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.shown(WorkingDayForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = WorkingDayForm(request.POST)
        if form.is_valid():
            try:
                row = actions.add_exception(
                    **form.cleaned_data, actor=request.user, today=clock.today()
                )
            except WorkingDayError as error:
                form.add_error("day", str(error))
            else:
                messages.success(
                    request, _("%(day)s was noted.") % {"day": formats.date(row.day)}
                )
                return redirect("office_rules:working_days")
        return self.shown(form, status=422)

    def shown(self, form: WorkingDayForm, status: int = 200) -> HttpResponse:
        user = self.request.user
        page = Paginator(WorkingDayException.objects.order_by("-day"), PER_PAGE).get_page(
            self.request.GET.get("p")
        )
        return self.render_to_response(
            self.get_context_data(
                form=form, page=page, query="", today=clock.today(),
                may_add=user.has_perm(ADD), may_change=user.has_perm(CHANGE),
            ),
            status=status,
        )


class RemoveView(PostOnly, OfficeView):
    """Take a coming day off the list."""

    needs = [WORKING_DAYS, CHANGE]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = self.find(WorkingDayException.objects.all(), pk)
        try:
            actions.remove_exception(pk=row.pk, actor=request.user, today=clock.today())
        except WorkingDayError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("It was taken off the list."))
        return redirect("office_rules:working_days")


class WorkingDaysHistoryView(OfficeView):
    """Who wrote which day."""

    needs = [WORKING_DAYS]
    template_name = "office/history.html"
    header_icon = "history"
    page_title = gettext_lazy("History")
    page_subtitle = gettext_lazy("Working days")
    above = ABOVE

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        items = super().get_breadcrumbs_items()
        url = reverse("office_rules:working_days")
        items.insert(-1, {"url": url, "label": _("Working days")})
        return items

    def get(self, request: HttpRequest) -> HttpResponse:
        rows = AuditEntry.objects.select_related("content_type").filter(
            content_type=ContentType.objects.get_for_model(WorkingDayException)
        )
        page = Paginator(rows, PER_PAGE).get_page(request.GET.get("p"))
        return self.render_to_response(
            self.get_context_data(page=page, entries=told(page.object_list))
        )


class WorkingDaysExportView(OfficeView):
    """The list for a spreadsheet."""

    needs = [WORKING_DAYS]

    def get(self, request: HttpRequest, kind: str) -> HttpResponse:
        heads = [_("Day"), _("Worked"), _("Name"), _("Source")]
        rows = (
            [row.day, _("yes") if row.is_working else _("no"), row.name, row.source]
            for row in WorkingDayException.objects.order_by("-day")
        )
        name = f"working-days-{clock.today():%Y-%m-%d}"
        return exports.response(name, kind, _("Working days"), heads, rows)
