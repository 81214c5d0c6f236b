"""Transfers to be made, as a workbook for the bank's bulk upload."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

from django.http import HttpResponse
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def response(name: str, rows: Iterable[Sequence[object]]) -> HttpResponse:
    """Bank, account, holder, amount, what to write. Text stays text: no cell is a formula."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("Transfers"))
    heads = [
        _("Bank"), _("BIN"), _("Account number"), _("Account holder"), _("Amount"),
        _("What to write"),
    ]
    for row in (heads, *rows):
        sheet.append([_cell(sheet, value) for value in row])
    out = io.BytesIO()
    book.save(out)
    answer = HttpResponse(out.getvalue(), content_type=TYPE)
    answer["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return answer


def _cell(sheet: object, value: object) -> object:
    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(sheet, value=value)
    cell.data_type = "s"
    cell.quotePrefix = True
    return cell
