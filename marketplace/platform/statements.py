"""Running statements that come again and again without planning them each time.

Planning a page's joins takes the server as long as running them. Within ``planned_once`` the
server plans a statement when its connection first sees it, and keeps the plan.

The administration is left out: Django cannot say every statement so that its values may go
apart (an expression with a value beside DISTINCT, say), and whoever builds lists out of any
column can meet one that it cannot.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse


@contextmanager
def planned_once() -> Iterator[None]:
    """For the time of the block the server keeps the plans of what it is asked."""
    before = connection.plans_once
    connection.plans_once = settings.DATABASE_PREPARED
    try:
        yield
    finally:
        connection.plans_once = before


class PlannedOnce:
    """Middleware: the pages of buyers ask the same again and again, in few ways."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.private_prefixes = tuple(settings.PRIVATE_PREFIXES)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(self.private_prefixes):
            return self.get_response(request)
        with planned_once():
            return self.get_response(request)


def rows(sql: str, values: Sequence[Any] | Mapping[str, Any]) -> list[tuple]:
    """All rows of a statement whose text never changes."""
    with planned_once(), connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()
