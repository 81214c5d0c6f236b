"""The dated rows that decide: delivery prices, limits, terms, texts, fees, duties, trust.

Every table has the same pages: its versions, a new one from a day on (looked at before it is
saved), the last day of one, taking back what has not begun, the history, and an export.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.contenttypes.models import ContentType
from django.core.paginator import Paginator
from django.db.models import Count, Min, Model, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marketplace.kernel import clock
from marketplace.office import exports, rule_tables
from marketplace.office.rule_tables import Table, standing
from marketplace.office.views.base import OfficeView
from marketplace.office.views.history import told
from marketplace.platform.audit import AuditEntry
from marketplace.platform.dated import in_force
from marketplace.platform.dated_actions import DatedError
from theme.views import forbidden

PER_PAGE = 30
WORKING_DAYS = "delivery.view_workingdayexception"
STANDINGS = {
    "coming": gettext_lazy("Coming"),
    "now": gettext_lazy("In force"),
    "past": gettext_lazy("Past"),
}


def may_read_rules(user: Any) -> bool:
    """Whether there is anything on the page for this person."""
    return bool(rule_tables.readable_by(user)) or user.has_perm(WORKING_DAYS)


class RulesView(OfficeView):
    """All tables that this person may read: what each is for, how many rows hold, what comes."""

    template_name = "office/rules.html"
    header_icon = "doc-full"
    page_title = gettext_lazy("Rules in force")

    def get(self, request: HttpRequest) -> HttpResponse:
        if not may_read_rules(request.user):
            return forbidden(request)
        today = clock.today()
        tables = []
        for table in rule_tables.readable_by(request.user):
            counted = table.model._default_manager.aggregate(
                now=Count("pk", filter=in_force(today)),
                coming=Min("effective_from", filter=Q(effective_from__gt=today)),
            )
            tables.append({"table": table, **counted})
        return self.render_to_response(
            self.get_context_data(
                tables=tables, reads_working_days=request.user.has_perm(WORKING_DAYS)
            )
        )


class RuleTableView(OfficeView):
    """A page of one table."""

    header_icon = "doc-full"
    #: What is needed beside looking: ``add`` or ``change``.
    action = ""
    table: Table

    def dispatch(self, request: HttpRequest, *, table: str, **kwargs: Any) -> HttpResponse:
        if not may_read_rules(request.user):
            return forbidden(request)
        found = rule_tables.by_slug(table)
        if found is None:
            raise Http404
        self.table = found
        self.needs = [found.permission("view")]
        if self.action:
            self.needs.append(found.permission(self.action))
        return super().dispatch(request, **kwargs)

    @property
    def above(self) -> list[tuple[str, Any]]:
        return [("office_rules:index", _("Rules in force"))]

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        items = super().get_breadcrumbs_items()
        if not isinstance(self, TableView):
            items.insert(-1, {"url": self.table_url, "label": str(self.table.heading)})
        return items

    @property
    def table_url(self) -> str:
        return self.url("table")

    def url(self, name: str, *args: Any) -> str:
        return reverse(f"office_rules:{name}", args=(self.table.slug, *args))

    def may(self, action: str) -> bool:
        return self.request.user.has_perm(self.table.permission(action))

    def version(self, pk: int) -> list[Model]:
        """All rows of the version whose first row this is, else 404."""
        row = self.find(self.table.versions(), pk)
        return self.table.whole([row])[row.pk]

    def shown(self, status: int = 200, **context: Any) -> HttpResponse:
        return self.render_to_response(
            self.get_context_data(table=self.table, table_url=self.table_url, **context),
            status=status,
        )

    def refused(self, error: DatedError) -> HttpResponse:
        """Say why, on the table's page, where it can be seen."""
        messages.error(self.request, str(error))
        return redirect(self.table_url)


