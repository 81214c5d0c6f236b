"""Entering a code into a basket, and taking it out again."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from oscar.apps.basket.models import Basket

from marketplace.accounts import guessing
from marketplace.accounts.models import User
from marketplace.checkout import baskets, queries
from marketplace.places.models import Commune, Province
from marketplace.vouchers import judging
from marketplace.vouchers.codes import LONGEST, normalise
from marketplace.vouchers.errors import Reason, VoucherRefused

#: Codes that do not exist, from one address, within AXES_COOLOFF_TIME. Households share an
#: address with many others on a mobile network; fifty bits of a code need no lower limit.
WRONG_MAX = 20
_KEY = "voucher-code"


def enter(
    *,
    basket: Basket,
    typed: str,
    ip: str,
    province: Province | None = None,
    commune: Commune | None = None,
    user: User | None = None,
    phone: str = "",
    now: datetime,
) -> str:
    """Put the code that was typed into an open basket in place of another; the code.

    Only a code that counts for something goes in. Holds the basket's row. Raises
    VoucherRefused, BasketClosed; then the basket is as it was.
    """
    if basket.pk is None:
        raise VoucherRefused(
            Reason.NOTHING_FITS, _("Your basket is empty. Put something in first.")
        )
    if not normalise(typed):
        raise VoucherRefused(Reason.UNKNOWN, _("Please type the code."))
    if len(typed) > LONGEST:
        raise VoucherRefused(
            Reason.UNKNOWN, _("We know no such code. Please look at it once more.")
        )
    # Counted before it is looked up, so that many at once are no way around.
    if not guessing.take_here(_KEY, ip, limit=WRONG_MAX):
        raise VoucherRefused(
            Reason.TOO_MANY_TRIES, _("Too many wrong codes. Please try again in half an hour.")
        )
    voucher = judging.find(typed)
    guessing.give_back(_KEY, ip)
    with transaction.atomic():
        baskets.hold(basket)
        basket.vouchers.set([voucher])
        code = queries.offer(
            basket=basket, province=province, commune=commune, user=user, phone=phone, now=now
        ).code
        if code is None or code.judged is None:
            raise VoucherRefused(
                Reason.NOTHING_FITS,
                code.refused if code else _("Your basket is empty. Put something in first."),
            )
    return voucher.code


@transaction.atomic
def take_out(*, basket: Basket) -> None:
    """Without a code from now on. Raises BasketClosed."""
    if basket.pk is None:
        return
    baskets.hold(basket)
    basket.vouchers.clear()
