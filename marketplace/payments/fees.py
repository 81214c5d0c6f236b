"""What the platform takes of a delivered consignment."""

from collections.abc import Sequence
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from marketplace.kernel import clock
from marketplace.orders.models import Consignment
from marketplace.payments.ledger import Entry
from marketplace.payments.models import Account, FeeTerms
from marketplace.platform.dated import in_force

_ACCOUNTS = {
    FeeTerms.Kind.PLATFORM: Account.PLATFORM_FEE,
    FeeTerms.Kind.DELIVERY: Account.DELIVERY,
}


def entries(consignment: Consignment, standing: Sequence[Entry], now: datetime) -> list[Entry]:
    """The fees of one consignment, taken from what its producer is owed. One query.

    A percentage is of what the producer is owed: the goods before the marketplace's vouchers and
    after its own; rounded once to whole đồng. The fees together never take more than that.
    """
    owed = max(
        Decimal(0),
        -sum((e.amount for e in standing if e.account is Account.PRODUCER_PAYABLE), Decimal(0)),
    )
    goods = owed
    rows: list[Entry] = []
    for kind, terms in _terms_for(consignment, now).items():
        if kind == FeeTerms.Kind.DELIVERY and not consignment.needs_delivery:
            continue
        share = (goods * terms.percent / 100).quantize(Decimal(1), ROUND_HALF_UP)
        fee = min(owed, share + terms.fixed)
        owed -= fee
        rows += [
            Entry(_ACCOUNTS[FeeTerms.Kind(kind)], -fee, None, consignment.pk),
            Entry(Account.PRODUCER_PAYABLE, fee, consignment.producer_id, consignment.pk),
        ]
    return rows


def _terms_for(consignment: Consignment, now: datetime) -> dict[str, FeeTerms]:
    """Kind of fee → the terms that hold today; the row of the producer's kind goes first."""
    found: dict[str, FeeTerms] = {}
    for terms in FeeTerms.objects.filter(
        in_force(clock.local_date(now)),
        producer_kind__in=["", consignment.producer.kind],
    ).order_by("-kind", "producer_kind", "effective_from"):
        # "" sorts before every kind, older before newer: the last one counts.
        found[terms.kind] = terms
    return found
