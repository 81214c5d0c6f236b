"""Changing dated rows: a new version, another wording, the last day, taking back."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from marketplace.accounts.forms import SecondFactorAgainForm
from marketplace.kernel import clock, formats
from marketplace.office import rule_tables
from marketplace.office.forms.rules import EndForm
from marketplace.office.rule_tables import standing
from marketplace.office.views.rules import RuleTableView, may_read_rules
from marketplace.platform import dated_actions
from marketplace.platform.dated_actions import ONE_DAY, ChangedMeanwhile, DatedError, Strand
from theme.views import forbidden


class _FormView(RuleTableView):
    """A form that is looked at before it is saved.

    ``step`` of a post: ``check`` shows what would change, ``save`` does it, ``back`` shows the
    form again as it was typed.
    """

    template_name = "office/rule_form.html"
    fixed = False
    rows: list[Model]

    def form(self, data: Any = None) -> Any:
        return self.table.form(data, rows=self.rows, fixed=self.fixed)

    def strand(self, form: Any) -> Strand:
        return (
            self.table.strand_of(self.rows[0]) if self.fixed else self.table.strand(form.key)
        )

    def answer(self) -> HttpResponse:
        request = self.request
        if request.method != "POST":
            return self.asked(self.form())
        form, step = self.form(request.POST), request.POST.get("step", "check")
        if not form.is_valid():
            return self.asked(form, status=422)
        if step == "back":
            return self.asked(form)
        strand = self.strand(form)
        on = self.rows[0].effective_from if self.fixed else form.cleaned_data["effective_from"]
        if problem := self.problem(form, strand, on):
            form.add_error(None if self.fixed else "effective_from", problem)
            return self.asked(form, status=422)
        if step != "save":
            return self.looked_at(form, strand, on)
        code = self.code_form(request.POST)
        if code is not None and not code.is_valid():
            return self.looked_at(form, strand, on, code=code, status=422)
        try:
            self.save(form, strand, on, request.POST.get("seen", ""))
        except ChangedMeanwhile as error:
            messages.error(request, str(error))
            return self.looked_at(form, strand, on, status=422)
        except DatedError as error:
            form.add_error(None if self.fixed else "effective_from", str(error))
            return self.asked(form, status=422)
        messages.success(
            request,
            _("Saved: %(name)s, from %(day)s.")
            % {"name": self.table.name(self.drawn(form, strand, on)[0]), "day": formats.date(on)},
        )
        return redirect(self.table_url)

    def problem(self, form: Any, strand: Strand, on: date) -> str:
        """Why it cannot be saved, before it is looked at."""
        raise NotImplementedError

    def before(self, strand: Strand, on: date) -> list[Model]:
        """What it stands against."""
        raise NotImplementedError

    def save(self, form: Any, strand: Strand, on: date, seen: str) -> None:
        raise NotImplementedError

    def values(self, form: Any) -> list[dict[str, Any]]:
        return [{**row, **self.table.signed(self.request.user)} for row in form.values]

    def code_form(self, data: Any = None) -> django_forms.Form | None:
        """Asks for the second factor again where the table is delicate."""
        if not self.table.is_delicate:
            return None
        return SecondFactorAgainForm(data, user=self.request.user)

    def drawn(self, form: Any, strand: Strand, on: date) -> list[Any]:
        """The rows as they would be."""
        return [
            self.table.model(**dict(strand.key), **values, effective_from=on)
            for values in self.values(form)
        ]

    def asked(self, form: Any, status: int = 200) -> HttpResponse:
        return self.shown(form=form, rows=self.rows, fixed=self.fixed, status=status)

    def looked_at(
        self, form: Any, strand: Strand, on: date, *, code: Any = None, status: int = 200
    ) -> HttpResponse:
        """What would change, and the button that does it."""
        rows = self.drawn(form, strand, on)
        before = self.before(strand, on)
        after_lines = self.table.lines(rows)
        before_lines = self.table.lines(before) if before else {}
        self.template_name = "office/rule_preview.html"
        return self.shown(
            form=form,
            hidden=[field.as_hidden() for field in form],
            code_form=code or self.code_form(),
            name=self.table.name(rows[0]),
            first_day=on,
            last_day=self.last_day(strand, on),
            ends_before=on - ONE_DAY if before and not self.fixed else None,
            changes=[
                (label, before_lines.get(label, "–"), after_lines.get(label, "–"))
                for label in {**before_lines, **after_lines}
            ],
            has_before=bool(before),
            seen=strand.mark(),
            status=status,
        )

    def last_day(self, strand: Strand, on: date) -> date | None:
        return dated_actions.last_day(strand, on)


class NewView(_FormView):
    """A new version from a day on; ``like`` names the one that it is written after."""

    action = "add"

    def get_page_title(self) -> str:
        return _("New from a day on")

    def get(self, request: HttpRequest) -> HttpResponse:
        like = request.GET.get("like", "")
        self.rows = self.version(int(like)) if like.isdecimal() and len(like) < 10 else []
        return self.answer()

    def post(self, request: HttpRequest) -> HttpResponse:
        self.rows = []
        return self.answer()

    def problem(self, form: Any, strand: Strand, on: date) -> str:
        if on < clock.today():
            return str(dated_actions.BeginsInThePast())
        if strand.from_day(on):
            return str(dated_actions.BeginsAlready(on))
        before = strand.on(on)
        same = before and self.table.lines(before) == self.table.lines(
            self.drawn(form, strand, on)
        )
        return _("Nothing would change: it is the same as what holds on that day.") if same else ""

    def before(self, strand: Strand, on: date) -> list[Model]:
        return strand.on(on)

    def save(self, form: Any, strand: Strand, on: date, seen: str) -> None:
        dated_actions.begin(
            strand=strand, on=on, values=self.values(form), actor=self.request.user,
            today=clock.today(), seen=seen,
        )


class ChangeView(_FormView):
    """Another wording of what has not begun; its days stay."""

    action = "change"
    fixed = True

    def get_page_title(self) -> str:
        return _("Change before it begins")

    def get_page_subtitle(self) -> str:
        return f"{self.table.name(self.rows[0])} · {rule_tables.days(self.rows[0])}"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.post(request, pk)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        self.rows = self.version(pk)
        if self.rows[0].effective_from <= clock.today():
            return self.refused(dated_actions.BegunAlready())
        return self.answer()

    def problem(self, form: Any, strand: Strand, on: date) -> str:
        return ""

    def before(self, strand: Strand, on: date) -> list[Model]:
        return strand.from_day(on)

    def last_day(self, strand: Strand, on: date) -> date | None:
        return self.rows[0].effective_through

    def save(self, form: Any, strand: Strand, on: date, seen: str) -> None:
        dated_actions.change(
            strand=strand, on=on, values=self.values(form), actor=self.request.user,
            today=clock.today(), seen=seen,
        )


class _OneVersionView(RuleTableView):
    """Something done to one version, after a look at it."""

    template_name = "office/rule_version.html"
    action = "change"
    rows: list[Any]

    def get_page_subtitle(self) -> str:
        return self.table.name(self.rows[0])

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.post(request, pk)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        self.rows = self.version(pk)
        self.strand = self.table.strand_of(self.rows[0])
        if reason := self.barred():
            return self.refused(reason)
        form = self.form(request.POST if request.method == "POST" else None)
        code = None
        if self.table.is_delicate:
            code = SecondFactorAgainForm(
                request.POST if request.method == "POST" else None, user=request.user
            )
        status = 200
        if request.method == "POST":
            status = 422
            if form.is_valid() and (code is None or code.is_valid()):
                try:
                    self.do(form, request.POST.get("seen", ""))
                except DatedError as error:
                    form.add_error(None, str(error))
                else:
                    messages.success(request, self.done())
                    return redirect(self.table_url)
        return self.shown(
            form=form, code_form=code, rows=self.rows, days=rule_tables.days(self.rows[0]),
            lines=self.table.lines(self.rows), seen=self.strand.mark(), status=status,
            **self.words(),
        )

    def barred(self) -> DatedError | None:
        raise NotImplementedError

    def form(self, data: Any) -> django_forms.Form:
        raise NotImplementedError

    def words(self) -> dict[str, Any]:
        raise NotImplementedError

    def do(self, form: Any, seen: str) -> None:
        raise NotImplementedError

    def done(self) -> str:
        raise NotImplementedError


class EndView(_OneVersionView):
    """The last day of what is in force or coming."""

    def get_page_title(self) -> str:
        return _("Set the last day")

    def barred(self) -> DatedError | None:
        is_over = standing(self.rows[0], clock.today()) == "past"
        return dated_actions.EndsTooEarly() if is_over else None

    def dispatch(self, request: HttpRequest, *, table: str, **kwargs: Any) -> HttpResponse:
        found = rule_tables.by_slug(table)
        if found is not None and not found.may_end and may_read_rules(request.user):
            if not request.user.has_perm(found.permission("change")):
                return forbidden(request)
            raise Http404
        return super().dispatch(request, table=table, **kwargs)

    def form(self, data: Any) -> django_forms.Form:
        return EndForm(data, through=self.rows[0].effective_through)

    def words(self) -> dict[str, Any]:
        return {"meaning": self.table.without, "button": _("Save the last day")}

    def do(self, form: Any, seen: str) -> None:
        dated_actions.end(
            strand=self.strand, on=self.rows[0].effective_from,
            through=form.cleaned_data["effective_through"], actor=self.request.user,
            today=clock.today(), seen=seen,
        )

    def done(self) -> str:
        return _("The last day was saved.")


class WithdrawView(_OneVersionView):
    """What has not begun does not come; what it would have replaced goes on."""

    def get_page_title(self) -> str:
        return _("Withdraw before it begins")

    def barred(self) -> DatedError | None:
        has_begun = self.rows[0].effective_from <= clock.today()
        return dated_actions.BegunAlready() if has_begun else None

    def form(self, data: Any) -> django_forms.Form:
        return django_forms.Form(data)

    def words(self) -> dict[str, Any]:
        row = self.rows[0]
        goes_on = self.strand.on(row.effective_from - ONE_DAY)
        meaning = _("Nothing holds in its place.")
        if goes_on and row.effective_through is None:
            meaning = _("What holds before it goes on until it is replaced.")
        elif goes_on:
            meaning = _("What holds before it goes on through %(day)s.") % {
                "day": formats.date(row.effective_through)
            }
        return {"meaning": meaning, "button": _("Withdraw it"), "is_loss": True}

    def do(self, form: Any, seen: str) -> None:
        dated_actions.withdraw(
            strand=self.strand, on=self.rows[0].effective_from, actor=self.request.user,
            today=clock.today(), seen=seen,
        )

    def done(self) -> str:
        return _("It was withdrawn.")
