"""What waits for whoever signs in: counts on the admin's home page, each with its list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from wagtail.admin.ui.components import Component

from marketplace.accounts.models import User
from marketplace.kernel import clock
from marketplace.office import call_list, queries
from marketplace.office.views import orders, receipts, refunds
from marketplace.office.views.stock import running_out
from marketplace.orders.states import State
from marketplace.payments.models import CallTask
from marketplace.payments.queries import refunds_owed
from marketplace.payments.transfer_states import TransferState
from marketplace.shipping.working_days import working_days_before

#: Working days after which an unconfirmed consignment is asked about.
SLOW_AFTER = 2


@dataclass(frozen=True)
class Task:
    """So many things of one kind that wait, and where they are."""

    count: int
    words: str
    url: str
    is_urgent: bool = False


def tasks_for(user: User) -> Iterator[Task]:
    """What waits for this person: one query for each kind that he may look at."""
    if user.has_perms([*orders.VIEW, "payments.change_calltask"]):
        count = queries.calls_visible_to(user).filter(outcome=CallTask.Outcome.OPEN).count()
        yield Task(
            count,
            ngettext("%(count)s buyer to call", "%(count)s buyers to call", count)
            % {"count": count},
            reverse("office_calls:index"),
            is_urgent=True,
        )
    if user.has_perms([*receipts.VIEW, *receipts.CHANGE]):
        count = queries.transfers_visible_to(user).filter(state=TransferState.CLAIMED).count()
        yield Task(
            count,
            ngettext(
                "%(count)s buyer says the money was sent",
                "%(count)s buyers say the money was sent",
                count,
            )
            % {"count": count},
            reverse("office_receipts:index"),
            is_urgent=True,
        )
    if user.has_perms([*refunds.VIEW, *refunds.CHANGE]):
        count = refunds_owed(queries.orders_visible_to(user)).count()
        yield Task(
            count,
            ngettext("%(count)s refund to send", "%(count)s refunds to send", count)
            % {"count": count},
            reverse("office_refunds:index"),
        )
    if user.has_perms([*orders.VIEW, orders.MOVE]):
        count = call_list.how_many(user, clock.now())
        yield Task(
            count,
            ngettext(
                "%(count)s call about a parcel", "%(count)s calls about parcels", count
            )
            % {"count": count},
            reverse("office_call_list:index"),
            is_urgent=True,
        )
        yield from _order_tasks(user)
    if user.has_perm("partner.change_stockrecord"):
        count = running_out(queries.stock_visible_to(user)).count()
        yield Task(
            count,
            ngettext("%(count)s article runs out", "%(count)s articles run out", count)
            % {"count": count},
            f"{reverse('office_stock:index')}?low=on",
        )
    if user.has_perms(["producers.add_producer", "producers.change_producer"]):
        count = (
            queries.producers_visible_to(user).filter(identity_verified_at__isnull=True).count()
        )
        yield Task(
            count,
            ngettext(
                "%(count)s producer to identify", "%(count)s producers to identify", count
            )
            % {"count": count},
            f"{reverse('office_producers:index')}?verified=no",
        )
    if user.has_perm("producers.change_sellerapplication"):
        count = queries.applications_visible_to(user).filter(state="new").count()
        yield Task(
            count,
            ngettext(
                "%(count)s application to sell", "%(count)s applications to sell", count
            )
            % {"count": count},
            reverse("office_applications:index"),
            is_urgent=True,
        )
    if user.has_perm("producers.change_paper"):
        count = queries.papers_visible_to(user).filter(state="attested").count()
        yield Task(
            count,
            ngettext("%(count)s paper to look at", "%(count)s papers to look at", count)
            % {"count": count},
            reverse("office_papers:index"),
        )
    if user.has_perms(["catalogue.add_product", "catalogue.change_product"]):
        count = queries.listings_visible_to(user).filter(state="submitted").count()
        yield Task(
            count,
            ngettext(
                "%(count)s listing handed in", "%(count)s listings handed in", count
            )
            % {"count": count},
            f"{reverse('office_listings:index')}?public=submitted",
            is_urgent=True,
        )
        count = queries.revisions_visible_to(user).filter(state="pending").count()
        yield Task(
            count,
            ngettext("%(count)s change to judge", "%(count)s changes to judge", count)
            % {"count": count},
            reverse("office_listings:revisions"),
        )
        count = queries.listings_visible_to(user).filter(is_public=False).count()
        yield Task(
            count,
            ngettext(
                "%(count)s listing not published", "%(count)s listings not published", count
            )
            % {"count": count},
            f"{reverse('office_listings:index')}?public=no",
        )


def _order_tasks(user: User) -> Iterator[Task]:
    new = queries.consignments_visible_to(user).filter(
        state=State.NEW, released_at__isnull=False
    )
    today = clock.today()
    last_slow = working_days_before(today, SLOW_AFTER) - timedelta(days=1)
    slow = new.filter(order__date_placed__date__lte=last_slow).count()
    count = new.count()
    index = reverse("office_orders:index")
    yield Task(
        count,
        ngettext(
            "%(count)s new parcel waits for its producer",
            "%(count)s new parcels wait for their producers",
            count,
        )
        % {"count": count},
        f"{index}?state=new&waits=no",
    )
    yield Task(
        slow,
        ngettext(
            "%(count)s parcel unconfirmed for over 2 working days",
            "%(count)s parcels unconfirmed for over 2 working days",
            slow,
        )
        % {"count": slow},
        f"{index}?state=new&waits=no&placed_to={last_slow:%Y-%m-%d}",
        is_urgent=True,
    )


class TodayPanel(Component):
    """What there is to do, on the admin's home page."""

    name = "office_today"
    template_name = "office/today.html"
    order = 10

    def __init__(self, user: User) -> None:
        self.user = user

    def get_context_data(self, parent_context: dict[str, Any]) -> dict[str, Any]:
        return {"tasks": list(tasks_for(self.user)), "heading": _("To do today")}
