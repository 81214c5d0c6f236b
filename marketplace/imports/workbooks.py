"""Workbooks that we hand out: templates to fill in, what is there now, and errors to mend.

What people typed is neutralised: a text that a spreadsheet would compute gets an apostrophe in
front, which reading takes off again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from catalogue.models import Category, ProductClass
from marketplace.imports.cells import PROVINCE
from marketplace.imports.columns import Column, by_key, columns_of
from marketplace.imports.errors import told
from marketplace.imports.models import Import, ImportRow
from marketplace.imports.reading import MAX_ROWS
from marketplace.kernel import clock
from marketplace.places.fields import written
from marketplace.places.queries import communes_on
from marketplace.producers.models import Producer

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
_AS_TEXT = ("code", "phone", "gtin")
_HEADER = PatternFill("solid", fgColor="11624A")
_HELP = PatternFill("solid", fgColor="E7F1EC")
_EXAMPLE = Font(italic=True, color="707070")
#: Excel takes no more letters in a sheet's name.
_LONGEST_NAME = 31


def neutral(value: Any) -> Any:
    """A cell that no spreadsheet computes: texts that look like a formula get an apostrophe."""
    if isinstance(value, str) and value.startswith(_DANGEROUS):
        return "'" + value
    return value


def template(
    kind: str, *, producer: Producer | None, rows: Iterable[dict[str, Any]] = ()
) -> bytes:
    """A workbook to fill in, in the reader's language: headings, explanations, lists to choose
    from, an example; with ``rows``, what is there now instead of the example."""
    columns = columns_of(kind, for_office=producer is None)
    book = Workbook()
    sheet = book.active
    sheet.title = str(Import.Kind(kind).label)[:_LONGEST_NAME]
    _headings(sheet, columns)
    for place, column in enumerate(columns, 1):
        cell = sheet.cell(2, place, str(column.help))
        cell.fill, cell.alignment = _HELP, Alignment(wrap_text=True, vertical="top")
    filled = False
    for row in rows:
        filled = True
        sheet.append([_cell(column, row.get(column.key)) for column in columns])
    if not filled:
        sheet.append([_cell(column, column.example) for column in columns])
        for cell in sheet[3]:
            cell.font = _EXAMPLE
    _lists(book, sheet, columns)
    return _bytes(book)


def errors(table: Import) -> bytes:
    """The rows with errors as they were, each with its reasons: to be mended and handed in."""
    columns = columns_of(table.kind, for_office=table.producer_id is None)
    reason = Column("reason", _("What is wrong"), width=60)
    number = Column("row", _("Row"), width=8)
    book = Workbook()
    sheet = book.active
    sheet.title = _("Errors")[:_LONGEST_NAME]
    _headings(sheet, (number, reason, *columns))
    for row in table.rows.filter(fate=ImportRow.Fate.ERROR).order_by("number").iterator():
        said = [neutral(row.cells.get(column.key, "")) for column in columns]
        sheet.append([row.number, neutral(" ".join(reasons(table.kind, row))), *said])
    for cells in sheet.iter_rows(min_row=2):
        for cell in cells:
            if isinstance(cell.value, str):
                cell.number_format = "@"
    _lists(book, sheet, columns, first=3)
    return _bytes(book)


def reasons(kind: str, row: ImportRow) -> list[str]:
    """Each fault of a row in the reader's language, with the column's heading."""
    find = by_key(kind)
    found = []
    for problem in row.problems:
        text = told(problem["code"], problem["params"])
        column = find(problem["column"])
        found.append(f"{column.label}: {text}" if column else text)
    return found


def _headings(sheet: Worksheet, columns: Sequence[Column]) -> None:
    sheet.append([str(column.label) for column in columns])
    for place, column in enumerate(columns, 1):
        cell = sheet.cell(1, place)
        cell.font, cell.fill = Font(bold=True, color="FFFFFF"), _HEADER
        cell.alignment = Alignment(wrap_text=True, vertical="center")
        dimension = sheet.column_dimensions[get_column_letter(place)]
        dimension.width = column.width
        if column.kind in _AS_TEXT:
            # So that Excel keeps zeros in front and long numbers as they are.
            dimension.number_format = "@"
    sheet.freeze_panes = "A2"


def _cell(column: Column, value: Any) -> Any:
    if value is None:
        return ""
    if column.choices and value != "":
        labels = {code: str(label) for code, label in column.choices}
        if isinstance(value, list):
            return "; ".join(labels[code] for code in value) or _("none")
        return labels.get(value, value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        separator = ", " if column.kind == "months" else "; "
        return neutral(separator.join(str(item) for item in value))
    return neutral(value)


def _lists(book: Workbook, sheet: Worksheet, columns: Sequence[Column], first: int = 1) -> None:
    """Lists to choose from, on a hidden sheet."""
    hidden = book.create_sheet(_("Lists")[:_LONGEST_NAME])
    hidden.sheet_state = "hidden"
    made: dict[tuple[str, ...], str] = {}
    for place, column in enumerate(columns, first):
        choices = tuple(_choices(column))
        if not choices:
            continue
        if choices not in made:
            at = len(made) + 1
            for row, text in enumerate(choices, 1):
                hidden.cell(row, at, neutral(text))
            letter = get_column_letter(at)
            name = f"list_{at}"
            book.defined_names[name] = DefinedName(
                name,
                attr_text=f"'{hidden.title}'!${letter}$1:${letter}${len(choices)}",
            )
            made[choices] = name
        # A warning only: several at once, and other ways of writing, are understood too.
        rule = DataValidation(type="list", formula1=f"={made[choices]}", allow_blank=True)
        rule.errorStyle, rule.showErrorMessage = "warning", column.kind == "choice"
        letter = get_column_letter(place)
        rule.add(f"{letter}3:{letter}{MAX_ROWS}")
        sheet.add_data_validation(rule)


def _choices(column: Column) -> list[str]:
    if column.kind in ("choice", "allergens"):
        return [str(label) for _code, label in column.choices]
    if column.kind == "yes_no":
        return [_("yes"), _("no")]
    if column.kind == "commune":
        rows = communes_on(clock.today()).filter(province=PROVINCE).select_related("province")
        return [written(row) for row in rows.order_by("sort_key")]
    if column.kind == "product_class":
        rows = ProductClass.objects.exclude(set_number=None).order_by("set_number")
        return [f"{row.set_number} – {row.name}" for row in rows]
    if column.kind == "categories":
        return [row.name for row in Category.objects.order_by("path")]
    return []


def _bytes(book: Workbook) -> bytes:
    out = BytesIO()
    book.save(out)
    return out.getvalue()
