"""What the frame of every page shows; a context processor puts one `Chrome` under `chrome`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from theme.components.frame import Link, MenuItem


@dataclass(frozen=True)
class Chrome:
    """Values of header and footer, the same for every visitor of a page in one language.

    Public pages are cached whole, so nothing here may depend on who asks: no name, no basket
    count, no "signed in". `language_links` are (code, label, url, is_current); leave out
    languages in which this page does not exist. `footer_columns` are (title, links).
    `phone` is E.164 for the link, `phone_shown` as people write it.
    """

    site_name: str = "Đất Sen"
    tagline: str = ""
    home_url: str = "/"
    search_url: str = ""
    basket_url: str = ""
    account_url: str = ""
    menu: Sequence[MenuItem] = ()
    tabs: Sequence[MenuItem] = ()
    strip_text: str = ""
    strip_links: Sequence[Link | MenuItem] = ()
    language_links: Sequence[tuple[str, str, str, bool]] = ()
    footer_columns: Sequence[tuple[str, Sequence[Link | MenuItem]]] = ()
    about: str = ""
    legal_lines: Sequence[str] = ()
    seal_text: str = ""
    seal_url: str = ""
    phone: str = ""
    phone_shown: str = ""
    phone_hours: str = ""
    basket_cookie: str = "ds_basket_count"


@dataclass(frozen=True)
class PageMeta:
    """What machines read about a page: search engines, feeds, link previews.

    Addresses are absolute. `alternates` are (language code, address) of the same page in other
    languages, itself included. `json_ld` is the structured data as plain dicts.
    """

    title: str = ""
    description: str = ""
    canonical: str = ""
    alternates: tuple[tuple[str, str], ...] = ()
    image_url: str = ""
    image_alt: str = ""
    kind: str = "website"
    noindex: bool = False
    json_ld: tuple[dict[str, Any], ...] = field(default_factory=tuple)
