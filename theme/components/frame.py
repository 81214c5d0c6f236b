"""The frame around a page's content, and small parts used everywhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from theme.components.base import Part

if TYPE_CHECKING:
    from theme.chrome import Chrome


@dataclass(frozen=True)
class Link(Part):
    """A plain link; `lang` is set when the words are in another language than the page."""

    template_name = "components/link.html"

    label: str
    url: str
    icon: str = ""
    lang: str = ""


@dataclass(frozen=True)
class MenuItem(Part):
    """One entry of a menu, the footer or the phone's tab bar. `hot` stands out in lotus."""

    template_name = "components/menu_item.html"

    label: str
    url: str
    icon: str = ""
    is_current: bool = False
    hot: bool = False
    lang: str = ""


@dataclass(frozen=True)
class Header(Part):
    """Strip with languages, logo, search, account, basket and menu.

    `less` is the checkout's header: logo and telephone only, nothing that leads astray.
    `query` is what stands in the search field.
    """

    template_name = "components/header.html"

    chrome: Chrome
    less: bool = False
    query: str = ""


@dataclass(frozen=True)
class Footer(Part):
    template_name = "components/footer.html"

    chrome: Chrome
    less: bool = False


@dataclass(frozen=True)
class Breadcrumbs(Part):
    """The way down from home; the last entry is the page above, never the page itself."""

    template_name = "components/breadcrumbs.html"

    items: Sequence[Link]


@dataclass(frozen=True)
class Message(Part):
    """What just happened. `level`: success, info, warning or error (Django's level tags)."""

    template_name = "components/message.html"

    text: str
    level: str = "info"
    title: str = ""


@dataclass(frozen=True)
class Tip(Part):
    """A fact in bold, then what to do. `kind`: "" note, "k" good, "w" care, "e" error."""

    template_name = "components/tip.html"

    title: str
    text: str = ""
    kind: str = ""
    url: str = ""
    link_label: str = ""

    @property
    def icon(self) -> str:
        return {"k": "check", "w": "warning", "e": "warning"}.get(self.kind, "help")


@dataclass(frozen=True)
class Fold(Part):
    """A `<details>` that looks like a field. `body` is a component or safe HTML."""

    template_name = "components/fold.html"

    title: str
    body: Part | str
    icon: str = ""
    is_open: bool = False

    @property
    def body_is_part(self) -> bool:
        return isinstance(self.body, Part)


@dataclass(frozen=True)
class EmptyState(Part):
    """Nothing here, and where to go instead."""

    template_name = "components/empty_state.html"

    title: str
    text: str = ""
    links: Sequence[Link] = ()
