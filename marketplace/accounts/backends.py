"""Whether a password fits."""

from allauth.account.auth_backends import AuthenticationBackend
from django.http import HttpRequest

from marketplace.accounts import guessing, queries
from marketplace.accounts.models import User


class PasswordBackend(AuthenticationBackend):
    """Sign-in by e-mail address or phone number, and Django's permissions.

    One look-up and one hash for each attempt, also when there is no such account: the time
    taken does not tell who has one. Stands behind ``AxesStandaloneBackend``, which has taken
    the check that is given back here.
    """

    def _authenticate(self, request: HttpRequest | None, **credentials: str) -> User | None:
        user = queries.account_by_email(credentials.get("email")) or queries.account_by_phone(
            credentials.get("phone")
        )
        fits = self._check_password(user, credentials.get("password") or "")
        if fits and request is not None:
            guessing.give_back(guessing.key_of_user(fits), guessing.client_ip(request))
        return fits
