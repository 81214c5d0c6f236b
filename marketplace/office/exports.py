"""Lists for a spreadsheet, as XLSX or CSV; no text in them is ever computed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from django.http import Http404, HttpResponse
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from marketplace.imports.workbooks import CONTENT_TYPE, neutral

#: Excel takes no more letters in a sheet's name, and none of these.
_LONGEST_NAME = 31
_FORBIDDEN = str.maketrans("", "", "[]:*?/\\")


def response(
    name: str, kind: str, title: str, heads: Sequence[str], rows: Iterable[Sequence[Any]]
) -> HttpResponse:
    """The list as a download called ``name``; ``kind`` is xlsx or csv, anything else is 404."""
    if kind == "csv":
        # With a mark, so that Excel reads Vietnamese letters as they are.
        out = io.StringIO("\ufeff")
        out.seek(0, io.SEEK_END)
        writer = csv.writer(out)
        for row in (heads, *rows):
            writer.writerow([neutral(value) for value in row])
        answer = HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")
    elif kind == "xlsx":
        book = Workbook(write_only=True)
        sheet = book.create_sheet(title.translate(_FORBIDDEN)[:_LONGEST_NAME])
        for row in (heads, *rows):
            sheet.append([_cell(sheet, value) for value in row])
        book_bytes = io.BytesIO()
        book.save(book_bytes)
        answer = HttpResponse(book_bytes.getvalue(), content_type=CONTENT_TYPE)
    else:
        raise Http404
    answer["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return answer


def _cell(sheet: Any, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(sheet, value=value)
    cell.data_type = "s"
    cell.quotePrefix = True
    return cell
