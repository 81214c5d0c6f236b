"""What waits for whoever signs in: on the admin's first page, a panel for each role."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from wagtail.admin.ui.components import Component

from marketplace.accounts.models import User
from marketplace.accounts.roles import Role
from marketplace.office import tasks_waiting as waiting
from marketplace.office.tasks_waiting import Task

Finder = Callable[[User], Iterator[Task]]

_GROWERS: tuple[Finder, ...] = (
    waiting.applications, waiting.listings, waiting.papers, waiting.identities,
    waiting.consents_ending,
)
_PAGES: tuple[Finder, ...] = (waiting.pages_to_judge, waiting.comments, waiting.page_drafts)
_INCOMING: tuple[Finder, ...] = (
    waiting.transfers_claimed, waiting.receipts_unmatched, waiting.refunds_to_send,
    waiting.payouts_due, waiting.cash_with_carriers,
)

#: Role → what its panel looks at. Each finder is asked once, in the first panel that has it.
PANELS: dict[Role, tuple[Finder, ...]] = {
    Role.OPERATOR: (
        waiting.calls, waiting.call_list, waiting.parcels_unconfirmed, *_INCOMING, *_GROWERS,
        waiting.stock_running_out, waiting.pages_to_judge, waiting.comments,
    ),
    Role.OCOP_OFFICER: (*_GROWERS, waiting.listings_unpublished),
    Role.FINANCE: _INCOMING,
    Role.TOURISM_PUBLISHER: (*_PAGES, waiting.pages_untranslated, waiting.pages_scheduled),
    Role.TOURISM_EDITOR: (waiting.own_pages_returned, waiting.own_comments, waiting.own_drafts),
    Role.TRANSLATOR: (
        waiting.pages_untranslated, waiting.listings_untranslated, waiting.growers_untranslated,
    ),
    Role.AREA_OFFICER: (
        waiting.parcels_of_delegators, waiting.papers_ending, waiting.consents_of_agent_ending,
        waiting.growers_in_area,
    ),
}


@dataclass(frozen=True)
class Section:
    """One role's panel: what waits, the most urgent first; nothing when all is done."""

    heading: str
    tasks: tuple[Task, ...]


def sections_for(user: User) -> list[Section]:
    """A section for each role of this person; whoever may do everything has one of all."""
    asked: set[Finder] = set()
    if user.is_superuser:
        finders = [finder for panel in PANELS.values() for finder in panel]
        return [Section(_("Everything that waits"), _found(user, finders, asked))]
    return [
        Section(str(role.label), _found(user, PANELS[role], asked))
        for role in PANELS
        if role in user.roles
    ]


def _found(
    user: User, finders: list[Finder] | tuple[Finder, ...], asked: set[Finder]
) -> tuple[Task, ...]:
    tasks: list[Task] = []
    for finder in finders:
        if finder not in asked:
            asked.add(finder)
            tasks += [task for task in finder(user) if task.count]
    # Python's sort keeps the order of the panel among equals.
    return tuple(sorted(tasks, key=lambda task: (not task.is_urgent, task.is_only_told)))


class TodayPanel(Component):
    """What there is to do, on the admin's home page."""

    name = "office_today"
    template_name = "office/today.html"
    order = 10

    def __init__(self, user: User) -> None:
        self.user = user

    def get_context_data(self, parent_context: dict[str, Any]) -> dict[str, Any]:
        return {"sections": sections_for(self.user)}
