"""What apps above add to a customer's own page, without accounts knowing them.

In ``AppConfig.ready``::

    from marketplace.accounts import panels
    panels.register(panels.Panel(
        key="orders", order=10, label=_("My orders"), url_name="orders:mine",
        template="orders/account_panel.html", context=my_orders,
    ))
    panels.register_landing(lambda user: reverse("portal:home") if ... else None)

``context(request)`` returns the template's values, or None when this person has nothing to see
there; then neither the panel nor its entry in the menu is shown.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from marketplace.accounts.models import User


@dataclass(frozen=True)
class Panel:
    """One part of ``/tai-khoan/``.

    ``template`` is rendered with the values of ``context``; ``url_name``, if any, is the page
    that the menu beside it links to.
    """

    key: str
    order: int
    label: str
    template: str
    context: Callable[[HttpRequest], dict[str, Any] | None]
    url_name: str = ""

    @property
    def url(self) -> str:
        return reverse(self.url_name) if self.url_name else ""


_panels: dict[str, Panel] = {}
_landings: list[Callable[[User], str | None]] = []


def register(panel: Panel) -> None:
    """Show ``panel`` on every account page; a second one with the same key replaces it."""
    _panels[panel.key] = panel


def registered() -> list[Panel]:
    """All panels in the order in which they are shown."""
    return sorted(_panels.values(), key=lambda panel: (panel.order, panel.key))


def register_landing(landing: Callable[[User], str | None]) -> None:
    """Let ``landing`` say where a person arrives after signing in; None: ask the next."""
    _landings.append(landing)


def landing_of(user: User) -> str | None:
    """Where apps above want this person to arrive, if they care."""
    return next((url for landing in _landings if (url := landing(user))), None)