class TableView(RuleTableView):
    """The versions of one table; those in force and coming, or all."""

    template_name = "office/rule_table.html"

    def get_page_title(self) -> str:
        return str(self.table.heading)

    def get(self, request: HttpRequest) -> HttpResponse:
        today = clock.today()
        state = request.GET.get("state", "")
        rows = self.table.versions()
        if state == "past":
            rows = rows.filter(effective_through__lt=today)
        elif state in ("coming", "now"):
            rows = rows.filter(
                in_force(today) if state == "now" else Q(effective_from__gt=today)
            )
        elif state != "all":
            state = ""
            rows = rows.filter(Q(effective_through=None) | Q(effective_through__gte=today))
        page = Paginator(rows, PER_PAGE).get_page(request.GET.get("p"))
        whole = self.table.whole(page.object_list)
        return self.shown(
            page=page,
            query=f"state={state}" if state else "",
            state=state,
            states=[
                ("", _("In force and coming")), ("now", STANDINGS["now"]),
                ("coming", STANDINGS["coming"]), ("past", STANDINGS["past"]), ("all", _("All")),
            ],
            versions=[self._told(row, whole[row.pk], today) for row in page.object_list],
            may_add=self.may("add"),
            links={
                "new": self.url("new"), "history": self.url("history"),
                "csv": self.url("export", "csv"), "xlsx": self.url("export", "xlsx"),
            },
        )

    def _told(self, row: Any, rows: list[Model], today: date) -> dict[str, Any]:
        stands = standing(row, today)
        may_change = self.may("change")
        return {
            "row": row,
            "name": self.table.name(row),
            "lines": self.table.lines(rows),
            "days": rule_tables.days(row),
            "standing": stands,
            "word": STANDINGS[stands],
            "next_url": f"{self.url('new')}?like={row.pk}" if self.may("add") else "",
            "change_url": self.url("change", row.pk) if may_change and stands == "coming" else "",
            "withdraw_url": (
                self.url("withdraw", row.pk) if may_change and stands == "coming" else ""
            ),
            "end_url": (
                self.url("end", row.pk)
                if may_change and self.table.may_end and stands != "past"
                else ""
            ),
        }


class TableHistoryView(RuleTableView):
    """Who changed what in one table, withdrawn versions among it."""

    template_name = "office/history.html"
    header_icon = "history"

    def get_page_title(self) -> str:
        return _("History")

    def get_page_subtitle(self) -> str:
        return str(self.table.heading)

    def get(self, request: HttpRequest) -> HttpResponse:
        rows = AuditEntry.objects.select_related("content_type").filter(
            content_type=ContentType.objects.get_for_model(self.table.model),
            action__startswith="rule.",
        )
        page = Paginator(rows, PER_PAGE).get_page(request.GET.get("p"))
        return self.shown(page=page, entries=told(page.object_list))


class ExportView(RuleTableView):
    """All versions of one table, for a spreadsheet."""

    def get(self, request: HttpRequest, kind: str) -> HttpResponse:
        rows = list(self.table.versions())
        whole = self.table.whole(rows)
        today = clock.today()
        told_rows = [(row, self.table.lines(whole[row.pk])) for row in rows]
        # A price table's lines differ from version to version: they share one column.
        labels = (
            []
            if self.table.part
            else list(dict.fromkeys(name for _row, lines in told_rows for name in lines))
        )
        heads = [
            _("Item"), *(labels or [_("Lines")]), _("First day"), _("Last day"), _("State"),
        ]
        cells = [
            [
                self.table.name(row),
                *(
                    [lines.get(name, "") for name in labels]
                    or ["; ".join(f"{name}: {words}" for name, words in lines.items())]
                ),
                row.effective_from, row.effective_through,
                str(STANDINGS[standing(row, today)]),
            ]
            for row, lines in told_rows
        ]
        return exports.response(
            f"{self.table.slug}-{today:%Y-%m-%d}", kind, str(self.table.heading), heads, cells
        )
