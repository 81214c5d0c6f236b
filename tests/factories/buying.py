"""Buying over HTTP, as a browser without script does it: follow links, fill in forms.

Forms are read out of the page, so that a renamed field, a missing token or a lost hidden value
fails a journey.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

from django.test import Client
from django.urls import reverse
from oscar.apps.order.models import Order

from catalogue.models import Product

#: What a household in Cao Lãnh types.
ADDRESS = {
    "phone": "0912 345 678",
    "name": "Trần Văn Bảy",
    "province": "82",
    "commune": "cao lanh",
    "street": "12 ấp Tịnh Châu",
    "email": "",
}


@dataclass
class Form:
    """One form of a page: where it goes, and what it would send as it stands."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    checkboxes: dict[str, str] = field(default_factory=dict)
    radios: dict[str, list[str]] = field(default_factory=dict)
    options: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class _FormReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._select = self._textarea = ""

    def handle_starttag(self, tag: str, attrs: list) -> None:
        at = dict(attrs)
        if tag == "form":
            self._form = Form(at.get("action", ""), at.get("method", "get").lower())
            self.forms.append(self._form)
        form, name = self._form, at.get("name", "")
        if form is None:
            return
        if name:
            form.names.add(name)
        value = at.get("value", "")
        if tag == "input" and name:
            kind = at.get("type", "text")
            if kind in ("checkbox", "radio"):
                if kind == "radio":
                    form.radios.setdefault(name, []).append(value)
                else:
                    form.checkboxes[name] = value or "on"
                if "checked" in at:
                    form.fields[name] = value or "on"
            else:
                form.fields[name] = value or ""
        elif tag == "select" and name:
            self._select = name
            form.options[name] = []
        elif tag == "option" and self._select:
            form.options[self._select].append(value)
            if "selected" in at or self._select not in form.fields:
                form.fields[self._select] = value
        elif tag == "textarea" and name:
            self._textarea = name
            form.fields[name] = ""
        elif tag == "button":
            form.buttons.append((name, value))

    def handle_data(self, data: str) -> None:
        if self._textarea and self._form is not None:
            self._form.fields[self._textarea] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            # A line break right after the tag belongs to HTML, not to the text.
            form, name = self._form, self._textarea
            if form is not None and form.fields.get(name, "").startswith("\n"):
                form.fields[name] = form.fields[name][1:]
            self._textarea = ""


def forms_of(response: object) -> list[Form]:
    """The forms that post, in the order in which they stand."""
    reader = _FormReader()
    reader.feed(response.content.decode())
    return [form for form in reader.forms if form.method == "post"]


def form_with(response: object, *names: str) -> Form:
    """The one form that has all these fields."""
    (found,) = [form for form in forms_of(response) if set(names) <= form.names]
    return found


def put_in(client: Client, unit: Product, quantity: object = 1, **more: str) -> object:
    """Press "add to basket" on a public page, which holds no token."""
    return client.post(
        reverse("checkout:add"),
        {"product": unit.pk, "quantity": quantity, **more},
        headers={"sec-fetch-site": "same-origin"},
    )


def say_where(client: Client, **changed: object) -> object:
    """Fill in the page that asks where to deliver, and send it."""
    page = client.get(reverse("checkout:where"))
    return send(client, page, form_with(page, "phone", "name"), **{**ADDRESS, **changed})


def send(client: Client, page: object, form: Form, **values: object) -> object:
    """Send a form with these values; fields that the page does not have are left out."""
    data = {**form.fields, **{k: v for k, v in values.items() if k in form.names}}
    return client.post(form.action or page.request["PATH_INFO"], data)


def confirm(client: Client, *, follow: bool = False, **changed: object) -> object:
    """Tick what is needed on the page that asks how to pay, and order."""
    page = client.get(reverse("checkout:pay"))
    assert page.status_code == 200, page.headers.get("Location")
    return send_pay(client, page, follow=follow, **changed)


def send_pay(client: Client, page: object, *, follow: bool = False, **changed: object) -> object:
    """Tick everything on a payment page at hand and send it."""
    form = form_with(page, "payment")
    data = {**form.fields, **form.checkboxes, "payment": "cod", **changed}
    data = {name: value for name, value in data.items() if value is not None}
    return client.post(reverse("checkout:pay"), data, follow=follow)


def buy(client: Client, *units: Product | tuple[Product, int], **where: object) -> Order:
    """From an empty basket to an order; the order."""
    for unit in units:
        unit, quantity = unit if isinstance(unit, tuple) else (unit, 1)
        put_in(client, unit, quantity)
    response = say_where(client, **where)
    assert response.status_code == 302, response.content.decode()[:3000]
    response = confirm(client)
    assert response.status_code == 302, response.content.decode()[:3000]
    return Order.objects.select_related("details").latest("pk")
