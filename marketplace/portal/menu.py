"""The desk's menu: beside the page on wide screens, a bar at the foot on phones.

The bar holds the first five entries; a page belongs to the entry whose name its route begins
with (``portal:parcels_one`` to ``portal:parcels``).
"""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from marketplace.portal.queries import Desk
from theme.components import MenuItem


@dataclass(frozen=True)
class Entry:
    """One place to go. ``with_money``: only for those who may see money."""

    route: str
    label: str | Promise
    icon: str
    with_money: bool = False


ENTRIES = (
    Entry("portal:home", _("Today"), "home"),
    Entry("portal:parcels", _("Parcels"), "box"),
    Entry("portal:listings", _("Listings"), "leaf", with_money=True),
    Entry("portal:money", _("Money"), "cash", with_money=True),
    Entry("portal:papers", _("Papers"), "document", with_money=True),
    Entry("portal:imports", _("By table"), "grid", with_money=True),
)


def items(desk: Desk, current: str) -> list[MenuItem]:
    """The entries for this person; a single one is no menu."""
    shown = [entry for entry in ENTRIES if desk.may_see_money or not entry.with_money]
    if len(shown) < 2:
        return []
    return [
        MenuItem(
            label=str(entry.label),
            url=reverse(entry.route),
            icon=entry.icon,
            is_current=current.startswith(entry.route),
        )
        for entry in shown
    ]
