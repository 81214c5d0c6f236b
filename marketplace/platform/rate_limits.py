"""How often somebody may do something, counted in PostgreSQL for all processes together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db import connection
from django.utils.crypto import salted_hmac

from marketplace.kernel import clock

_COUNT = """
    INSERT INTO platform_ratelimit AS seen (scope, caller, starts_at, ends_at, count)
    VALUES (%s, %s, %s, %s, 1)
    ON CONFLICT (scope, caller, starts_at, ends_at) DO UPDATE SET count = seen.count + 1
    RETURNING count
"""


def hit(scope: str, key: str, *, limit: int, per: timedelta) -> bool:
    """Count one try; False when it is one too many for the window under way.

    Windows of the length ``per`` follow each other without gap, so around their border up to
    twice ``limit`` may pass. ``key`` says who (an address, a number) and is stored only as a
    keyed hash. Call it outside a transaction: one that is rolled back uncounts the try.
    """
    length = int(per.total_seconds())
    now = int(clock.now().timestamp())
    starts_at = datetime.fromtimestamp(now - now % length, UTC)
    caller = salted_hmac(__name__, key, algorithm="sha256").hexdigest()[:32]
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [scope, caller, starts_at, starts_at + per])
        return cursor.fetchone()[0] <= limit
