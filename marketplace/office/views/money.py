"""What the pages about money share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from marketplace.kernel import clock
from marketplace.payments.errors import PaymentRefused


def tried(
    request: HttpRequest, action: Callable[..., object], words: str, back: str, **given: Any
) -> HttpResponse:
    """Do it as whoever is signed in, say ``words`` or why not, and go back to the list."""
    try:
        action(actor=request.user, now=clock.now(), **given)
    except PaymentRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, words)
    return redirect(back)
