"""Limits on guessing passwords and codes.

django-axes counts a failure after the password was looked at, so a hundred parallel guesses
would all be looked at before the fifth failure is written. Here a check is *taken* by one
statement before the password is looked at, and given back when it was right: of any number of
parallel guesses at most five are checked. Counted in PostgreSQL, in axes' own table, because
the cache may be another in each process, or gone.

Five wrong passwords from one address lock the account for that address; a higher number from
all addresses together locks it for everybody. The lock ends by itself after AXES_COOLOFF_TIME,
or at once when the owner resets the password by mail.
"""

import hashlib
from collections.abc import Iterable
from datetime import timedelta

from allauth.core.internal.httpkit import get_client_ip
from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.db import connection, transaction
from django.http import HttpRequest

from marketplace.accounts import queries
from marketplace.accounts.models import User
from marketplace.kernel import clock
from marketplace.platform import audit

#: Stands for "from wherever": the unspecified address, which no client has.
EVERYWHERE = "::"
#: Wrong passwords for one account from all addresses together.
LIMIT_EVERYWHERE = 20

_TAKE = """
INSERT INTO axes_accessattempt AS seen
    (username, ip_address, user_agent, http_accept, path_info, attempt_time,
     get_data, post_data, failures_since_start)
VALUES (%(key)s, %(ip)s, '', '', '', %(now)s, '', '', 1)
ON CONFLICT (username, ip_address, user_agent) DO UPDATE
SET failures_since_start =
        CASE WHEN seen.attempt_time < %(since)s THEN 1 ELSE seen.failures_since_start + 1 END,
    attempt_time = %(now)s
WHERE seen.attempt_time < %(since)s OR seen.failures_since_start < %(limit)s
RETURNING failures_since_start
"""

_GIVE_BACK = """
UPDATE axes_accessattempt SET failures_since_start = failures_since_start - 1
WHERE username = %(key)s AND ip_address IN (%(ip)s, %(everywhere)s) AND user_agent = ''
  AND failures_since_start > 0
"""


def client_ip(request: HttpRequest) -> str:
    """The caller's address, behind as many proxies as ALLAUTH_TRUSTED_PROXY_COUNT says."""
    return get_client_ip(request) or "0.0.0.0"  # noqa: S104  an address that nobody calls from


def key_of_user(user: User) -> str:
    """The name under which guesses at this account's password are counted."""
    return f"account:{user.pk}"


def code_key_of_user(user: User) -> str:
    """The name under which guesses at this account's second factor are counted."""
    return f"second-factor:{user.pk}"


def key_of(request: HttpRequest, credentials: dict | None) -> str:
    """The name under which guesses with these credentials are counted (AXES_USERNAME_CALLABLE).

    E-mail address and phone number of one account are one name, so that having two doors does
    not double the guesses. What belongs to nobody is counted alike, hashed: people type their
    passwords into the wrong field.
    """
    credentials = credentials or {}
    email = credentials.get("email")
    phone = credentials.get("phone")
    account = queries.account_by_email(email) or queries.account_by_phone(phone)
    if account is not None:
        return key_of_user(account)
    typed = str(email or phone or credentials.get("username") or "")
    return "nobody:" + hashlib.sha256(typed.encode()).hexdigest()[:32]


def take(key: str, ip: str) -> bool:
    """Take one check of a password or code; False when none is left, and then none may be done."""
    return _take(key, ((ip, settings.AXES_FAILURE_LIMIT), (EVERYWHERE, LIMIT_EVERYWHERE)))


def take_here(key: str, ip: str, *, limit: int) -> bool:
    """Take one of ``limit`` checks from one address alone: of what belongs to no account, others
    must still be able to try. ``give_back`` returns it."""
    return _take(key, ((ip, limit),))


def _take(key: str, limits: Iterable[tuple[str, int]]) -> bool:
    now = clock.now()
    since = now - settings.AXES_COOLOFF_TIME
    with connection.cursor() as cursor:
        for address, limit in limits:
            cursor.execute(
                _TAKE, {"key": key, "ip": address, "now": now, "since": since, "limit": limit}
            )
            if cursor.fetchone() is None:
                return False
    return True


def give_back(key: str, ip: str) -> None:
    """Return a check that was right."""
    with connection.cursor() as cursor:
        cursor.execute(_GIVE_BACK, {"key": key, "ip": ip, "everywhere": EVERYWHERE})


@transaction.atomic
def forget(user: User, *, actor: User | None = None, reason: str = "") -> None:
    """Unlock ``user``: the owner has proved himself by mail, or a clerk has asked him.

    Audited when the account was locked; a few wrong passwords are nothing to tell.
    """
    attempts = AccessAttempt.objects.filter(
        username__in=[key_of_user(user), code_key_of_user(user)]
    )
    was_locked = attempts.filter(
        failures_since_start__gte=settings.AXES_FAILURE_LIMIT,
        attempt_time__gte=clock.now() - settings.AXES_COOLOFF_TIME,
    ).exists()
    attempts.delete()
    if was_locked:
        audit.record(
            action="account.unlocked", actor=actor or user, target=user,
            before={"is_locked": True}, after={"is_locked": False}, reason=reason,
        )


def delete_old(older_than: timedelta = timedelta(days=7)) -> int:
    """Delete counters that have long expired, and with them the callers' addresses."""
    old = AccessAttempt.objects.filter(attempt_time__lt=clock.now() - older_than)
    return old.delete()[0]


class TakingHandler(AxesDatabaseHandler):
    """axes with the count before the check instead of after it."""

    def is_allowed(self, request: HttpRequest, credentials: dict | None = None) -> bool:
        """Take a check; axes' backend asks this before any password is looked at."""
        request.axes_locked_out = not take(key_of(request, credentials), client_ip(request))
        return not request.axes_locked_out

    def user_login_failed(
        self,
        sender: object,
        credentials: dict,
        request: HttpRequest | None = None,
        **kwargs: object,
    ) -> None:
        """Nothing to count any more; axes' middleware answers when the request was refused."""
        if request is not None:
            request.axes_credentials = credentials

    def user_logged_in(
        self, sender: object, request: HttpRequest, user: User, **kwargs: object
    ) -> None:
        """Start counting anew for this account from this address."""
        AccessAttempt.objects.filter(
            username=key_of_user(user), ip_address=client_ip(request)
        ).delete()

    def user_logged_out(
        self, sender: object, request: HttpRequest, user: User | None, **kwargs: object
    ) -> None:
        """No log of visits is kept."""
