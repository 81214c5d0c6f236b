"""Transfers to be made, as a workbook for the bank's bulk upload."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.http import HttpResponse
from django.utils.translation import gettext as _

from marketplace.office import exports


def response(name: str, rows: Iterable[Sequence[object]]) -> HttpResponse:
    """Bank, account, holder, amount, what to write. Text stays text: no cell is a formula."""
    heads = [
        _("Bank"), _("BIN"), _("Account number"), _("Account holder"), _("Amount"),
        _("What to write"),
    ]
    return exports.response(name, "xlsx", _("Transfers"), heads, rows)
