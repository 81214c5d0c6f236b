"""What is not sent is neither owed by the buyer nor to the producer."""

from datetime import datetime
from decimal import Decimal

from django.dispatch import receiver

from marketplace.kernel.money import Money, split_by_largest_remainder
from marketplace.orders.models import Consignment
from marketplace.orders.signals import lines_dropped
from marketplace.payments import ledger
from marketplace.payments.models import Account


def follow_drop(
    *,
    consignment: Consignment,
    net: Decimal,
    discount: Decimal,
    replaced: Decimal,
    key: str,
    now: datetime,
) -> None:
    """Post that part of a consignment is not sent; runs inside the caller's transaction.

    The producer's payable shrinks by the goods without its own vouchers, the marketplace's
    funding by its share; the buyer owes less, or is owed back what was paid already. The
    delivery fee stays: it goes back only when nothing of the consignment is sent.
    """
    standing = ledger.standing(consignment.pk)
    owed = sum((e.amount for e in standing if e.account is Account.BUYER_RECEIVABLE), Decimal(0))
    less = net - replaced
    funded = _funded_share(consignment, standing, discount)
    from_debt = min(less, max(owed, Decimal(0)))
    rows = [
        ledger.Entry(Account.BUYER_RECEIVABLE, -from_debt, None, consignment.pk),
        ledger.Entry(Account.REFUND_OWED, from_debt - less, None, consignment.pk),
        ledger.Entry(
            Account.PRODUCER_PAYABLE,
            net + funded - replaced,
            consignment.producer_id,
            consignment.pk,
        ),
        ledger.Entry(Account.VOUCHER_FUNDING, -funded, None, consignment.pk),
    ]
    ledger.post(
        order=consignment.order_id,
        kind="shortened",
        rows=rows,
        dedupe_key=key,
        occurred_at=now,
    )


def _funded_share(
    consignment: Consignment, standing: list[ledger.Entry], discount: Decimal
) -> Decimal:
    """What of a lapsed ``discount`` the marketplace gave, by largest remainder of what is left.

    The consignment counts the discount as lapsed already.
    """
    funding = sum((e.amount for e in standing if e.account is Account.VOUCHER_FUNDING), Decimal(0))
    # Of that, what is off the delivery fee stays.
    of_goods = funding - (
        consignment.fee_discount_incl_tax - consignment.own_fee_discount_incl_tax
    )
    own = consignment.discount_left_incl_tax + discount - of_goods
    if not discount or not own:
        return discount
    return split_by_largest_remainder(Money(discount), [of_goods, own])[0].amount


@receiver(lines_dropped, dispatch_uid="payments.follow_drop")
def hear_of_drop(sender: type, **told: object) -> None:
    """Post the ledger's part of a short pack."""
    follow_drop(
        **{
            name: told[name]
            for name in ("consignment", "net", "discount", "replaced", "key", "now")
        }
    )
