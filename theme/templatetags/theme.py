"""Tags for our own templates: icons, fields and the frame of the page."""

from __future__ import annotations

import json
from dataclasses import fields
from functools import lru_cache
from typing import Any

from django import template
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from theme.chrome import Chrome
from theme.components import ErrorSummary, Field, Footer, Header, Message

register = template.Library()


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """A drawn icon of the sprite, silent for screen readers: the words stand beside it."""
    return _icon(name, css, staticfiles_storage.url("theme/icons.svg"))


@lru_cache(maxsize=256)
def _icon(name: str, css: str, sprite: str) -> SafeString:
    return format_html(
        '<svg class="ic{}" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        f" {css}" if css else "",
        sprite,
        name,
    )


@register.simple_tag
def asset(name: str) -> str:
    """The address of a file of the theme, as ``{% static %}`` tells it."""
    return staticfiles_storage.url(name)


@register.simple_tag(takes_context=True)
def site_header(context: template.Context, less: bool = False) -> SafeString:
    """The header; on error pages without any context, a bare one that leads home."""
    chrome = context.get("chrome") or Chrome()
    return Header(
        chrome=chrome, less=less, query=str(context.get("search_query") or "")
    ).render_html(context)


@register.simple_tag(takes_context=True)
def site_footer(context: template.Context, less: bool = False) -> SafeString:
    chrome = context.get("chrome") or Chrome()
    # It links to no other languages: without these it is the same on nearly all pages.
    values = {field.name: getattr(chrome, field.name) for field in fields(Chrome)}
    same = Chrome(**{**values, "language_links": ()})
    return Footer(chrome=same, less=less).render_html(context)


@register.simple_tag(takes_context=True)
def field(context: template.Context, bound: Any, look: str = "", **options: Any) -> SafeString:
    """A form field with label, hint and errors; `options` are those of `Field`.

    Options named `data_x` become attributes of the control (`data-x`).
    """
    attrs = dict(options.pop("attrs", {}))
    for key in [key for key in options if key.startswith("data_")]:
        attrs[key.replace("_", "-")] = str(options.pop(key))
    return Field(bound=bound, look=look, attrs=attrs, **options).render_html(context)


@register.simple_tag(takes_context=True)
def error_summary(context: template.Context, *forms: Any, kept: bool = True) -> SafeString | str:
    """Errors of the forms, linked to their fields; nothing when all is well.

    `kept=False` leaves out the line that the rest is kept as typed (passwords are not).
    """
    summary = ErrorSummary.of(*(form for form in forms if form), kept_note=kept)
    return summary.render_html(context) if summary else ""


@register.simple_tag(takes_context=True)
def show_message(context: template.Context, message: Any) -> SafeString:
    """A message of Django's framework."""
    return Message(text=message.message, level=message.level_tag or "info").render_html(context)


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """`mapping[key]`, or None: templates cannot look up by a variable themselves."""
    return mapping.get(key) if mapping else None


@register.filter
def json_ld(data: Any) -> SafeString:
    """Structured data for a `<script type="application/ld+json">` block.

    `<`, `>` and `&` are written as escapes, so no text can end the block (as Django's
    json_script does).
    """
    text = json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False)
    for char, escaped in (("<", "\\u003C"), (">", "\\u003E"), ("&", "\\u0026")):
        text = text.replace(char, escaped)
    return mark_safe(text)
