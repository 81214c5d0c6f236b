"""What pages of both desks show of a table: its fate in numbers and words, row by row."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from marketplace.imports import columns, current, workbooks
from marketplace.imports.errors import told
from marketplace.imports.models import Import, ImportRow
from marketplace.imports.workbooks import reasons
from marketplace.kernel import formats
from marketplace.producers.models import Producer

PER_PAGE = 50
TABLES_PER_PAGE = 20
Fate = ImportRow.Fate
#: More letters of a cell than this help nobody to compare.
_LONGEST_SHOWN = 120


def tables(rows: QuerySet[Import], page: str | None) -> Page:
    """A page of the history, newest first; three queries."""
    shown = rows.select_related("uploaded_by", "producer", "progress").order_by("-pk")
    return Paginator(shown, TABLES_PER_PAGE).get_page(page)


def details(table: Import, request: HttpRequest) -> dict[str, Any]:
    """A table with one page of its rows, those of one fate if the address says so."""
    fate = request.GET.get("fate", "")
    fate = fate if fate in Fate.values else ""
    is_stale = not fate and bool(request.GET.get("stale"))
    rows = table.rows.order_by("number")
    if fate:
        rows = rows.filter(fate=fate)
    elif is_stale:
        rows = rows.filter(is_stale=True)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("p"))
    counts = {
        Fate.NEW: table.n_new, Fate.CHANGED: table.n_changed,
        Fate.UNCHANGED: table.n_unchanged, Fate.ERROR: table.n_errors,
    }  # fmt: skip
    filters = [
        {
            "label": str(value.label), "count": formats.number(count),
            "url": "?" + urlencode({"fate": value}), "is_on": fate == value,
        }
        for value, count in counts.items()
    ]  # fmt: skip
    if table.note.get("code") == "world_changed":
        count = table.rows.filter(is_stale=True).count()
        filters.append(
            {
                "label": _("Different from before"), "count": formats.number(count),
                "url": "?stale=1", "is_on": is_stale,
            }  # fmt: skip
        )
    shown = {"fate": fate} if fate else {"stale": 1} if is_stale else {}
    return {
        "table": table,
        "note": note_of(table),
        "is_filtered": bool(shown),
        "url_of_page": lambda number: "?" + urlencode({**shown, "p": number}),
        "filters": filters,
        "page": page,
        "rows": [_row(table.kind, row) for row in page],
        "has_rows": table.state not in (Import.State.WAITING, Import.State.REFUSED),
        "may_confirm": table.state == Import.State.JUDGED and table.n_to_write > 0,
        "may_discard": table.state == Import.State.JUDGED,
        "may_undo": table.state == Import.State.APPLIED,
        "percent": table.progress.percent,
        "to_write": formats.number(table.n_to_write),
    }  # fmt: skip


def note_of(table: Import) -> str:
    """Why it was refused, or what came in between, in the reader's language."""
    note = table.note
    if not note:
        return ""
    text = told(note["code"], note.get("params"))
    if "undo_row" in note:
        return _(
            "This cannot be taken back any more. Row %(row)s, %(name)s: %(reason)s"
        ) % {"row": note["undo_row"], "name": note["name"], "reason": text}
    return text


def _row(kind: str, row: ImportRow) -> dict[str, Any]:
    find = columns.by_key(kind)
    changes = []
    for key, old, new in row.changes:
        column = find(key)
        if column is not None:
            changes.append(
                {
                    "label": str(column.label),
                    "old": _short(column.show(old)),
                    "new": _short(column.show(new)),
                }
            )
    return {
        "number": row.number,
        "key": row.key,
        "name": row.name,
        "fate": row.fate,
        "word": row.get_fate_display(),
        "changes": changes,
        "reasons": reasons(kind, row),
        "is_stale": row.is_stale,
    }


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"


def template_file(kind: str, producer: Producer | None, *, is_filled: bool) -> HttpResponse:
    """The template to download; with what is there now if ``is_filled``."""
    rows = current.rows(kind, producer=producer) if is_filled else ()
    return _download(
        workbooks.template(kind, producer=producer, rows=rows),
        f"{kind}-{'current' if is_filled else 'template'}.xlsx",
    )


def errors_file(table: Import) -> HttpResponse:
    """The rows with errors to download."""
    return _download(workbooks.errors(table), f"{table.kind}-{table.pk}-errors.xlsx")


def _download(data: bytes, name: str) -> HttpResponse:
    response = HttpResponse(data, content_type=workbooks.CONTENT_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
