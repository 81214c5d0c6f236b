"""Finders of what waits: so many of one kind, in words, and the list where they stand.

Each takes the person, asks the database once or twice, and finds nothing where the person may
do nothing about it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.urls import reverse
from django.utils.translation import ngettext

from marketplace.accounts.models import User
from marketplace.kernel import clock
from marketplace.office import call_list as calls_waiting
from marketplace.office import page_queries, queries
from marketplace.office.views import orders, payouts, receipts, refunds
from marketplace.office.views.stock import running_out
from marketplace.orders.models import Consignment
from marketplace.orders.states import State
from marketplace.payments import payout_actions
from marketplace.payments.models import CallTask, Payout
from marketplace.payments.queries import refunds_owed
from marketplace.payments.transfer_states import TransferState
from marketplace.producers.models import Delegation, Paper
from marketplace.producers.queries import delegated_to, delegations_in_force
from marketplace.shipping.working_days import working_days_before

#: Working days after which an unconfirmed consignment is asked about.
SLOW_AFTER = 2
#: Days before its last one from which a consent is shown as ending.
CONSENT_ENDING_DAYS = 30


@dataclass(frozen=True)
class Task:
    """So many things of one kind that wait, and where they are.

    ``is_only_told`` is nothing to do: good to know.
    """

    count: int
    words: str
    url: str
    is_urgent: bool = False
    is_only_told: bool = False


def _task(one: str, count: int, url: str, *, urgent: bool = False, told: bool = False) -> Task:
    """``one`` is already in the right number; its count is put in."""
    return Task(count, one % {"count": count}, url, urgent, told)


# --- Orders and money -------------------------------------------------------------------------


def calls(user: User) -> Iterator[Task]:
    """Buyers to call before their growers start."""
    if user.has_perms([*orders.VIEW, "payments.change_calltask"]):
        count = queries.calls_visible_to(user).filter(outcome=CallTask.Outcome.OPEN).count()
        words = ngettext("%(count)s buyer to call", "%(count)s buyers to call", count)
        yield _task(words, count, reverse("office_calls:index"), urgent=True)


def call_list(user: User) -> Iterator[Task]:
    """Growers who do not confirm, buyers who miss something."""
    if user.has_perms([*orders.VIEW, orders.MOVE]):
        count = calls_waiting.how_many(user, clock.now())
        words = ngettext(
            "%(count)s call about a parcel", "%(count)s calls about parcels", count
        )
        yield _task(words, count, reverse("office_call_list:index"), urgent=True)


def parcels_unconfirmed(user: User) -> Iterator[Task]:
    """New parcels, and those that are new for too long."""
    if not user.has_perms([*orders.VIEW, orders.MOVE]):
        return
    new = queries.consignments_visible_to(user).filter(
        state=State.NEW, released_at__isnull=False
    )
    last_slow = working_days_before(clock.today(), SLOW_AFTER) - timedelta(days=1)
    slow = new.filter(order__date_placed__date__lte=last_slow).count()
    index = f"{reverse('office_orders:index')}?state=new&waits=no"
    words = ngettext(
        "%(count)s parcel unconfirmed for over 2 working days",
        "%(count)s parcels unconfirmed for over 2 working days",
        slow,
    )
    yield _task(words, slow, f"{index}&placed_to={last_slow:%Y-%m-%d}", urgent=True)
    count = new.count()
    words = ngettext(
        "%(count)s new parcel waits for its producer",
        "%(count)s new parcels wait for their producers",
        count,
    )
    yield _task(words, count, index, told=True)


def transfers_claimed(user: User) -> Iterator[Task]:
    """Buyers who say that they have paid."""
    if user.has_perms([*receipts.VIEW, *receipts.CHANGE]):
        count = queries.transfers_visible_to(user).filter(state=TransferState.CLAIMED).count()
        words = ngettext(
            "%(count)s buyer says the money was sent",
            "%(count)s buyers say the money was sent",
            count,
        )
        yield _task(words, count, reverse("office_receipts:index"), urgent=True)


def receipts_unmatched(user: User) -> Iterator[Task]:
    """Money that came without a name."""
    if user.has_perms([*receipts.VIEW, *receipts.CHANGE]):
        count = queries.receipts_visible_to(user).filter(transfer=None, undone_at=None).count()
        words = ngettext(
            "%(count)s receipt without an order", "%(count)s receipts without an order", count
        )
        yield _task(words, count, reverse("office_receipts:index"), urgent=True)


def refunds_to_send(user: User) -> Iterator[Task]:
    """Money that buyers get back."""
    if user.has_perms([*refunds.VIEW, *refunds.CHANGE]):
        count = refunds_owed(queries.orders_visible_to(user)).count()
        words = ngettext("%(count)s refund to send", "%(count)s refunds to send", count)
        yield _task(words, count, reverse("office_refunds:index"))


def payouts_due(user: User) -> Iterator[Task]:
    """Growers who have earned something, and transfers that wait for the bank."""
    if not user.has_perms([*payouts.VIEW, *payouts.CHANGE]):
        return
    index = reverse("office_payouts:index")
    prepared = queries.payouts_visible_to(user).filter(state=Payout.State.PREPARED).count()
    words = ngettext(
        "%(count)s payout on the list for the bank", "%(count)s payouts on the list for the bank",
        prepared,
    )
    yield _task(words, prepared, index)
    count = len({row.producer_id for row in payout_actions.ready()})
    words = ngettext("%(count)s producer to pay out", "%(count)s producers to pay out", count)
    yield _task(words, count, index)


def cash_with_carriers(user: User) -> Iterator[Task]:
    """Parcels whose cash the carrier still holds."""
    if user.has_perms([*orders.VIEW, "payments.view_ledgertransaction"]):
        count = queries.cash_with_carriers(queries.consignments_visible_to(user)).count()
        words = ngettext(
            "%(count)s parcel whose cash is with the carrier",
            "%(count)s parcels whose cash is with the carrier",
            count,
        )
        yield _task(words, count, f"{reverse('office_orders:index')}?cash=yes")


def stock_running_out(user: User) -> Iterator[Task]:
    """Articles of which there is little left."""
    if user.has_perm("partner.change_stockrecord"):
        count = running_out(queries.stock_visible_to(user)).count()
        words = ngettext("%(count)s article runs out", "%(count)s articles run out", count)
        yield _task(words, count, f"{reverse('office_stock:index')}?low=on", told=True)


# --- Growers and their listings ---------------------------------------------------------------


def applications(user: User) -> Iterator[Task]:
    """Whoever wants to sell."""
    if user.has_perm("producers.change_sellerapplication"):
        count = queries.applications_visible_to(user).filter(state="new").count()
        words = ngettext(
            "%(count)s application to sell", "%(count)s applications to sell", count
        )
        yield _task(words, count, reverse("office_applications:index"), urgent=True)


def identities(user: User) -> Iterator[Task]:
    """Producers whom nobody has identified."""
    if user.has_perms(["producers.add_producer", "producers.change_producer"]):
        rows = queries.producers_visible_to(user)
        count = rows.filter(identity_verified_at__isnull=True).count()
        words = ngettext(
            "%(count)s producer to identify", "%(count)s producers to identify", count
        )
        yield _task(words, count, f"{reverse('office_producers:index')}?verified=no")


def papers(user: User) -> Iterator[Task]:
    """Papers that nobody of the office has seen."""
    if user.has_perm("producers.change_paper"):
        count = queries.papers_visible_to(user).filter(state=Paper.State.ATTESTED).count()
        words = ngettext("%(count)s paper to look at", "%(count)s papers to look at", count)
        yield _task(words, count, reverse("office_papers:index"))


def listings(user: User) -> Iterator[Task]:
    """Listings handed in, and changes of those on sale."""
    if not user.has_perms(["catalogue.add_product", "catalogue.change_product"]):
        return
    index = reverse("office_listings:index")
    count = queries.listings_visible_to(user).filter(state="submitted").count()
    words = ngettext("%(count)s listing handed in", "%(count)s listings handed in", count)
    yield _task(words, count, f"{index}?public=submitted", urgent=True)
    count = queries.revisions_visible_to(user).filter(state="pending").count()
    words = ngettext("%(count)s change to judge", "%(count)s changes to judge", count)
    yield _task(words, count, reverse("office_listings:revisions"))


def listings_unpublished(user: User) -> Iterator[Task]:
    """Listings that buyers do not see."""
    if user.has_perms(["catalogue.add_product", "catalogue.change_product"]):
        count = queries.listings_visible_to(user).filter(is_public=False).count()
        words = ngettext(
            "%(count)s listing not published", "%(count)s listings not published", count
        )
        yield _task(words, count, f"{reverse('office_listings:index')}?public=no", told=True)


def consents_ending(user: User) -> Iterator[Task]:
    """Consents that end soon, of all growers."""
    if user.has_perm("producers.change_delegation"):
        yield _consents(queries.delegations_visible_to(user), reverse("office_helpers:index"))


def _consents(rows: object, url: str) -> Task:
    today = clock.today()
    ending = delegations_in_force(today).filter(
        valid_through__range=(today, today + timedelta(days=CONSENT_ENDING_DAYS))
    )
    count = rows.filter(pk__in=ending.values("pk")).count()
    words = ngettext(
        "%(count)s grower's consent ends within 30 days",
        "%(count)s growers' consents end within 30 days",
        count,
    )
    return _task(words, count, url)


# --- An area officer's growers ----------------------------------------------------------------


def parcels_of_delegators(user: User) -> Iterator[Task]:
    """New parcels of the growers who asked this person to act for them."""
    growers = delegated_to(user, clock.today())
    count = Consignment.objects.filter(
        producer__in=growers.order_by().values("pk"), state=State.NEW, released_at__isnull=False
    ).count()
    words = ngettext(
        "%(count)s parcel to confirm for a grower", "%(count)s parcels to confirm for growers",
        count,
    )
    yield _task(words, count, reverse("portal:helping"), urgent=True)


def papers_ending(user: User) -> Iterator[Task]:
    """The newest papers of the growers in sight that end soon."""
    count = queries.papers_ending(queries.papers_visible_to(user), clock.today()).count()
    words = ngettext(
        "%(count)s paper ends within 60 days", "%(count)s papers end within 60 days", count
    )
    yield _task(words, count, f"{reverse('office_papers:index')}?ending=on")


def consents_of_agent_ending(user: User) -> Iterator[Task]:
    """Consents given to this person that end soon."""
    yield _consents(Delegation.objects.filter(agent=user), reverse("portal:helping"))


def growers_in_area(user: User) -> Iterator[Task]:
    """Whom this person looks after."""
    count = queries.producers_visible_to(user).count()
    words = ngettext("%(count)s grower in your area", "%(count)s growers in your area", count)
    yield _task(words, count, reverse("office_producers:index"), told=True)


# --- Pages ------------------------------------------------------------------------------------


def _pages(user: User, wait: str, *, mine: bool = False) -> tuple[int, str]:
    rows = page_queries.waiting(
        page_queries.pages_visible_to(user), wait, clock.now(), of=user if mine else None
    )
    url = f"{reverse('office_pages:index')}?wait={wait}{'&mine=on' if mine else ''}"
    return rows.count(), url


def pages_to_judge(user: User) -> Iterator[Task]:
    """Pages handed in."""
    count, url = _pages(user, "moderation")
    words = ngettext("%(count)s page handed in", "%(count)s pages handed in", count)
    yield _task(words, count, url, urgent=True)


def comments(user: User) -> Iterator[Task]:
    """Pages with comments that nobody has answered."""
    count, url = _pages(user, "comments")
    words = ngettext(
        "%(count)s page with open comments", "%(count)s pages with open comments", count
    )
    yield _task(words, count, url)


def page_drafts(user: User) -> Iterator[Task]:
    """Changes that are not published."""
    count, url = _pages(user, "drafts")
    words = ngettext(
        "%(count)s page changed and not published", "%(count)s pages changed and not published",
        count,
    )
    yield _task(words, count, url)


def pages_untranslated(user: User) -> Iterator[Task]:
    """Pages that English readers do not get."""
    count, url = _pages(user, "untranslated")
    words = ngettext(
        "%(count)s page not yet in English", "%(count)s pages not yet in English", count
    )
    yield _task(words, count, url)


def pages_scheduled(user: User) -> Iterator[Task]:
    """Pages that appear by themselves."""
    count, url = _pages(user, "scheduled")
    words = ngettext(
        "%(count)s page will appear by itself", "%(count)s pages will appear by themselves", count
    )
    yield _task(words, count, url, told=True)


def own_pages_returned(user: User) -> Iterator[Task]:
    """What came back to its author."""
    count, url = _pages(user, "returned", mine=True)
    words = ngettext(
        "%(count)s page of yours sent back", "%(count)s pages of yours sent back", count
    )
    yield _task(words, count, url, urgent=True)


def own_comments(user: User) -> Iterator[Task]:
    """Comments on the author's own pages."""
    count, url = _pages(user, "comments", mine=True)
    words = ngettext(
        "%(count)s page of yours with open comments",
        "%(count)s pages of yours with open comments",
        count,
    )
    yield _task(words, count, url)


def own_drafts(user: User) -> Iterator[Task]:
    """What its author has not handed in."""
    count, url = _pages(user, "drafts", mine=True)
    words = ngettext(
        "%(count)s draft of yours to hand in", "%(count)s drafts of yours to hand in", count
    )
    yield _task(words, count, url)


def listings_untranslated(user: User) -> Iterator[Task]:
    """Listings on sale without an English name."""
    if user.has_perm("catalogue.change_product"):
        count = queries.listings_without_english(queries.listings_visible_to(user)).count()
        words = ngettext(
            "%(count)s listing on sale without English",
            "%(count)s listings on sale without English",
            count,
        )
        yield _task(words, count, f"{reverse('office_listings:index')}?english=no")


def growers_untranslated(user: User) -> Iterator[Task]:
    """Growers whose story is not told in English."""
    if user.has_perm("producers.change_producer"):
        count = queries.growers_without_english(queries.producers_visible_to(user)).count()
        words = ngettext(
            "%(count)s grower's story without English",
            "%(count)s growers' stories without English",
            count,
        )
        yield _task(words, count, f"{reverse('office_producers:index')}?english=no")
