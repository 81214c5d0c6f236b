"""The first page of each role: what waits for it, the most urgent on top, each with its list."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.models import Comment, Page, Workflow

from catalogue.models import ListingEvent
from marketplace.accounts.roles import Role
from marketplace.kernel import clock
from marketplace.office import panels
from marketplace.office.views.orders import VIEW as ORDERS
from marketplace.orders.states import State
from marketplace.producers.models import AreaAssignment, ChecklistItem, Delegation, Paper
from tests.factories.accounts import make_staff, make_superuser, sign_in
from tests.factories.catalogue import make_producer, make_product
from tests.factories.orders import make_order
from tests.factories.pages import make_site, make_tea
from tests.factories.payments import make_collector, make_transfer_order
from tests.factories.pictures import make_picture
from tests.media.conftest import _own_folders  # noqa: F401  (fixture)
from tests.orders.conftest import bring

pytestmark = pytest.mark.django_db
#: More than this many queries for the first page would be felt.
MOST_QUERIES = 60


def panel_of(user):
    return {
        task.words: task for section in panels.sections_for(user) for task in section.tasks
    }


def home(client):
    return client.get(reverse("wagtailadmin_home")).content.decode()


@pytest.mark.parametrize("role", list(Role))
def test_with_nothing_to_do_the_panel_says_so_calmly(role, desk):
    Page.objects.filter(depth__gt=1).delete()
    page = home(desk(role))
    assert str(role.label) in page
    assert "Hiện không có việc nào chờ bạn" in page


@pytest.mark.parametrize("role", list(Role))
def test_every_link_of_every_panel_opens_for_its_role(role, desk):
    client = desk(role)
    for finder in panels.PANELS[role]:
        for task in finder(client.user):
            page = client.get(task.url)
            # Growers who have agreed to nothing: the officer's list is closed until one does.
            allowed = {200, 403} if task.url == reverse("portal:helping") else {200}
            assert page.status_code in allowed, (finder.__name__, task.url)


def test_money_that_waits_stands_on_the_finance_panel(desk):
    from marketplace.payments import receipt_actions, transfer_actions

    finance = desk(Role.FINANCE)
    order = make_transfer_order(make_product(price=100_000, stock=9))
    transfer_actions.claim(order_id=order.pk, now=clock.now())
    receipt_actions.record(
        bank_id="FT1", amount=5_000, received_at=clock.now(), transfer_id=None,
        actor=finance.user, now=clock.now(),
    )
    carried = make_order(make_product("Trà", 50_000, 5)).consignments.get()
    bring(carried, State.DELIVERED)
    tasks = panel_of(finance.user)
    assert [task.is_urgent for task in tasks.values()] == [True, True, False]
    assert list(tasks)[1] == "1 khoản tiền vào chưa rõ của đơn nào"
    cash = tasks["1 kiện còn tiền mặt ở bên vận chuyển"]
    rows = finance.get(cash.url).context["object_list"]
    assert [row.pk for row in rows] == [carried.pk]


def test_an_area_officer_sees_the_growers_of_the_area_alone(desk):
    officer = desk(Role.AREA_OFFICER)
    mine, other = make_producer("Vườn Gần"), make_producer("Vườn Xa")
    AreaAssignment.objects.create(user=officer.user, commune=mine.commune)
    Delegation.objects.create(
        producer=mine, agent=officer.user, how="signed", consented_on=clock.today(),
        valid_through=clock.today() + timedelta(days=10), recorded_at=clock.now(),
        recorded_by=officer.user,
    )
    item = ChecklistItem.objects.filter(proof="paper").first()
    Paper.objects.create(
        producer=mine, item=item, number="1", issuer="x", issued_on=clock.today(),
        valid_through=clock.today() + timedelta(days=20), stated_at=clock.now(),
    )
    for grower in (mine, other):
        make_order(make_product(producer=grower, price=50_000, stock=5))
    tasks = panel_of(officer.user)
    assert next(iter(tasks)) == "1 kiện cần xác nhận giúp nhà vườn"
    assert "1 giấy ủy quyền hết hạn trong 30 ngày" in tasks
    papers = tasks["1 giấy tờ hết hạn trong 60 ngày"]
    assert "Vườn Gần" in officer.get(papers.url).content.decode()


def test_a_replaced_paper_is_nobodys_worry(desk):
    officer = desk(Role.AREA_OFFICER)
    grower = make_producer()
    AreaAssignment.objects.create(user=officer.user, commune=grower.commune)
    item = ChecklistItem.objects.filter(proof="paper").first()
    for days in (20, 400):
        Paper.objects.create(
            producer=grower, item=item, number=f"{days}", issuer="x", issued_on=clock.today(),
            valid_through=clock.today() + timedelta(days=days), stated_at=clock.now(),
        )
    assert not any("giấy tờ hết hạn" in words for words in panel_of(officer.user))


def test_editors_and_publishers_see_their_pages(desk):
    make_tea()
    make_site(make_picture(is_drawing=True))
    editor, publisher = desk(Role.TOURISM_EDITOR), desk(Role.TOURISM_PUBLISHER)
    page = Page.objects.filter(depth__gt=2, live=True).first().specific
    page.owner = editor.user
    page.save()
    page.save_revision(user=editor.user)
    workflow = Workflow.objects.filter(active=True).first()
    workflow.start(page, editor.user)
    Comment.objects.create(
        page=page, user=publisher.user, text="Xin xem lại", contentpath="title"
    )
    tasks = panel_of(publisher.user)
    assert next(iter(tasks)) == "1 trang chờ duyệt"
    for words in ("1 trang chờ duyệt", "1 trang có góp ý chưa trả lời"):
        listed = publisher.get(tasks[words].url).context["page"].object_list
        assert [row.pk for row in listed] == [page.pk], words
    own = panel_of(editor.user)
    assert "1 trang của bạn có góp ý chưa trả lời" in own
    assert not any("duyệt" in words for words in own)
    page.current_workflow_state.cancel(user=publisher.user)
    assert any("bản nháp của bạn" in words for words in panel_of(editor.user))
    other = panel_of(desk(Role.TOURISM_EDITOR).user)
    assert not other


def test_a_translator_sees_what_has_no_english(desk):
    translator = desk(Role.TRANSLATOR)
    grower = make_producer("Vườn Cũ", story_vi="Ngày xưa", story_en="")
    listing = make_product(producer=grower, title_en="")
    make_product("Trà", producer=grower, title_en="Tea")
    tasks = panel_of(translator.user)
    rows = translator.get(tasks["1 tin đang bán thiếu tiếng Anh"].url).context["object_list"]
    assert [row.pk for row in rows] == [listing.pk]
    rows = translator.get(
        tasks["1 câu chuyện nhà vườn chưa có tiếng Anh"].url
    ).context["object_list"]
    assert [row.pk for row in rows] == [grower.pk]


def test_whoever_has_two_roles_has_two_panels_and_nothing_twice(desk):
    both = desk(Role.OPERATOR, Role.FINANCE)
    make_producer(verified=False)
    sections = panels.sections_for(both.user)
    assert [section.heading for section in sections] == [
        str(Role.OPERATOR.label), str(Role.FINANCE.label),
    ]
    words = [task.words for section in sections for task in section.tasks]
    assert len(words) == len(set(words))
    everything = sign_in(both, make_superuser())
    assert "Mọi việc đang chờ" in home(everything)


@pytest.mark.parametrize("role", [*list(Role), None])
def test_the_first_page_costs_the_same_however_much_waits(role, db):
    from django.test import Client

    user = make_staff(role) if role else make_superuser()
    client = sign_in(Client(), user)
    make_collector()
    home(client)
    with CaptureQueriesContext(connection) as empty:
        home(client)
    for number in range(3):
        grower = make_producer(verified=False, story_vi="x")
        make_product(producer=grower, title_en="", published=False)
        make_order(make_product(price=50_000 + number, stock=5))
    with CaptureQueriesContext(connection) as full:
        home(client)
    assert len(full) == len(empty)
    assert len(full) <= MOST_QUERIES


def test_what_was_handed_in_stands_in_line(officer):
    listings = [make_product(f"Món {n}", published=False) for n in range(3)]
    for listing, hours in zip(listings, (2, 9, 5), strict=True):
        type(listing).objects.filter(pk=listing.pk).update(state="submitted")
        ListingEvent.objects.create(
            listing=listing, from_state="draft", to_state="submitted", acted_as="producer",
            at=clock.now() - timedelta(hours=hours),
        )
    index = reverse("office_listings:index")
    rows = officer.get(index, {"public": "submitted"}).context["object_list"]
    assert [row.title_vi for row in rows] == ["Món 1", "Món 2", "Món 0"]
    type(listings[0]).objects.filter(pk=listings[2].pk).update(state="draft")
    ListingEvent.objects.create(
        listing=listings[2], from_state="submitted", to_state="draft", acted_as="office",
        reason="x", at=clock.now(),
    )
    rows = officer.get(index, {"public": "returned"}).context["object_list"]
    assert [row.title_vi for row in rows] == ["Món 2"]


def test_orders_are_asked_for_only_by_those_who_may_see_them():
    assert not make_staff(Role.TRANSLATOR).has_perms(ORDERS)
