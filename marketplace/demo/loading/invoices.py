"""Wishes for a VAT invoice: not due yet, due, and given. Company and numbers are invented."""

from __future__ import annotations

from datetime import timedelta

from marketplace.accounts.models import User
from marketplace.checkout.actions import InvoiceWanted
from marketplace.demo.loading import Tracker
from marketplace.demo.loading.payments import Shop
from marketplace.kernel import clock
from marketplace.orders import actions as orders
from marketplace.orders.actors import Actor
from marketplace.orders.models import Consignment

_WISHES = (
    InvoiceWanted(
        company="Công ty TNHH Bông Súng Trắng (mẫu)",
        # No firm has this number: its check digit is right, its row is empty.
        tax_code="9999999997",
        address="12 đường Hoa Sữa, Phường Cao Lãnh, Đồng Tháp",
        email="ketoan@example.com",
    ),
    InvoiceWanted(
        company="Hộ kinh doanh Cô Tư Bánh Xèo (mẫu)",
        tax_code="000000000012",
        address="Chợ Sen, Xã Mỹ An, Đồng Tháp",
    ),
    InvoiceWanted(
        company="Công ty TNHH Bông Súng Trắng (mẫu)",
        tax_code="9999999997",
        address="12 đường Hoa Sữa, Phường Cao Lãnh, Đồng Tháp",
    ),
)


#: How far each has come.
_ROADS = (
    (),
    ("confirmed", "packed", "handed_over"),
    ("confirmed", "packed", "handed_over", "delivered"),
)


def load(track: Tracker) -> None:
    """One order for each: just placed, handed over, delivered with its invoice."""
    clerk, shop = User.objects.get(email="vanhanh@example.com"), Shop()
    for at, wish in enumerate(track(_WISHES, len(_WISHES), "Wishes for invoices")):
        order = shop.place(60 - 10 * at, invoice=wish)
        for parcel in order.consignments.order_by("pk"):
            _move(parcel, _ROADS[at])
            if at == 2:
                orders.note_invoice(
                    consignment_id=parcel.pk, symbol=f"1C{clock.today():%y}TSE",
                    number=f"{parcel.pk % 10**8}", issued_on=clock.today(),
                    lookup_url="https://tracuu.example.com/", lookup_code="MAU0001",
                    actor=clerk, now=clock.now(),
                )


def _move(parcel: Consignment, road: tuple[str, ...]) -> None:
    for hours, to in enumerate(road):
        at = clock.now() - timedelta(hours=8 - hours)
        with clock.frozen(at):
            orders.move(consignment_id=parcel.pk, to=to, actor=Actor.office(None), now=at)
