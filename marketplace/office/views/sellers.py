"""Newcomers and papers: applications to sell, and the papers that producers hand in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marketplace.checkout.forms import PlainText
from marketplace.kernel import clock
from marketplace.office import queries
from marketplace.office.search import with_words
from marketplace.office.views.base import OfficeView, PostOnly
from marketplace.producers import application_actions, paper_actions
from marketplace.producers.errors import ProducersError
from marketplace.producers.models import Paper, SellerApplication

VIEW_APPLICATIONS = "producers.view_sellerapplication"
JUDGE_APPLICATIONS = "producers.change_sellerapplication"
VIEW_PAPERS = "producers.view_paper"
JUDGE_PAPERS = "producers.change_paper"
PER_PAGE = 20


class JudgeForm(forms.Form):
    """Yes, or no and why."""

    answer = forms.ChoiceField(choices=[("yes", ""), ("no", "")])
    reason = PlainText(
        label=gettext_lazy("Why not? They read it."),
        max_length=300,
        required=False,
        attrs={"autocomplete": "off"},
    )


class _Queue(OfficeView):
    """What waits first, then what was answered; each with its two buttons.

    The answer to one row is posted to the row's own address and comes back to the list; a
    refused answer shows the row with what was typed.
    """

    template_name: str
    #: The row that was just refused, with its form.
    refused: tuple[int, JudgeForm] | None = None

    def rows(self) -> Any:
        """What this person may see."""
        raise NotImplementedError

    def waiting(self, rows: Any) -> Any:
        raise NotImplementedError

    def search(self, rows: Any, words: str) -> Any:
        raise NotImplementedError

    def may_judge(self) -> bool:
        raise NotImplementedError

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.shown()

    def shown(self, status: int = 200) -> HttpResponse:
        rows = self.rows()
        words = self.request.GET.get("q", "").replace("\x00", "")[:100]
        found = self.search(rows, words)
        refused_pk, form = self.refused or (None, JudgeForm())
        answered = Paginator(
            found.exclude(pk__in=self.waiting(rows).values("pk")), PER_PAGE
        ).get_page(self.request.GET.get("p"))
        return self.render_to_response(
            self.get_context_data(
                waiting=list(self.waiting(found).order_by("pk")[:100]),
                answered=answered,
                words=words,
                may_judge=self.may_judge(),
                refused_pk=refused_pk,
                judge_form=form,
            ),
            status=status,
        )


class ApplicationsView(_Queue):
    """Applications to sell, the oldest on top."""

    needs = [VIEW_APPLICATIONS]
    template_name = "office/applications.html"
    header_icon = "user"
    page_title = gettext_lazy("Applications to sell")

    def rows(self) -> Any:
        return queries.applications_visible_to(self.request.user).select_related(
            "commune__province", "judged_by", "producer"
        )

    def waiting(self, rows: Any) -> Any:
        return rows.filter(state=SellerApplication.State.NEW)

    def search(self, rows: Any, words: str) -> Any:
        return with_words(rows, words, "name", "representative", "number", "commune__name")

    def may_judge(self) -> bool:
        return self.request.user.has_perms([JUDGE_APPLICATIONS, "producers.add_producer"])


class JudgeApplicationView(PostOnly, ApplicationsView):
    """Accepted: a producer is made of it. Declined: the applicant reads why."""

    needs = [VIEW_APPLICATIONS, JUDGE_APPLICATIONS, "producers.add_producer"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        application = self.find(queries.applications_visible_to(request.user), pk)
        form = JudgeForm(request.POST)
        if not form.is_valid():
            self.refused = (pk, form)
            return self.shown(status=422)
        try:
            if form.cleaned_data["answer"] == "yes":
                producer = application_actions.accept(
                    application_id=application.pk, actor=request.user, now=clock.now()
                )
                messages.success(
                    request,
                    _("%(name)s was added. Check the identity next, so that it may sell.")
                    % {"name": producer.name},
                )
                return redirect("office_producers:edit", producer.pk)
            application_actions.decline(
                application_id=application.pk,
                reason=form.cleaned_data["reason"],
                actor=request.user,
                now=clock.now(),
            )
        except ProducersError as error:
            form.add_error("reason", str(error))
            self.refused = (pk, form)
            return self.shown(status=422)
        messages.success(
            request, _("%(number)s was declined.") % {"number": application.number}
        )
        return redirect("office_applications:index")


class PapersView(_Queue):
    """Papers that producers stated, the oldest on top."""

    needs = [VIEW_PAPERS]
    template_name = "office/papers.html"
    header_icon = "doc-full-inverse"
    page_title = gettext_lazy("Producers' papers")

    def rows(self) -> Any:
        rows = queries.papers_visible_to(self.request.user).select_related(
            "producer__commune", "item", "judged_by"
        )
        if self.request.GET.get("ending") == "on":
            return queries.papers_ending(rows, clock.today())
        return rows

    def waiting(self, rows: Any) -> Any:
        return rows.filter(state=Paper.State.ATTESTED)

    def search(self, rows: Any, words: str) -> Any:
        return with_words(rows, words, "producer__name_vi", "number", "item__name_vi")

    def may_judge(self) -> bool:
        return self.request.user.has_perm(JUDGE_PAPERS)


class JudgePaperView(PostOnly, PapersView):
    """Seen and right, or not accepted and why."""

    needs = [VIEW_PAPERS, JUDGE_PAPERS]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        paper = self.find(queries.papers_visible_to(request.user), pk)
        form = JudgeForm(request.POST)
        if form.is_valid():
            try:
                judged = paper_actions.judge_paper(
                    paper_id=paper.pk,
                    accept=form.cleaned_data["answer"] == "yes",
                    reason=form.cleaned_data["reason"],
                    actor=request.user,
                    now=clock.now(),
                )
            except ProducersError as error:
                form.add_error("reason", str(error))
            else:
                messages.success(
                    request,
                    _("Noted as seen: %(paper)s.") % {"paper": judged}
                    if judged.state == Paper.State.VERIFIED
                    else _("Not accepted: %(paper)s.") % {"paper": judged},
                )
                return redirect("office_papers:index")
        self.refused = (pk, form)
        return self.shown(status=422)


class ScanView(OfficeView):
    """The scan of a paper, only as a download: nothing in it is opened by the browser."""

    needs = [VIEW_PAPERS]

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        paper = self.find(queries.papers_visible_to(request.user), pk)
        if not paper.scan:
            raise Http404
        suffix = paper.scan.name.rpartition(".")[2]
        response = FileResponse(
            paper.scan.open("rb"),
            as_attachment=True,
            filename=f"paper-{paper.pk}.{suffix}",
        )
        response["X-Content-Type-Options"] = "nosniff"
        response["Content-Security-Policy"] = "sandbox; default-src 'none'"
        return response
