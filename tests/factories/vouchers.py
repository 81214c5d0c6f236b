"""Vouchers given out as the office gives them out."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from oscar.apps.basket.models import Basket
from oscar.apps.voucher.models import Voucher

from marketplace.kernel import clock
from marketplace.vouchers import actions
from marketplace.vouchers.models import VoucherTerms

Kind, Funder = VoucherTerms.Kind, VoucherTerms.Funder


def make_voucher(
    code: str = "SEN50", *, batch: int = 0, amount: int | None = None, **changed: object
) -> Voucher:
    """A code for 10 % of anything, paid by the marketplace, without limits unless told."""
    if amount is not None:
        changed = {"kind": Kind.AMOUNT, "amount_incl_tax": Decimal(amount), **changed}
    kind = changed.get("kind", Kind.PERCENT)
    row = actions.give_out(
        terms=actions.Terms(
            **{
                "name": f"Voucher {code}",
                "kind": kind,
                "percent": Decimal(10) if kind == Kind.PERCENT else None,
                "first_day": date(2026, 1, 1),
                "last_day": date(2036, 1, 1),
                "funder": Funder.PLATFORM,
                "uses_per_phone": None,
                **changed,
            }
        ),
        code=code,
        batch=batch,
        actor=None,
        now=clock.now(),
    )
    return row.voucher_set.vouchers.order_by("pk").first()


def enter(basket: Basket, voucher: Voucher) -> Basket:
    """The basket with this code entered."""
    basket.vouchers.set([voucher])
    return basket


def terms_of(voucher: Voucher) -> VoucherTerms:
    """The terms as they stand in the database."""
    return VoucherTerms.objects.select_related("voucher_set").get(pk=voucher.voucher_set_id)
