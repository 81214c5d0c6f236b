"""What each member of staff may look at: every list, page, export and history starts here."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from oscar.apps.order.models import Order
from oscar.apps.partner.models import StockRecord

from catalogue.models import Product, Revision
from marketplace.accounts.models import User
from marketplace.accounts.roles import Role
from marketplace.orders.models import Consignment
from marketplace.orders.states import CAME_BACK, DEAD
from marketplace.payments.models import (
    Account,
    CallTask,
    LedgerRow,
    Payout,
    Receipt,
    Refund,
    Transfer,
)
from marketplace.producers.checklist import ENDING_DAYS
from marketplace.producers.models import (
    AreaAssignment,
    Delegation,
    Paper,
    Producer,
    SellerApplication,
)
from marketplace.vouchers.models import VoucherTerms
from marketplace.vouchers.queries import with_code


def producers_visible_to(user: User) -> QuerySet[Producer]:
    """All producers for staff who may see producers; those of his communes for an area officer;
    none for others."""
    rows = Producer.objects.all()
    if Role.AREA_OFFICER in user.roles and not user.has_perm("producers.change_producer"):
        rows = rows.filter(
            commune__in=AreaAssignment.objects.filter(user=user).values("commune")
        )
    return _all_if(user, "producers.view_producer", rows)


def papers_visible_to(user: User) -> QuerySet[Paper]:
    """The papers of the producers that this person sees."""
    rows = Paper.objects.filter(producer__in=producers_visible_to(user))
    return _all_if(user, "producers.view_paper", rows)


def applications_visible_to(user: User) -> QuerySet[SellerApplication]:
    """Applications to sell."""
    return _all_if(user, "producers.view_sellerapplication", SellerApplication.objects.all())


def delegations_visible_to(user: User) -> QuerySet[Delegation]:
    """Consents of growers that somebody acts for them."""
    return _all_if(user, "producers.view_delegation", Delegation.objects.all())


def listings_visible_to(user: User) -> QuerySet[Product]:
    """All listings (variants stand on their listing's page), published or not."""
    return _all_if(user, "catalogue.view_product", Product.objects.filter(parent__isnull=True))


def revisions_visible_to(user: User) -> QuerySet[Revision]:
    """Changes of the listings that this person sees."""
    return Revision.objects.filter(listing__in=listings_visible_to(user))


def stock_visible_to(user: User) -> QuerySet[StockRecord]:
    """The stock records of all sellable units whose listing has a producer."""
    rows = StockRecord.objects.filter(partner__producer__isnull=False)
    return _all_if(user, "partner.view_stockrecord", rows)


def consignments_visible_to(user: User) -> QuerySet[Consignment]:
    """Consignments as the office sees them, released or not.

    Being in a producer's team opens the producers' desk, not this one.
    """
    return _all_if(user, "orders.view_consignment", Consignment.objects.visible_to(user))


def orders_visible_to(user: User) -> QuerySet[Order]:
    """Orders that came through the checkout; those have details."""
    return _all_if(
        user,
        ("order.view_order", "orders.view_orderdetails"),
        Order.objects.filter(details__isnull=False),
    )


def calls_visible_to(user: User) -> QuerySet[CallTask]:
    """Calls to make before producers start, and those made."""
    return _all_if(user, "payments.view_calltask", CallTask.objects.all())


def transfers_visible_to(user: User) -> QuerySet[Transfer]:
    """Payments by transfer, expected or not."""
    return _all_if(user, "payments.view_transfer", Transfer.objects.all())


def receipts_visible_to(user: User) -> QuerySet[Receipt]:
    """What came onto the operator's account."""
    return _all_if(user, "payments.view_receipt", Receipt.objects.all())


def refunds_visible_to(user: User) -> QuerySet[Refund]:
    """What was sent back to buyers."""
    return _all_if(user, "payments.view_refund", Refund.objects.all())


def payouts_visible_to(user: User) -> QuerySet[Payout]:
    """What is or was sent to producers."""
    return _all_if(user, "payments.view_payout", Payout.objects.all())


def cash_with_carriers(rows: QuerySet[Consignment]) -> QuerySet[Consignment]:
    """Those of ``rows`` whose cash the carrier has taken and not sent on."""
    cash = (
        LedgerRow.objects.filter(consignment=OuterRef("pk"), account=Account.CARRIER_CASH)
        .order_by()
        .values("consignment")
        .annotate(total=Sum("amount"))
        .values("total")
    )
    return rows.annotate(carrier_cash=Subquery(cash)).filter(carrier_cash__gt=0)


def papers_ending(rows: QuerySet[Paper], today: date) -> QuerySet[Paper]:
    """Those of ``rows`` that end soon and that no newer paper of the same item has replaced."""
    newest = Paper.objects.order_by("producer_id", "item__code", "-pk").distinct(
        "producer_id", "item__code"
    )
    return rows.filter(
        pk__in=newest.values("pk"),
        valid_through__range=(today, today + timedelta(days=ENDING_DAYS)),
    ).exclude(state=Paper.State.REFUSED)


def growers_without_english(rows: QuerySet[Producer]) -> QuerySet[Producer]:
    """Those of ``rows`` who have a story, and none in English."""
    return rows.exclude(Q(story_vi__isnull=True) | Q(story_vi="")).filter(
        Q(story_en__isnull=True) | Q(story_en="")
    )


def listings_without_english(rows: QuerySet[Product]) -> QuerySet[Product]:
    """Those of ``rows`` that are on sale without an English name."""
    return rows.filter(Q(title_en__isnull=True) | Q(title_en=""), is_public=True)
def vouchers_visible_to(user: User) -> QuerySet[VoucherTerms]:
    """Codes given out, with ``one_code`` and ``cost``: what they take off goods and delivery of
    parcels that are not cancelled and did not come back (with Oscar's offers on the same)."""
    costs = (
        Consignment.objects.filter(order__voucher_use__terms=OuterRef("pk"))
        .exclude(state__in=DEAD | CAME_BACK)
        .order_by()
        .values("order__voucher_use__terms")
        .annotate(
            total=Sum(
                F("discount_incl_tax")
                - F("lapsed_discount_incl_tax")
                + F("fee_discount_incl_tax")
            )
        )
        .values("total")
    )
    rows = with_code(VoucherTerms.objects.all()).annotate(
        cost=Coalesce(Subquery(costs), Value(Decimal(0)))
    )
    return _all_if(user, "vouchers.view_voucherterms", rows)


def _all_if(user: User, permissions: str | tuple[str, ...], rows: QuerySet) -> QuerySet:
    wanted = (permissions,) if isinstance(permissions, str) else permissions
    return rows if user.is_active and user.has_perms(wanted) else rows.none()
