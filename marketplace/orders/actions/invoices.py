"""What a seller says of the VAT invoice that it has issued."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.kernel import clock
from marketplace.orders import locks, news
from marketplace.orders.errors import WrongInvoice
from marketplace.orders.models import InvoiceReference, InvoiceWish
from marketplace.orders.states import DEAD
from marketplace.platform import audit


@transaction.atomic
def note_invoice(
    *,
    consignment_id: int,
    symbol: str,
    number: str,
    issued_on: date,
    lookup_url: str = "",
    lookup_code: str = "",
    actor: User,
    now: datetime,
) -> InvoiceReference:
    """Write down, or mend, the reference of one consignment's invoice; the buyer is told.

    Holds the order's and its consignments' rows. Whoever calls has made sure that the actor may
    see the money. Raises WrongInvoice, with the field; saying the same again does nothing.
    """
    consignment, order, _all = locks.consignment_with_order(consignment_id)
    wish = InvoiceWish.objects.filter(order=order.pk).first()
    if wish is None:
        raise WrongInvoice(_("The buyer has not asked for an invoice."))
    if consignment.state in DEAD:
        raise WrongInvoice(_("Nothing of this parcel was sold, so there is no invoice."))
    if issued_on > clock.local_date(now):
        raise WrongInvoice(_("This day has not come yet."), "issued_on")
    if issued_on < clock.local_date(order.date_placed):
        raise WrongInvoice(_("The order was placed after this day."), "issued_on")
    said = {
        "symbol": symbol, "number": number, "issued_on": issued_on,
        "lookup_url": lookup_url, "lookup_code": lookup_code,
    }
    known = InvoiceReference.objects.filter(pk=consignment.pk).first()
    before = _told(known)
    if known is not None and all(getattr(known, name) == value for name, value in said.items()):
        return known
    noted, _created = InvoiceReference.objects.update_or_create(
        consignment=consignment, defaults={**said, "noted_at": now, "noted_by": actor}
    )
    audit.record(
        action="consignment.invoice_noted" if known is None else "consignment.invoice_mended",
        actor=actor, target=consignment, before=before, after=_told(noted),
    )
    news.tell_of_invoice(order, consignment, noted, is_mended=known is not None)
    return noted


def _told(row: InvoiceReference | None) -> dict[str, str] | None:
    if row is None:
        return None
    return {
        "symbol": row.symbol, "number": row.number, "issued_on": row.issued_on.isoformat(),
        "lookup_url": row.lookup_url, "lookup_code": row.lookup_code,
    }
