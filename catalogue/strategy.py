"""What a thing costs and whether it may be bought, at this minute.

Oscar asks a strategy wherever it shows a price or takes a line into a basket, so this is the
one place that knows: prices include VAT, a sale price holds between two moments, and nobody
sells who is unverified or closed.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext_lazy as _
from oscar.apps.partner import availability, prices, strategy

from catalogue.models import Product, SalePrice
from marketplace.kernel import clock
from marketplace.kernel.money import round_amount


class NotNow(availability.Unavailable):
    """Cannot be bought at the moment, and says why where Oscar only says "unavailable"."""

    def is_purchase_permitted(self, quantity: int) -> tuple[bool, object]:
        """Never; the reason in the reader's language."""
        return False, self.message


class SoldOut(NotNow):
    """Nothing left, or nothing on sale."""

    code = "soldout"
    message = _("Sold out")


class NotForSale(NotNow):
    """The listing is not public, or its producer has not been identified."""

    code = "notforsale"
    message = _("Not for sale")


class ProducerPaused(NotNow):
    """The producer is closed today and opens again by itself."""

    code = "paused"
    message = _("The producer is closed at the moment")


class InStock(availability.StockRequired):
    """Oscar's stock rule, with words of ours for what is too much."""

    def is_purchase_permitted(self, quantity: int) -> tuple[bool, object]:
        """Whether ``quantity`` units may be bought, and if not, why, in the reader's language."""
        if self.num_available <= 0:
            return False, _("Sold out")
        if quantity > self.num_available:
            return False, _("Only %(count)s left.") % {"count": self.num_available}
        return True, ""


@dataclass(frozen=True)
class UnitPrice:
    """Price of one sellable unit in whole đồng, VAT included, and the older price beside it."""

    price_incl_tax: Decimal
    old_price_incl_tax: Decimal | None
    #: The moment at which this price may become untrue; None when no change is known.
    valid_until: datetime | None


def unit_price(ordinary: Decimal, sales: list[SalePrice], now: datetime) -> UnitPrice:
    """The price at ``now`` out of an ordinary price and its dated sale prices."""
    running = next((s for s in sales if s.starts_at <= now < s.ends_at), None)
    if running and running.price_incl_tax < ordinary:
        return UnitPrice(running.price_incl_tax, ordinary, running.ends_at)
    coming = [s.starts_at for s in sales if s.starts_at > now]
    return UnitPrice(ordinary, None, min(coming, default=None))


class PriceInclTax(prices.TaxInclusiveFixedPrice):
    """A price whose VAT is contained in it (Vietnamese retail prices are)."""

    def __init__(self, currency: str, unit: UnitPrice, vat_rate: Decimal) -> None:
        incl = unit.price_incl_tax
        tax = round_amount(incl * vat_rate / (100 + vat_rate), currency)
        super().__init__(currency=currency, excl_tax=incl - tax, tax=tax)
        self.old_price_incl_tax = unit.old_price_incl_tax
        self.valid_until = unit.valid_until

    @property
    def retail(self) -> Decimal | None:
        """Oscar's name for the price before the sale."""
        return self.old_price_incl_tax


class Strategy(strategy.UseFirstStockRecord, strategy.Structured):
    """One stock record for each unit; dated prices; stock, producer and listing permitting."""

    def __init__(self, request: object | None = None, now: datetime | None = None) -> None:
        super().__init__(request)
        self.now = now or clock.now()

    def pricing_policy(self, product: Product, stockrecord: object | None) -> prices.Base:
        """The unit's price now; unavailable when it has no stock record or no price."""
        if stockrecord is None or stockrecord.price is None:
            return prices.Unavailable()
        unit = unit_price(stockrecord.price, list(stockrecord.sale_prices.all()), self.now)
        return PriceInclTax(
            stockrecord.price_currency, unit, product.listing.vat_rate or Decimal(0)
        )

    def parent_pricing_policy(self, product: Product, children_stock: list) -> prices.Base:
        """A listing's price is its cheapest variant's that can be bought, else its cheapest."""
        offers = [
            (not self.availability_policy(child, record).is_available_to_buy, price.incl_tax, price)
            for child, record in children_stock
            if (price := self.pricing_policy(child, record)).exists
        ]
        return min(offers, key=lambda offer: offer[:2])[2] if offers else prices.Unavailable()

    def availability_policy(self, product: Product, stockrecord: object | None) -> object:
        """Why the unit cannot be bought, or how many there are."""
        listing = product.listing
        if not listing.is_public or not product.is_public or listing.producer is None:
            return NotForSale()
        if not listing.producer.is_public:
            return NotForSale()
        if listing.producer.is_paused(clock.local_date(self.now)):
            return ProducerPaused()
        if stockrecord is None or stockrecord.price is None:
            return NotForSale()
        if not listing.get_product_class().track_stock:
            return availability.Available()
        if stockrecord.net_stock_level <= 0:
            return SoldOut()
        return InStock(stockrecord.net_stock_level)

    def parent_availability_policy(self, product: Product, children_stock: list) -> object:
        """A listing can be bought when one of its variants can."""
        policies = [self.availability_policy(child, record) for child, record in children_stock]
        for policy in policies:
            if policy.is_available_to_buy:
                return availability.Available()
        return policies[0] if policies else NotForSale()


class Selector:
    """Everybody sees the same prices: public pages are the same for everyone."""

    def strategy(
        self, request: object | None = None, user: object | None = None, **kwargs: object
    ) -> Strategy:
        """The strategy for a request, or for work without one.

        It is not told the request: Oscar would look who is signed in, and with that every public
        page would read a session.
        """
        return Strategy()
