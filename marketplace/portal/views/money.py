"""Money: what was sold, what the platform took, what is owed, what was paid."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from marketplace.kernel import formats
from marketplace.payments import earnings
from marketplace.payments.models import Payout
from marketplace.portal.queries import Desk
from marketplace.portal.views.common import at_desk, frame
from theme.components import Pager

PER_PAGE = 12
#: Older payouts are in the months' sums.
PAYOUTS_SHOWN = 12


@at_desk
def money(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Sums of now, the last payouts, and month after month; packers see none of it."""
    producers = [producer.pk for producer in desk.producers_with_money]
    if not producers:
        raise PermissionDenied(_("Money is for the owner and the staff."))
    now = earnings.sums(producers)
    paginator = Paginator(earnings.months(producers), PER_PAGE)
    page = paginator.get_page(request.GET.get("page"))
    payouts = (
        Payout.objects.filter(
            producer__in=producers, state__in=[Payout.State.SENT, Payout.State.UNDONE]
        )
        .select_related("producer")
        .order_by("-sent_at", "-pk")[:PAYOUTS_SHOWN]
    )
    return render(
        request,
        "portal/money.html",
        {
            **frame(request, desk),
            "stats": [
                (formats.money(now.owed), _("We owe you for what has arrived")),
                (formats.money(now.under_way), _("Ordered, and still on its way")),
                (formats.money(now.paid), _("Paid to you so far")),
            ],
            "months": [_month(earnings.month(row)) for row in page.object_list],
            "payouts": [
                {
                    "day": formats.date(payout.sent_at),
                    "amount": formats.money(payout.amount),
                    "account": payout.account_no[-4:],
                    "reference": payout.reference,
                    "undone": payout.undone_why if payout.undone_at else "",
                    "producer": payout.producer.name if len(producers) > 1 else "",
                }
                for payout in payouts
            ],
            "pager": (
                Pager.of(page.number, paginator.num_pages, lambda n: f"?page={n}")
                if paginator.num_pages > 1
                else None
            ),
        },
    )


def _month(month: earnings.Month) -> dict[str, str]:
    return {
        "title": f"{month.begins:%m/%Y}",
        "sold": formats.money(month.sold),
        "came_back": formats.money(-month.came_back) if month.came_back else "",
        "fees": formats.money(-month.fees) if month.fees else "",
        "paid": formats.money(month.paid) if month.paid else "",
    }
