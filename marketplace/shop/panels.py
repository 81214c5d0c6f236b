"""Room on public pages for what other parts know: a certificate, a lot, a story.

An app above or beside registers a function in its ``AppConfig.ready``; the page asks all of
its slot. A panel depends on dated records: it says until when it is true.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from theme.components import Part

PRODUCT = "product"
PRODUCER = "producer"


@dataclass(frozen=True)
class Panel:
    """A part of a page, the page versions that it depends on, and until when it holds."""

    part: Part
    depends_on: tuple[str, ...] = ()
    valid_until: datetime | None = None


Provider = Callable[[Any, datetime], "Panel | None"]

_providers: dict[str, list[tuple[int, Provider]]] = defaultdict(list)


def register(slot: str, provider: Provider, *, order: int = 100) -> None:
    """Let ``provider(listing or producer, now)`` add a panel to every page of the slot."""
    _providers[slot].append((order, provider))
    _providers[slot].sort(key=lambda entry: entry[0])


def panels(slot: str, thing: Any, now: datetime) -> list[Panel]:
    """The panels of a page, in their order."""
    found = (provider(thing, now) for _order, provider in _providers[slot])
    return [panel for panel in found if panel is not None]
