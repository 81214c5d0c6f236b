"""The menu beside a signed-in person's pages."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from marketplace.accounts.panels import registered
from theme.components.frame import MenuItem


def account_menu(request: HttpRequest) -> list[MenuItem]:
    """Entries for whoever is signed in; none for visitors."""
    if not request.user.is_authenticated:
        return []
    entries = [(_("My account"), reverse("account_home"))]
    entries += [(str(panel.label), panel.url) for panel in registered() if panel.url]
    entries += [
        (_("My details"), reverse("account_details")),
        (_("E-mail address"), reverse("account_email")),
        (_("Password"), reverse("account_change_password")),
        (_("Second factor"), reverse("mfa_index")),
        (_("Sign out"), reverse("account_logout")),
    ]
    return [
        MenuItem(label=label, url=url, is_current=request.path == url) for label, url in entries
    ]
