"""A market with everything in it, for whoever looks at all of the office's screens."""

from __future__ import annotations

from datetime import timedelta

from wagtail.models import Comment, Page, Workflow

from catalogue import revision_actions
from marketplace.accounts.roles import Role
from marketplace.kernel import clock
from marketplace.office import rule_tables
from marketplace.orders.states import State
from marketplace.payments.models import CodLimits
from marketplace.platform import dated_actions
from marketplace.producers import delegation_actions
from marketplace.producers.models import (
    AreaAssignment,
    ChecklistItem,
    Delegation,
    Membership,
    Paper,
    SellerApplication,
)
from tests.factories.accounts import make_staff, make_user
from tests.factories.catalogue import make_producer, make_product
from tests.factories.orders import make_destination, make_order, make_tariff
from tests.factories.pages import make_site, make_tea
from tests.factories.payments import make_collector, make_transfer_order
from tests.factories.pictures import make_picture
from tests.orders.conftest import PATHS, bring


def make_market() -> dict[str, object]:
    """One of everything that a list or a page of the office may show.

    Its ``owner`` has a grower's desk, its ``officer`` acts for that grower.
    """
    make_tariff()
    make_collector()
    make_tea()
    site = make_site(make_picture(is_drawing=True))
    grower = make_producer("Vườn Sáu Thảnh", story_vi="Ngày xưa")
    make_producer("Vườn Chưa Kiểm", verified=False)
    listing = make_product(producer=grower, price=100_000, stock=90)
    make_product("Món nháp", producer=grower, published=False)
    make_transfer_order(listing)
    for number, state in enumerate(PATHS):
        if state != State.SHORT_PACKED:
            # One number has only so many open orders before the office calls first.
            buyer = make_destination(phone=f"+8491200{number:04d}")
            bring(make_order(listing, destination=buyer).consignments.get(), state)
    clerk = make_staff(Role.OPERATOR)
    owner = make_user("chu@example.test")
    Membership.objects.create(producer=grower, user=owner, role=Membership.Role.OWNER)
    revision_actions.propose(listing=listing, values={"summary_vi": "Mới"}, actor=owner)
    officer = make_staff(Role.AREA_OFFICER)
    AreaAssignment.objects.create(user=officer, commune=grower.commune)
    delegation_actions.delegate(
        producer=grower, agent=officer, agent_producer=None, how=Delegation.How.SIGNED,
        consented_on=clock.today(), valid_through=None, note="", actor=clerk, now=clock.now(),
        today=clock.today(),
    )
    for item in ChecklistItem.objects.filter(proof="paper")[:2]:
        Paper.objects.create(
            producer=grower, item=item, number="01/2026", issuer="Sở Y tế",
            issued_on=clock.today(), valid_through=clock.today() + timedelta(days=30),
            stated_at=clock.now(),
        )
    SellerApplication.objects.create(
        number="HS123456", kind="household", name="Vườn Mới", representative="Lê Văn Tám",
        phone="+84912000111", commune=grower.commune, street="Ấp 1", language="vi",
        registration_no="51A8", created_at=clock.now(), consented_at=clock.now(),
    )
    page = Page.objects.get(pk=site.story.pk).specific
    page.save_revision(user=clerk)
    Workflow.objects.filter(active=True).first().start(page, clerk)
    Comment.objects.create(page=page, user=clerk, text="Xin xem lại", contentpath="title")
    table = rule_tables.by_slug("cash-limits")
    row = CodLimits.objects.get()
    values = {
        field.name: getattr(row, field.name)
        for field in CodLimits._meta.fields
        if field.name not in ("id", "effective_from", "effective_through")
    }
    dated_actions.begin(
        strand=table.strand_of(row), on=clock.today() + timedelta(days=9),
        values=[{**values, "open_orders_max": 9}], actor=clerk, today=clock.today(),
    )
    return {"owner": owner, "officer": officer, "grower": grower, "listing": listing}
