"""The second factor: six digits from the owner's phone (TOTP), asked of all staff.

``enrol_totp`` and ``current_totp_code`` stand in for that phone on a development machine and
in tests; where real people sign in they refuse.
"""

import base64
import hashlib
import time

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from allauth.mfa.utils import decrypt
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest

from marketplace.accounts.models import User

TOTP_PERIOD_S = 30


class NotForRealAccounts(ImproperlyConfigured):
    """Asked to act as somebody's phone where real people sign in."""


def is_set_up(user: User) -> bool:
    """Whether the account has an authenticator app."""
    return Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()


def was_given(request: HttpRequest) -> bool:
    """Whether this session's owner has shown the second factor in it."""
    return any(
        record.get("method") == "mfa"
        for record in get_authentication_records(request, request.user)
    )


def enrol_totp(user: User, secret: str | None = None) -> str:
    """Give ``user`` an authenticator app with ``secret`` (base32) and return the secret.

    What he had before is replaced. Raises NotForRealAccounts outside development and tests.
    """
    _refuse_on_a_real_site()
    Authenticator.objects.filter(user=user).delete()
    secret = secret or generate_totp_secret()
    TOTP.activate(user, secret)
    RecoveryCodes.activate(user)
    return secret


def current_totp_code(user: User) -> str | None:
    """The six digits that the phone of ``user`` would show now; None without an app.

    Raises NotForRealAccounts outside development and tests.
    """
    _refuse_on_a_real_site()
    app = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
    if app is None:
        return None
    return format_hotp_value(
        hotp_value(decrypt(app.data["secret"]), int(time.time()) // TOTP_PERIOD_S)
    )


def _refuse_on_a_real_site() -> None:
    if not getattr(settings, "DEMO_MODE", False):
        raise NotForRealAccounts("Second factors of real accounts are in their owners' hands.")


def seal(text: str) -> str:
    """Encrypt a shared secret for the database, with a key made from SECRET_KEY."""
    return _box().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """Decrypt what ``seal`` made, also with SECRET_KEY_FALLBACKS.

    When no key fits, the answer is a secret that nobody knows, so that no code is right and the
    owner has to set up the second factor anew; an empty one could be computed by anybody.
    """
    try:
        return _box().decrypt(sealed.encode()).decode()
    except InvalidToken:
        return generate_totp_secret()


def _box() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet(
        [
            Fernet(
                base64.urlsafe_b64encode(hashlib.sha256(f"second factor:{key}".encode()).digest())
            )
            for key in keys
        ]
    )
