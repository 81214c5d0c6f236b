"""Rich text of editors, and what of it may reach a reader."""

import nh3
from django.utils.safestring import SafeString, mark_safe
from wagtail.rich_text import RichText, expand_db_html

from marketplace.kernel.fold import clean_text

#: What the editor offers: little, so that pages look alike and paste brings nothing along.
FEATURES = ["bold", "italic", "link", "ol", "ul"]
LONG_FEATURES = ["h2", "h3", *FEATURES]

_TAGS = {"p", "br", "b", "strong", "i", "em", "a", "ul", "ol", "li", "h2", "h3"}
_SHOWN = {"a": {"href"}, "h2": {"id"}, "h3": {"id"}}
#: As Wagtail keeps it: a link to a page is its number.
_KEPT = {"a": {"href", "linktype", "id"}, "h2": {"id"}, "h3": {"id"}}
_SCHEMES = {"http", "https", "mailto", "tel"}


def shown(value: RichText | str) -> SafeString:
    """The HTML of a rich text for a reader: links resolved, nothing in it that could run.

    Wagtail's editor lets nothing else in; a text that came another way is cleaned here again.
    """
    source = value.source if isinstance(value, RichText) else str(value or "")
    html = nh3.clean(
        expand_db_html(source), tags=_TAGS, attributes=_SHOWN, url_schemes=_SCHEMES, link_rel=None
    )
    return mark_safe(html)  # noqa: S308 - cleaned one line above


def kept(html: str) -> str:
    """``html`` from outside the editor as it may be stored in a page."""
    return nh3.clean(
        clean_text(html), tags=_TAGS, attributes=_KEPT, url_schemes=_SCHEMES, link_rel=None
    )
