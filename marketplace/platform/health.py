"""Two questions of whoever runs the servers: does it live, and may it get visitors?"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

#: A worker gives a sign every 10 seconds.
WORKER_SILENT_SECONDS = 60

_migrations_are_done = False


@never_cache
@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """200 as long as the process answers; asks nothing of anybody else."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """200 when every part works, else 503 with the parts that do not."""
    parts = {name: _state(check) for name, check in CHECKS.items()}
    is_ready = all(state == "ok" for state in parts.values())
    response = JsonResponse(
        {"status": "ok" if is_ready else "down", **parts}, status=200 if is_ready else 503
    )
    if not is_ready:
        response.headers["Retry-After"] = "10"
    return response


def database() -> bool:
    """PostgreSQL answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return True


def migrations() -> bool:
    """The tables are those of this release. Once they are, they stay so for this process."""
    global _migrations_are_done
    if not _migrations_are_done:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        _migrations_are_done = not plan
    return _migrations_are_done


def worker() -> bool:
    """Some worker has given a sign of life within the last minute."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM procrastinate_workers"
            " WHERE last_heartbeat > now() - make_interval(secs => %s))",
            [WORKER_SILENT_SECONDS],
        )
        return cursor.fetchone()[0]


CHECKS: dict[str, Callable[[], bool]] = {
    "database": database,
    "migrations": migrations,
    "worker": worker,
}


def _state(check: Callable[[], bool]) -> str:
    try:
        return "ok" if check() else "down"
    except Error as error:
        # The reason is for the one who looks after the server, in the development only.
        return f"down: {error}" if settings.DEBUG else "down"
