"""Every route of the site, and an address that reaches it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, get_resolver
from django.urls.resolvers import LocalePrefixPattern
from django.utils import translation

_CONVERTER = re.compile(r"<(?:\w+:)?(\w+)>")
_NAMED_GROUP = re.compile(r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)")


@dataclass(frozen=True)
class Route:
    """One route. ``key`` is its pattern in English, by which the table knows it; ``pattern`` the
    same in Vietnamese, the language that the requests of the test are made in."""

    key: str
    pattern: str

    def path(self, samples: dict[str, object]) -> str:
        """An address that this route matches, with values from ``samples``.

        A key like ``cms/users/:pk`` is for the routes below ``cms/users/`` alone.
        """
        here = {
            name: value
            for start, _, name, value in (
                (*key.rpartition(":"), value) for key, value in samples.items()
            )
            if self.key.startswith(start)
        }

        def sample(match: re.Match) -> str:
            return str(here.get(match[1], 1))

        text = _CONVERTER.sub(sample, self.pattern)
        text = _NAMED_GROUP.sub(sample, text)
        return "/" + re.sub(r"\\(.)", r"\1", text.replace("^", "").replace("$", ""))


def _walk(resolver, before: str = "") -> Iterator[str]:
    for entry in resolver.url_patterns:
        own = "" if isinstance(entry.pattern, LocalePrefixPattern) else str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield before + own
        else:
            yield from _walk(entry, before + own)


def all_routes() -> list[Route]:
    """Wagtail's, Oscar's, allauth's and ours, in the order in which they are tried."""
    with translation.override("en"):
        keys = list(_walk(get_resolver()))
    with translation.override("vi"):
        patterns = list(_walk(get_resolver()))
    return [Route(*pair) for pair in zip(keys, patterns, strict=True)]
