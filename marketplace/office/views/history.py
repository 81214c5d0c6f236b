"""Who did what to a thing: the audit's rows about it, with what was before and after."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.paginator import Paginator
from django.db.models import Model, Q
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.office.audit_words import Words
from marketplace.office.views.base import OfficeView
from marketplace.platform import audit
from marketplace.platform.audit import AuditEntry

PER_PAGE = 30


@dataclass(frozen=True)
class Change:
    """One value that was changed, in words."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class Entry:
    """One row of the audit as a page shows it."""

    at: datetime
    who: str
    what: str
    about: str
    reason: str
    changes: list[Change]


def entries_about(targets: Iterable[Model]) -> Any:
    """The audit's rows about any of these objects, newest first."""
    wanted = Q(pk__in=())
    by_model: dict[type[Model], list[str]] = {}
    for target in targets:
        by_model.setdefault(type(target), []).append(str(target.pk))
    for model, ids in by_model.items():
        content_type = ContentType.objects.get_for_model(model, for_concrete_model=False)
        wanted |= Q(content_type=content_type, object_id__in=ids)
    return AuditEntry.objects.filter(wanted).select_related("content_type")


def told(entries: Iterable[AuditEntry]) -> list[Entry]:
    """Rows of the audit in words. One query for the names of the people, and one for each kind
    of thing that they refer to."""
    entries = list(entries)
    words = Words(entries)
    people = User.objects.in_bulk({entry.user_id for entry in entries if entry.user_id})
    labels = audit.labels()
    return [
        Entry(
            at=entry.timestamp,
            who=_who(entry, people),
            what=str(labels.get(entry.action, entry.action)),
            about=entry.label,
            reason=entry.reason,
            changes=list(_changes(entry, words)),
        )
        for entry in entries
    ]


def _who(entry: AuditEntry, people: dict[int, User]) -> str:
    who = str(people.get(entry.user_id) or _("The system"))
    if entry.acting_for:
        return _("%(who)s for %(grower)s") % {"who": who, "grower": entry.acting_for}
    return who


def _changes(entry: AuditEntry, words: Words) -> Iterator[Change]:
    before, after = entry.before or {}, entry.after or {}
    for name in sorted(before.keys() | after.keys()):
        was, became = before.get(name), after.get(name)
        if was != became:
            yield Change(
                words.name(entry, name),
                words.value(entry, name, was),
                words.value(entry, name, became),
            )


class HistoryView(OfficeView):
    """The history of one object; subclasses say which, and what belongs to it."""

    template_name = "office/history.html"
    header_icon = "history"

    def get_target(self, pk: int) -> Model:
        """The object, or 404."""
        raise NotImplementedError

    def get_related(self, target: Model) -> Iterable[Model]:
        """Further objects whose entries belong to the story."""
        return ()

    def get_page_title(self) -> str:
        return _("History")

    def get_page_subtitle(self) -> str:
        return str(self.target)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        self.target = self.get_target(pk)
        rows = entries_about([self.target, *self.get_related(self.target)])
        page = Paginator(rows, PER_PAGE).get_page(request.GET.get("p"))
        return self.render_to_response(
            self.get_context_data(page=page, entries=told(page.object_list))
        )
