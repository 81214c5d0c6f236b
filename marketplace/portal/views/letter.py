"""Coming to the desk with a letter: the phone number, the code, a password."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.contrib.auth import login, password_validation
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from marketplace.accounts.guessing import client_ip
from marketplace.accounts.models import User
from marketplace.kernel import clock
from marketplace.platform import rate_limits
from marketplace.portal.forms import LetterForm
from marketplace.producers.errors import LetterRefused
from marketplace.producers.letter_actions import redeem
from marketplace.producers.team_actions import accept_code

_TRIES_PER_NUMBER = {"limit": 5, "per": timedelta(hours=1)}
_TRIES_PER_ADDRESS = {"limit": 20, "per": timedelta(hours=1)}


@sensitive_post_parameters()
@never_cache
def letter(request: HttpRequest) -> HttpResponse:
    """What the paper says, typed in. Everything that is wrong with a code sounds the same."""
    form = LetterForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            said = form.cleaned_data
            if not _may_try(request, said["phone"]):
                form.add_error(None, _("Too many tries. Please wait an hour, or call us."))
                status = 429
            else:
                try:
                    password_validation.validate_password(said["password"])
                    user = _enter(said)
                except ValidationError as weak:
                    form.add_error("password", weak)
                except LetterRefused as refused:
                    form.add_error("code", str(refused))
                else:
                    return _welcome(request, user)
    return render(request, "portal/letter.html", {"form": form}, status=status)


def _enter(said: dict[str, str]) -> User:
    """By a letter of the office, or by the code of an owner's invitation."""
    typed = {name: said[name] for name in ("phone", "code", "password")}
    try:
        return redeem(**typed, now=clock.now())
    except LetterRefused:
        return accept_code(**typed, now=clock.now())


def _welcome(request: HttpRequest, user: User) -> HttpResponse:
    """To the desk; an account with an e-mail address may have a second factor, so it signs in."""
    if user.email_confirmed_at is not None:
        messages.success(request, _("Done. Please sign in as you always do."))
        return redirect("account_login")
    login(request, user, "marketplace.accounts.backends.PasswordBackend")
    messages.success(
        request, _("Welcome. From now on you sign in with your phone number and password.")
    )
    return redirect("portal:home")


def _may_try(request: HttpRequest, phone: str) -> bool:
    by_address = rate_limits.hit("portal.letter.address", client_ip(request), **_TRIES_PER_ADDRESS)
    by_number = rate_limits.hit("portal.letter.number", phone, **_TRIES_PER_NUMBER)
    return by_address and by_number
