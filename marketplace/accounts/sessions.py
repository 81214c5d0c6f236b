"""Staff sessions end after half an hour without a click."""

from datetime import datetime, timedelta

from django.http import HttpRequest

from marketplace.kernel import clock

STAFF_IDLE = timedelta(minutes=30)
SEEN_AT = "staff_seen_at"
#: How much later than the truth the stamp may be: saves a write for most clicks.
STAMP_EVERY = timedelta(minutes=1)


def start_staff_session(request: HttpRequest) -> None:
    """Make this session one that ends by itself; the cookie and the row end with it."""
    request.session[SEEN_AT] = clock.now().isoformat()
    request.session.set_expiry(int(STAFF_IDLE.total_seconds()))


def is_stale(request: HttpRequest) -> bool:
    """Whether this staff session was left alone for too long."""
    stamp = request.session.get(SEEN_AT)
    return stamp is not None and clock.now() - datetime.fromisoformat(stamp) >= STAFF_IDLE


def touch(request: HttpRequest) -> None:
    """Note that somebody is still there, and put the end off."""
    stamp = request.session.get(SEEN_AT)
    if stamp is None or clock.now() - datetime.fromisoformat(stamp) >= STAMP_EVERY:
        start_staff_session(request)
