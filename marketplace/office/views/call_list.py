"""The call list: whom to call, and what was said."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marketplace.kernel import clock
from marketplace.office import call_list, queries
from marketplace.office.forms.calls import CallNoteForm, ReportAnswerForm
from marketplace.office.views.base import OfficeView, PostOnly
from marketplace.office.views.orders import MOVE, VIEW
from marketplace.orders import actions as orders
from marketplace.orders.actors import Actor
from marketplace.orders.errors import OrdersError
from marketplace.orders.models import CallNote, Consignment

NEEDS = [*VIEW, MOVE]


class CallListView(OfficeView):
    """Parcels that nobody confirms, reports, and questions without an answer."""

    needs = NEEDS
    template_name = "office/call_list.html"
    header_icon = "comment"
    page_title = gettext_lazy("Call list")

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.shown()

    def shown(self, status: int = 200, **bound: Any) -> HttpResponse:
        """The page, with one form as it was sent where something was wrong."""
        user = self.request.user
        return self.render_to_response(
            self.get_context_data(
                sections=[
                    {
                        "about": section.about.value,
                        "title": section.about.label,
                        "items": [
                            self.told(row, section.about, bound)
                            for row in call_list.shown(section.rows)
                        ],
                    }
                    for section in call_list.sections(user, clock.now())
                ],
            ),
            status=status,
        )

    def told(
        self, row: Consignment, about: CallNote.About, bound: dict[str, Any]
    ) -> dict[str, Any]:
        """One call to make."""
        mine = bound.get("consignment") == row.pk and bound.get("about") == about
        report = next((r for r in row.arrival_reports.all() if r.answered_at is None), None)
        question = next((a for a in row.short_packs.all() if not a.answer), None)
        return {
            "row": row,
            "calls_buyer": about == CallNote.About.SHORT_PACK,
            "report": report if about == CallNote.About.NOT_ARRIVED else None,
            "question": question if about == CallNote.About.SHORT_PACK else None,
            "notes": [n for n in row.call_notes.all() if n.about == about],
            "form": bound["form"] if mine and "form" in bound else CallNoteForm(),
            "answer_form": bound["answer"] if mine and "answer" in bound else ReportAnswerForm(),
        }


class NoteCallView(PostOnly, CallListView):
    """Keep what was said on the phone."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        consignment = self.find(queries.consignments_visible_to(request.user), pk)
        form = CallNoteForm(request.POST)
        if not form.is_valid():
            return self.shown(
                422, consignment=consignment.pk, about=request.POST.get("about"), form=form
            )
        now = clock.now()
        orders.note_call(
            consignment_id=consignment.pk,
            about=form.cleaned_data["about"],
            said=form.cleaned_data["said"],
            is_done=form.is_done,
            again_at=form.again_at(now),
            actor=request.user,
            now=now,
        )
        messages.success(
            request, _("%(number)s: the call is noted.") % {"number": consignment.number}
        )
        return redirect("office_call_list:index")


class AnswerReportView(PostOnly, CallListView):
    """Answer a buyer's report for the producer."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        consignment = self.find(queries.consignments_visible_to(request.user), pk)
        report = consignment.arrival_reports.filter(answered_at=None).first()
        if report is None:
            messages.info(request, _("This has been answered already."))
            return redirect("office_call_list:index")
        form = ReportAnswerForm(request.POST)
        if not form.is_valid():
            return self.shown(
                422,
                consignment=consignment.pk,
                about=CallNote.About.NOT_ARRIVED,
                answer=form,
            )
        try:
            orders.answer_report(
                report_id=report.pk,
                answer=form.cleaned_data["answer"],
                actor=Actor.office(request.user),
                now=clock.now(),
            )
        except OrdersError as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, _("The buyer has been answered."))
        return redirect("office_call_list:index")
