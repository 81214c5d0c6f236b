"""Tables as people hand them in, and the worker that judges and writes them."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation
from openpyxl import Workbook

from marketplace.imports import actions, working
from marketplace.imports.models import Import


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, settings):
    """Files of a test go when the test is over."""
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {**settings.STORAGES["default"], "OPTIONS": {"location": tmp_path}},
    }


@pytest.fixture(autouse=True)
def english():
    """What is said is read in English."""
    with translation.override("en"):
        yield


def workbook(*rows: Sequence[Any]) -> bytes:
    """A workbook of these rows."""
    book = Workbook()
    for row in rows:
        book.active.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def upload(data: bytes, name: str = "bang.xlsx") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


@pytest.fixture
def judged(db) -> Callable[..., Import]:
    """``judged(kind, actor, rows…)``: a table handed in and judged."""

    def judge(kind: str, actor, *rows: Sequence[Any], producer=None, data=None, name="bang.xlsx"):
        table = actions.hand_in(
            kind=kind, file=upload(data or workbook(*rows), name), producer=producer, actor=actor
        )
        working.judge(table_id=table.pk)
        table.refresh_from_db()
        return table

    return judge


def applied(table: Import, actor, *, without_errors: bool = False) -> Import:
    """Confirmed, and written as the worker does it."""
    actions.confirm(table=table, without_errors=without_errors, actor=actor)
    working.apply(table_id=table.pk)
    table.refresh_from_db()
    return table


def undone(table: Import, actor) -> Import:
    """Taken back, as the worker does it."""
    actions.take_back(table=table, actor=actor)
    working.undo(table_id=table.pk)
    table.refresh_from_db()
    return table


def fates(table: Import) -> list[tuple[int, str]]:
    return list(table.rows.order_by("number").values_list("number", "fate"))


def codes(table: Import) -> dict[int, list[tuple[str, str]]]:
    """Row → (column, code) of each fault."""
    return {
        row.number: [(p["column"], p["code"]) for p in row.problems]
        for row in table.rows.order_by("number")
        if row.problems
    }
