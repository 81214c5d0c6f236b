from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from laces.components import Component

#: Parts whose HTML is kept in a process, and the longest HTML worth keeping.
_MOST_KEPT = 4096
_LONGEST_KEPT = 40_000
_ATOMS = frozenset({int, bool, type(None), float, Decimal, date, datetime})
_kept: dict[tuple, SafeString] = {}


class Part(Component):
    """Base of all components: the template sees the fields and the component itself.

    A part is a value, and its HTML follows from its fields and the language alone; so what was
    rendered once is kept and given again for an equal part. A part that holds anything but
    plain values and parts (a form's field), or that printed the token against forged requests,
    is rendered each time.

    That token is handed down, so that a form deep inside a group has it. Only parts of private
    pages print it; on public pages, which are cached whole, none may.
    """

    def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
        context = {name: getattr(self, name) for name in _names(type(self))}
        context["self"] = self
        if parent_context is not None and "csrf_token" in parent_context:
            context["csrf_token"] = parent_context["csrf_token"]
        return context

    def render_html(self, parent_context: Any = None) -> SafeString:
        """The part's HTML, kept from before when an equal part was rendered."""
        try:
            key = (get_language(), _key(self))
        except _NotPlainError:
            return super().render_html(parent_context)
        html = _kept.get(key)
        if html is not None:
            return html
        has_token = parent_context is not None and "csrf_token" in parent_context
        token = _Token(parent_context["csrf_token"] if has_token else "")
        html = super().render_html({"csrf_token": token})
        if len(html) <= _LONGEST_KEPT and not token.was_read and not settings.DEBUG:
            if len(_kept) >= _MOST_KEPT:
                _kept.clear()
            _kept[key] = html
        return html


class _Token:
    """The token, noting whether anybody has looked at it."""

    def __init__(self, token: Any) -> None:
        self._token = token
        self.was_read = False

    def _read(self) -> str:
        self.was_read = True
        if isinstance(self._token, _Token):
            return self._token._read()
        return str(self._token)

    def __str__(self) -> str:
        return self._read()

    def __bool__(self) -> bool:
        return bool(self._read())

    def __eq__(self, other: object) -> bool:
        return self._read() == other

    __hash__ = None


class _NotPlainError(Exception):
    """Something in a part is no plain value."""


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def _key(value: Any) -> Any:
    """A value as part of a dictionary's key: equal only to what renders the same."""
    # Through a lazy object to what it stands for.
    kind = value.__class__
    if kind is str:
        return value
    if kind is tuple or kind is list:
        return tuple([_key(item) for item in value])
    # 1, True and Decimal(1) are equal, and escaped text equals plain.
    if kind in _ATOMS or kind is SafeString:
        return kind, value
    if isinstance(value, Promise):
        return str(value)
    if is_dataclass(kind) and kind.__dataclass_params__.frozen:
        return (kind, *[_key(getattr(value, name)) for name in _names(kind)])
    raise _NotPlainError
