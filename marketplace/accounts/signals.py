"""What accounts do when allauth says that something happened."""

from typing import Any

from allauth.account import signals as account_signals
from allauth.account.internal.flows.login import record_authentication
from allauth.account.models import EmailAddress
from allauth.mfa import signals as mfa_signals
from allauth.mfa.models import Authenticator
from django.dispatch import receiver
from django.http import HttpRequest

from marketplace.accounts import actions, guessing
from marketplace.accounts.models import User


@receiver(account_signals.email_confirmed)
def _email_confirmed(email_address: EmailAddress, **kwargs: Any) -> None:
    actions.follow_email(user=email_address.user, is_just_confirmed=email_address.primary)


@receiver([account_signals.email_changed, account_signals.email_removed])
def _email_changed(user: User, **kwargs: Any) -> None:
    actions.follow_email(user=user)


@receiver([account_signals.password_reset, account_signals.password_changed])
def _password_renewed(user: User, **kwargs: Any) -> None:
    """The owner has proved himself: unlock."""
    guessing.forget(user)


@receiver(mfa_signals.authenticator_added)
def _second_factor_set_up(
    request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any
) -> None:
    """Who has just typed the first code has shown the second factor in this session."""
    if authenticator.type == Authenticator.Type.TOTP and request is not None:
        record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type)
