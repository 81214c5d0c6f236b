"""Several buyers at the very same moment, each with a connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from django.db import connection


def all_at_once(calls: Sequence[Callable[[], object]]) -> list[object]:
    """Run the calls together; what each returned, or the exception that it raised."""
    start = threading.Barrier(len(calls), timeout=30)

    def run(call: Callable[[], object]) -> object:
        try:
            # Connected first, so that the race is about the work and not about connecting.
            connection.ensure_connection()
            start.wait()
            return call()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))
