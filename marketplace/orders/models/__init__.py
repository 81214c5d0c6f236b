"""What stands beside Oscar's order, by topic."""

from marketplace.orders.models.fulfilment import (
    ArrivalReport,
    CallNote,
    Chase,
    FulfilmentTerms,
    Handover,
    ShortPack,
    ShortPackLine,
)
from marketplace.orders.models.invoices import InvoiceReference, InvoiceWish
from marketplace.orders.models.orders import (
    ConsentRecord,
    ConsentText,
    Consignment,
    ConsignmentEvent,
    ConsignmentLine,
    ConsignmentQuerySet,
    OrderDetails,
    Reservation,
)

__all__ = [
    "ArrivalReport",
    "CallNote",
    "Chase",
    "ConsentRecord",
    "ConsentText",
    "Consignment",
    "ConsignmentEvent",
    "ConsignmentLine",
    "ConsignmentQuerySet",
    "FulfilmentTerms",
    "Handover",
    "InvoiceReference",
    "InvoiceWish",
    "OrderDetails",
    "Reservation",
    "ShortPack",
    "ShortPackLine",
]
