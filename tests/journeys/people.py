"""Growers, buyers and clerks at their own devices, who know only what pages show them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from oscar.apps.order.models import Order

from catalogue.models import Product
from marketplace.accounts.roles import Role
from marketplace.kernel import clock
from marketplace.orders.models import Consignment
from marketplace.platform import typesetting
from marketplace.producers.models import Producer
from tests.factories.accounts import make_staff, sign_in
from tests.factories.buying import form_with, forms_of, put_in, say_where, send, send_pay
from tests.factories.catalogue import make_category, make_product_class
from tests.factories.pictures import photograph
from tests.office.test_listings import formset

PASSWORD = "vườn nhà Út 1998"


def text_of(answer: HttpResponse) -> str:
    """What a page says, without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


class Clerk:
    """Somebody of the office at their desks."""

    def __init__(self, *roles: Role) -> None:
        self.user = make_staff(*roles)

    @property
    def client(self) -> Client:
        """Signed in a moment ago: half an hour later they would be signed out."""
        return sign_in(Client(), self.user)

    def post(self, name: str, pk: int, **data: Any) -> HttpResponse:
        answer = self.client.post(reverse(f"office_{name}", args=[pk]), data)
        assert answer.status_code == 302, text_of(answer)[:1500]
        assert reverse("account_login") not in answer.url
        return answer

    def look(self, name: str, *args: Any) -> str:
        return text_of(self.client.get(reverse(f"office_{name}", args=args)))

    def print_letter(self, producer: Producer, phone: str, monkeypatch: Any) -> str:
        """Print a grower's letter; the code is on the paper alone."""
        papers = []
        real = typesetting.pdf
        monkeypatch.setattr(
            typesetting, "pdf", lambda name, data: papers.append(data) or real(name, data)
        )
        answer = self.client.post(
            reverse("office_producers:letter", args=[producer.pk]),
            {"phone": phone, "role": "owner"},
        )
        assert answer["Content-Type"] == "application/pdf"
        monkeypatch.undo()
        return papers[0]["code"]

    def publish(self, listing: Product) -> HttpResponse:
        """Press "publish" on a listing's page, all else as it stands."""
        client = self.client
        page = client.get(reverse("office_listings:edit", args=[listing.pk]))
        form = form_with(page, "title_vi", "vat_rate")
        return client.post(
            reverse("office_listings:edit", args=[listing.pk]), {**form.fields, "publish": "1"}
        )

    def record(self, transfer: Any, amount: int, bank_id: str) -> HttpResponse:
        """Record what the bank shows for a transfer."""
        at = clock.now().astimezone(clock.TZ) - timedelta(minutes=1)
        return self.post(
            "receipts:record", transfer.pk, amount=str(amount), bank_id=bank_id, note="",
            received_on=f"{at:%Y-%m-%d}", received_time=f"{at:%H:%M}",
        )


class Grower:
    """Somebody at a grower's desk on the phone, whoever's it is."""

    def __init__(self, client: Client) -> None:
        self.client = client

    @classmethod
    def by_letter(cls, code: str, phone: str) -> Grower:
        """Come in by a letter, without an e-mail address, and sign in again another day."""
        client = Client()
        answer = client.post(
            reverse("portal:letter"), {"phone": phone, "code": code, "password": PASSWORD}
        )
        assert answer.url == reverse("portal:home")
        another_day = Client()
        signed = another_day.post(
            reverse("account_login"), {"login": phone, "password": PASSWORD}
        )
        assert signed.status_code == 302
        return cls(another_day)

    def step(self, listing: Product, name: str, **data: Any) -> HttpResponse:
        answer = self.client.post(
            reverse("portal:listings_step", args=[listing.pk, name]), data
        )
        assert answer.status_code == 302, text_of(answer)[:1500]
        return answer

    def do(self, listing: Product, what: str) -> None:
        self.client.post(reverse("portal:listings_do", args=[listing.pk, what]))
        listing.refresh_from_db()

    def write_down(self, title: str, price: int, stock: int) -> Product:
        """A listing with two photos, in the short steps."""
        self.client.post(
            reverse("portal:listings_new"),
            {"title_vi": title, "product_class": make_product_class().pk,
             "category": make_category().pk},
        )
        listing = Product.objects.latest("pk")
        assert listing.title_vi == title
        photos = [
            SimpleUploadedFile(f"{width}.jpg", photograph(width, 900), "image/jpeg")
            for width in (1200, 1100)
        ]
        address = reverse("portal:listings_photos", args=[listing.pk])
        assert self.client.post(address, {"photos": photos}).status_code == 302
        for image in listing.images.all():
            said = {"describe": image.original_id, f"p{image.original_id}-alt_vi": "Xoài vàng"}
            assert self.client.post(address, said).status_code == 302
        row = {
            "unit_id": listing.pk, "net_weight_g": "3 kg", "gross_weight_g": "3,4 kg",
            "price": str(price),
            "in_stock": str(stock),
        }
        self.step(listing, "units", **{**formset("unit", [row]), "unit-INITIAL_FORMS": "1"})
        self.step(
            listing, "label", ingredients_vi="Xoài 100%", no_allergens="on",
            storage_vi="Nơi mát", usage_vi="Rửa sạch", shelf_life_days="7",
        )
        self.step(
            listing, "origin", origin_commune="Cao Lanh", shipping_class="fresh",
            vat_rate="5.00", unit_price_basis="kg", harvest_main=["4", "5"],
        )
        self.step(listing, "words", summary_vi="Ngọt, ít xơ", description_vi="Hái sáng sớm")
        return listing

    def look(self, name: str, *args: Any) -> str:
        answer = self.client.get(reverse(f"portal:{name}", args=args))
        assert answer.status_code == 200
        return text_of(answer)

    def go_on(self, parcel: Consignment, **typed: Any) -> str:
        """Press the big button of a parcel's page; the state it then is in."""
        page = self.client.get(reverse("portal:parcels_one", args=[parcel.number]))
        form = next(f for f in forms_of(page) if f.fields.get("next") == "parcel")
        assert send(self.client, page, form, **typed).status_code == 302
        parcel.refresh_from_db()
        return parcel.state


class Buyer:
    """A guest on their own phone."""

    def __init__(self) -> None:
        self.client = Client()
        self.order: Order | None = None

    def buy(self, *units: Any, payment: str = "cod") -> Order:
        for unit in units:
            unit, quantity = unit if isinstance(unit, tuple) else (unit, 1)
            put_in(self.client, unit, quantity)
        assert say_where(self.client).status_code == 302
        page = self.client.get(reverse("checkout:pay"))
        answer = send_pay(self.client, page, payment=payment)
        assert answer.status_code == 302, text_of(answer)[:1500]
        self.order = Order.objects.select_related("details").latest("pk")
        return self.order

    def post(self, name: str, **data: Any) -> str:
        """Send a form of the page about paying; what the page then says."""
        secret = [self.order.number, self.order.details.secret]
        answer = self.client.post(reverse(f"payments:{name}", args=secret), data, follow=True)
        assert answer.status_code == 200, text_of(answer)[:1500]
        return text_of(answer)

    def pay_page(self) -> str:
        secret = [self.order.number, self.order.details.secret]
        return text_of(self.client.get(reverse("payments:pay", args=secret), follow=True))

    def track(self) -> HttpResponse:
        secret = [self.order.number, self.order.details.secret]
        return self.client.get(reverse("orders:track", args=secret))
