"""The desk's menu: beside the page on wide screens, a bar at the foot on phones.

The bar holds five entries: where there are more, the fifth leads to the page that lists the
rest. A page belongs to the entry whose name its route begins with (``portal:parcels_one`` to
``portal:parcels``).
"""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from marketplace.portal.queries import Desk
from theme.components import MenuItem

#: As many fit beside each other on the narrowest phone.
IN_BAR = 5


@dataclass(frozen=True)
class Entry:
    """One place to go. ``with_money``: only for those who may see money; ``for_owners``: only
    for the owners themselves."""

    route: str
    label: str | Promise
    icon: str
    about: str | Promise = ""
    with_money: bool = False
    for_owners: bool = False


ENTRIES = (
    Entry("portal:home", _("Today"), "home"),
    Entry("portal:parcels", _("Parcels"), "box"),
    Entry("portal:listings", _("Listings"), "leaf", with_money=True),
    Entry("portal:money", _("Money"), "cash", with_money=True),
    Entry(
        "portal:papers", _("Papers"), "document", with_money=True,
        about=_("What the law asks of whoever sells food, and until when it holds."),
    ),
    Entry(
        "portal:imports", _("By table"), "grid", with_money=True,
        about=_("Many goods, prices or stocks at once, from a spreadsheet."),
    ),
    Entry(
        "portal:profile", _("My profile"), "user", with_money=True,
        about=_("What buyers read of you, resting days, and how you deliver."),
    ),
    Entry(
        "portal:team", _("My team"), "key", for_owners=True,
        about=_("Who works with you on this desk, and what each may do."),
    ),
)
MORE = Entry("portal:more", _("More"), "menu")


def entries(desk: Desk) -> list[Entry]:
    """The entries for this person."""
    return [
        entry
        for entry in ENTRIES
        if (desk.may_see_money or not entry.with_money)
        and (desk.owns_any or not entry.for_owners)
    ]


def items(desk: Desk, current: str) -> list[MenuItem]:
    """The menu beside the page; a single entry is no menu."""
    shown = entries(desk)
    return [_item(entry, current) for entry in shown] if len(shown) > 1 else []


def bar(desk: Desk, current: str) -> list[MenuItem]:
    """The bar at the foot. Whoever is on a page that it lacks is at the last entry, "more"."""
    shown = entries(desk)
    if len(shown) <= IN_BAR:
        return items(desk, current)
    made = [_item(entry, current) for entry in shown[: IN_BAR - 1]]
    is_elsewhere = not any(item.is_current for item in made)
    return [*made, _item(MORE, MORE.route if is_elsewhere else current)]


def rest(desk: Desk) -> list[Entry]:
    """What the bar has no room for."""
    shown = entries(desk)
    return shown[IN_BAR - 1 :] if len(shown) > IN_BAR else []


def _item(entry: Entry, current: str) -> MenuItem:
    return MenuItem(
        label=str(entry.label),
        url=reverse(entry.route),
        icon=entry.icon,
        is_current=current.startswith(entry.route),
    )
