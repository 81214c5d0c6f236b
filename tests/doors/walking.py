"""Walking through a desk as a person does: every link, and every form that a page shows."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import urlsplit

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils import translation

from marketplace.kernel import clock
from tests.factories.buying import Form, forms_of
from tests.factories.pictures import photograph
from tests.imports.conftest import workbook

_LINK = re.compile(r'href="(/[^"#]*)')
#: Pages of one address pattern that are opened: enough for each state of a parcel.
MOST_OF_A_KIND = 14
MOST_WITH_QUERY = 4


@dataclass
class Door:
    """One form that somebody may send: ``name`` is the address's, ``data`` what is in it."""

    name: str
    path: str
    form: Form
    button: tuple[str, str]

    @property
    def kind(self) -> tuple:
        """Forms of one kind are sent once."""
        fixed = {k: v for k, v in self.form.fields.items() if k in ("what", "to", "about", "step")}
        step = match_of(self.path).kwargs.get("step", "")
        return (self.name, step, frozenset(self.form.names), self.button, tuple(fixed.items()))


def match_of(path: str) -> ResolverMatch | None:
    """What an address of the Vietnamese pages leads to, if anything."""
    with translation.override("vi"):
        try:
            return resolve(urlsplit(path).path)
        except Resolver404:
            return None


def name_of(path: str) -> str:
    """The name of an address; empty for none."""
    match = match_of(path)
    return match.view_name if match else ""


def doors(client: Client, start: list[str], spaces: tuple[str, ...]) -> Iterator[Door]:
    """Every kind of form below ``start``; follows links into ``spaces`` only."""
    waiting, seen, opened = list(start), set(start), Counter()
    found = set()
    while waiting:
        path = waiting.pop(0)
        name = name_of(path)
        limit = MOST_WITH_QUERY if "?" in path else MOST_OF_A_KIND
        key = (name, match_of(path).kwargs.get("step"), "?" in path)
        if opened[key] >= limit:
            continue
        opened[key] += 1
        with transaction.atomic():
            answer = client.get(path)
            transaction.set_rollback(True)
        assert answer.status_code < 500, (path, answer.status_code)
        if answer.status_code != 200 or "text/html" not in answer["Content-Type"]:
            continue
        for link in _LINK.findall(answer.content.decode()):
            link = unescape(link)
            if link not in seen and name_of(link).startswith(spaces):
                seen.add(link)
                waiting.append(link)
        for form in forms_of(answer):
            target = urlsplit(form.action or path)
            form.action = target.path or urlsplit(path).path
            form.action += f"?{target.query}" if target.query else ""
            if not name_of(form.action).startswith(spaces):
                continue
            for button in [b for b in form.buttons if b[0]] or [("", "")]:
                door = Door(name_of(form.action), form.action, form, button)
                if door.kind not in found:
                    found.add(door.kind)
                    yield door


def fillings(door: Door, own: dict[str, dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """What may be typed into a form: as it stands, ticked, filled in; ``own`` by address."""
    form = door.form
    base: dict[str, Any] = {
        name: value for name, value in form.fields.items() if name != "csrfmiddlewaretoken"
    }
    if door.button[0]:
        base[door.button[0]] = door.button[1]
    wanted = {
        name: value for name, value in own.get(door.name, {}).items() if name in form.names
    }
    chosen = {name: values[0] for name, values in form.radios.items() if name not in base}
    last = {name: values[-1] for name, values in form.radios.items()}
    full = {
        name: _typed(name) for name, value in base.items()
        if value == "" or value is None or name.startswith("can_send")
    }  # fmt: skip
    for name, options in form.options.items():
        if not base.get(name):
            full[name] = next((value for value in options if value), "")
    yield {**base, **chosen, **wanted}
    yield {**base, **chosen, **form.checkboxes, **wanted}
    yield {**base, **chosen, **full, **form.checkboxes, **wanted}
    yield {**base, **last, **full, **wanted}
    other = {name: options[-1] for name, options in form.options.items() if options}
    yield {**base, **chosen, **other, **wanted}


def _typed(name: str) -> Any:
    name = re.sub(r"^\w+-\d+-", "", name)
    if name in ("photo", "scan"):
        return SimpleUploadedFile("a.jpg", photograph(400, 300), "image/jpeg")
    if name == "file":
        return SimpleUploadedFile("a.xlsx", workbook(("producer", "sku", "price"), ("x", "X", 5)))
    if name in ("valid_through", "last_day", "paused_through", "new_handover_on"):
        return f"{clock.today() + timedelta(days=3):%Y-%m-%d}"
    if name.endswith(("_on", "_from", "_day")):
        return f"{clock.today():%Y-%m-%d}"
    if name.endswith("_time"):
        return "00:01"
    if "commune" in name:
        return "Cao Lãnh"
    if "year" in name:
        return "2001"
    if name.startswith("can_send"):
        return "0"
    if re.search(r"price|amount|stock|_g$|_ml$|count$|days$", name):
        return "1"
    if name in (
        "gtin", "tax_code", "email", "q", "label_vi", "label_en", "unit_id", "image", "portrait",
        "hs_code",
    ):  # fmt: skip
        return ""
    return "0987654321" if "phone" in name else "Chữ 1"


def send(client: Client, door: Door, data: dict[str, Any]) -> HttpResponse:
    """Send a form; files are opened anew each time."""
    for value in data.values():
        if isinstance(value, SimpleUploadedFile):
            value.seek(0)
    return client.post(door.path, data)


def by_name(found: list[Door]) -> dict[str, set[str]]:
    """Address → the names of all fields of all its forms."""
    names: dict[str, set[str]] = defaultdict(set)
    for door in found:
        names[door.name] |= door.form.names | {door.button[0]} | set(door.form.checkboxes)
    return names
