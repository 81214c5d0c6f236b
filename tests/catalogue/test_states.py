"""A listing's way: the table, who may take a step, what is refused, revisions and trust."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction

from catalogue import actions, errors, revision_actions, state_actions
from catalogue.models import ListingEvent, ListingRequirement, Product, Revision, TrustRule
from catalogue.states import MOVES, ListingActor, ListingState
from marketplace.platform.models import AuditEntry
from marketplace.producers.models import ChecklistItem
from tests.factories.catalogue import make_producer, make_product

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
PRODUCER, OFFICE = ListingActor.PRODUCER, ListingActor.OFFICE


@pytest.fixture
def papers_asked(db):
    return list(ChecklistItem.objects.all())


@pytest.fixture(autouse=True)
def papers_in_order(papers_asked):
    ChecklistItem.objects.all().delete()


def test_papers_come_first(papers_asked):
    draft = make_product(published=False, producer=make_producer("Chưa Đủ Giấy"))
    ChecklistItem.objects.bulk_create(papers_asked)
    with pytest.raises(errors.PapersMissing):
        state_actions.submit(listing=draft, actor=None, now=NOW)
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_the_docs_show_the_table():
    text = (Path(__file__).parents[2] / "docs/states.md").read_text()
    rows = [
        f"| `{m.from_state}` | `{m.to_state}` | {', '.join(m.actors)} |"
        for m in MOVES
    ]
    assert [row for row in rows if row not in text] == []


def test_a_draft_goes_its_way_and_each_step_is_logged():
    draft = make_product(published=False)
    state_actions.submit(listing=draft, actor=None, now=NOW)
    state_actions.send_back(
        listing=draft, remarks={"title": "Ghi rõ giống xoài", "storage": ""}, actor=None, now=NOW
    )
    state_actions.submit(listing=draft, actor=None, now=NOW)
    actions.publish(product=draft, actor=None, now=NOW)
    state_actions.suspend(listing=draft, acted_as=PRODUCER, actor=None, now=NOW)
    state_actions.resume(listing=draft, actor=None, now=NOW)
    draft.refresh_from_db()
    assert (draft.state, draft.is_public, draft.published_at) == ("published", True, NOW)
    assert list(draft.events.values_list("from_state", "to_state", "acted_as")) == [
        ("draft", "submitted", "producer"),
        ("submitted", "draft", "office"),
        ("draft", "submitted", "producer"),
        ("submitted", "published", "office"),
        ("published", "suspended", "producer"),
        ("suspended", "published", "producer"),
    ]
    assert draft.events.all()[1].remarks == {"title": "Ghi rõ giống xoài"}


def test_what_lacks_a_field_cannot_be_handed_in():
    draft = make_product(published=False, storage_vi="")
    ListingRequirement.objects.create(
        product_class=draft.product_class, field="storage", effective_from=date(2020, 1, 1),
        source="NĐ 43/2017",
    )
    with pytest.raises(errors.ListingIncomplete) as refused:
        state_actions.submit(listing=draft, actor=None, now=NOW)
    assert [field.field for field in refused.value.missing] == ["storage"]
    draft.refresh_from_db()
    assert draft.state == "draft"
    assert not ListingEvent.objects.exists()


@pytest.mark.parametrize("state", ListingState.values)
@pytest.mark.parametrize("to", ListingState.values)
@pytest.mark.parametrize("acted_as", ListingActor.values)
def test_only_the_steps_of_the_table(state, to, acted_as):
    listing = make_product(published=state == "published")
    if state == "submitted":
        state_actions.submit(listing=listing, actor=None)
    elif state == "suspended":
        actions.publish(product=listing, actor=None)
        state_actions.suspend(listing=listing, acted_as=PRODUCER, actor=None)
    elif state == "discarded":
        state_actions.discard(listing=listing, actor=None)
    count = ListingEvent.objects.count()
    allowed = any(
        (m.from_state, m.to_state) == (state, to) and acted_as in m.actors for m in MOVES
    )

    def step():
        return state_actions.move(
            listing=listing, to=ListingState(to), acted_as=ListingActor(acted_as), actor=None,
            reason="Vì sao",
        )

    if allowed:
        assert step().state == to
    else:
        with pytest.raises(errors.ListingMoveRefused):
            step()
        listing.refresh_from_db()
        assert listing.state == state
        assert ListingEvent.objects.count() == count


def test_the_grower_does_not_put_back_what_the_office_suspended():
    listing = make_product()
    with pytest.raises(errors.ReasonMissing):
        state_actions.suspend(listing=listing, acted_as=OFFICE, reason=" ", actor=None)
    state_actions.suspend(listing=listing, acted_as=OFFICE, reason="Nhãn sai", actor=None)
    with pytest.raises(errors.ListingMoveRefused):
        state_actions.resume(listing=listing, actor=None)
    listing.refresh_from_db()
    assert (listing.state, listing.is_public) == ("suspended", False)
    assert AuditEntry.objects.get(action="catalogue.unpublished").reason == "Nhãn sai"


def test_returning_says_why():
    draft = make_product(published=False)
    state_actions.submit(listing=draft, actor=None)
    with pytest.raises(errors.ReasonMissing):
        state_actions.send_back(listing=draft, remarks={"title": ""}, actor=None)
    draft.refresh_from_db()
    assert draft.state == "submitted"


def test_public_and_published_are_one():
    listing = make_product()
    for wrong in ({"is_public": False}, {"state": "draft"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Product.objects.filter(pk=listing.pk).update(**wrong)
    # Oscar's dashboard writes only its own column.
    listing.is_public = False
    listing.save()
    assert listing.state == "suspended"


# --- Revisions -------------------------------------------------------------------------------


def test_the_old_words_sell_until_the_office_accepts():
    listing = make_product("Xoài cát")
    revision = revision_actions.propose(
        listing=listing,
        values={"title_vi": "Xoài cát Chu", f"unit.{listing.pk}.net_weight_g": 2500},
        actor=None, now=NOW,
    )
    listing.refresh_from_db()
    assert (listing.title_vi, listing.net_weight_g) == ("Xoài cát", 3000)
    assert revision.base == {"title_vi": "Xoài cát", f"unit.{listing.pk}.net_weight_g": 3000}
    revision_actions.accept(revision=revision, actor=None, now=NOW)
    listing.refresh_from_db()
    assert (listing.title_vi, listing.net_weight_g) == ("Xoài cát Chu", 2500)
    assert listing.is_public
    with pytest.raises(errors.RevisionClosed):
        revision_actions.decline(revision=revision, reason="Muộn", actor=None)


def test_declining_says_why_and_changes_nothing():
    listing = make_product("Xoài cát")
    revision = revision_actions.propose(
        listing=listing, values={"summary_vi": "Chữa bách bệnh"}, actor=None, now=NOW
    )
    with pytest.raises(errors.ReasonMissing):
        revision_actions.decline(revision=revision, reason="\u200b ", actor=None)
    revision_actions.decline(revision=revision, reason="Không được nói chữa bệnh", actor=None)
    listing.refresh_from_db()
    assert listing.summary_vi == "Hái sáng sớm, chín cây"
    revision.refresh_from_db()
    assert (revision.state, revision.reason) == ("declined", "Không được nói chữa bệnh")


def test_a_new_revision_replaces_the_open_one():
    listing = make_product("Xoài cát")
    first = revision_actions.propose(listing=listing, values={"title_vi": "A"}, actor=None)
    second = revision_actions.propose(listing=listing, values={"title_vi": "B"}, actor=None)
    first.refresh_from_db()
    assert (first.state, second.state) == ("withdrawn", "pending")
    with pytest.raises(IntegrityError), transaction.atomic():
        Revision.objects.filter(pk=first.pk).update(state="pending", decided_at=None)


def test_what_was_changed_meanwhile_is_named():
    listing = make_product("Xoài cát")
    revision = revision_actions.propose(listing=listing, values={"title_vi": "A"}, actor=None)
    Product.objects.filter(pk=listing.pk).update(title_vi="Xoài tượng", title="Xoài tượng")
    with pytest.raises(errors.RevisionConflict) as refused:
        revision_actions.accept(revision=revision, actor=None)
    assert refused.value.fields == ["title_vi"]
    listing.refresh_from_db()
    assert listing.title_vi == "Xoài tượng"


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"title_vi": "Xoài cát"},
        {"is_public": False},
        {"producer": 1},
        {"rating": 5},
        {"slug": "khac"},
        {"shelf_life_days": -1},
        {"shelf_life_days": "1e9"},
        {"shipping_class": "rocket"},
        {"vat_rate": "NaN"},
        {"allergens": ["stone"]},
        {"origin_commune": 999_999_999},
        {"unit.1.net_weight_g": 3},
    ],
)
def test_a_revision_that_cannot_be_is_refused(values):
    listing = make_product("Xoài cát")
    if "unit.1.net_weight_g" in values:
        other = make_product("Trà sen")
        values = {f"unit.{other.pk}.net_weight_g": 3}
    with pytest.raises(errors.RevisionInvalid):
        revision_actions.propose(listing=listing, values=values, actor=None)
    assert not Revision.objects.exists()


def test_trust_lets_its_fields_pass_on_its_days_only():
    listing = make_product("Xoài cát", producer=make_producer("Vườn Út Lành"))
    rule = TrustRule.objects.create(
        producer=listing.producer, fields=["summary_vi"], effective_from=date(2026, 11, 1),
        effective_through=date(2026, 11, 30), reason="Ba năm không sai sót",
    )
    passed = revision_actions.propose(
        listing=listing, values={"summary_vi": "Ngọt"}, actor=None, now=NOW
    )
    assert (passed.state, passed.trust_rule) == ("accepted", rule)
    listing.refresh_from_db()
    assert listing.summary_vi == "Ngọt"
    for values, now in (
        ({"summary_vi": "Chua", "title_vi": "X"}, NOW),
        ({"summary_vi": "Chua"}, datetime(2026, 12, 1, 3, tzinfo=UTC)),
    ):
        assert revision_actions.propose(
            listing=listing, values=values, actor=None, now=now
        ).state == "pending"


def test_no_column_holds_a_star():
    with connection.cursor() as cursor:
        columns = {
            column.name
            for column in connection.introspection.get_table_description(
                cursor, Product._meta.db_table
            )
        }
    assert not {name for name in columns if "star" in name}
