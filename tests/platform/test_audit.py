import pytest
import structlog
from django.contrib.auth.models import AnonymousUser, Group
from django.db import DatabaseError, IntegrityError, connection, transaction
from wagtail.log_actions import log, registry
from wagtail.models import ModelLogEntry, Page, PageLogEntry

from marketplace.kernel import clock
from marketplace.platform import audit
from marketplace.platform.models import AuditEntry, RateLimit

pytestmark = pytest.mark.django_db


@pytest.fixture
def group():
    return Group.objects.create(name="finance")


@pytest.fixture
def entry(user, group):
    return audit.record(
        action="test.renamed",
        actor=user,
        target=group,
        before={"title": "a"},
        after={"title": "b"},
        reason="a slip",
    )


def test_an_entry_says_who_when_what_and_why(user, group, django_user_model):
    grower = django_user_model.objects.create_user(phone="+84912345678")
    with (
        clock.frozen(clock.now()) as now,
        structlog.contextvars.bound_contextvars(request_id="r-1"),
    ):
        audit.record(
            action="test.renamed",
            actor=user,
            on_behalf_of=grower,
            target=group,
            before={"title": "a"},
            after={"title": "b"},
            reason="a slip",
        )
        entry = AuditEntry.objects.exclude(action__startswith="account.").get()
        assert entry.timestamp == now.at
    assert (entry.action, entry.user, entry.on_behalf_of) == ("test.renamed", user, grower)
    assert (entry.content_type.model, entry.object_id) == ("group", str(group.pk))
    assert (entry.label, entry.reason, entry.comment) == ("finance", "a slip", "a slip")
    assert (entry.before, entry.after) == ({"title": "a"}, {"title": "b"})
    assert entry.content_changed
    assert entry.request_id == "r-1"


def test_the_system_and_strangers_have_no_number(group):
    assert audit.record(action="x", actor=None, target=None).user_id is None
    anonymous = audit.record(action="x", actor=AnonymousUser(), target=group)
    assert anonymous.user_id is None
    assert str(AuditEntry.objects.get(pk=anonymous.pk).user_display_name) != ""


def test_a_person_is_named_by_number_only(user):
    assert audit.record(action="x", actor=None, target=user).label == f"#{user.pk}"


def test_an_entry_costs_one_query(user, group, django_assert_num_queries):
    audit.record(action="x", actor=user, target=group)
    with django_assert_num_queries(1):
        audit.record(action="x", actor=user, target=group)


def test_an_entry_stands_or_falls_with_its_transaction(user, group):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        audit.record(action="x", actor=user, target=group)
        1 / 0  # noqa: B018
    assert not AuditEntry.objects.exclude(action__startswith="account.").exists()


CHANGES = [
    "UPDATE {} SET action = 'forged'",
    "DELETE FROM {}",
    "TRUNCATE {}",
]
TABLES = ["platform_auditentry", "wagtailcore_pagelogentry", "wagtailcore_modellogentry"]


@pytest.fixture
def logged(entry, group, user):
    """One row in each of the three logs."""
    root = Page.objects.get(depth=1)
    PageLogEntry.objects.log_action(root, "wagtail.publish", user=user)
    ModelLogEntry.objects.log_action(group, "wagtail.edit", user=user)
    with connection.cursor() as cursor:
        # A table with checks still to come cannot be truncated, whoever asks.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("change", CHANGES)
def test_the_database_refuses_to_change_a_log(logged, table, change):
    with connection.cursor() as cursor:
        with pytest.raises(IntegrityError, match=f"{table} is append-only"), transaction.atomic():
            cursor.execute(change.format(table))
        # Opening the accounts of this test is told too.
        cursor.execute(
            "SELECT count(*) FILTER (WHERE action NOT LIKE 'account.%%'),"
            f" count(*) FILTER (WHERE action = 'forged') FROM {table}",
            [],
        )
        assert cursor.fetchone() == (1, 0)


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("change", CHANGES)
def test_a_named_reason_lets_a_demonstration_be_emptied(logged, table, change):
    with connection.cursor() as cursor:
        with audit.erasure_allowed("demo reset"):
            cursor.execute(change.format(table))
        with pytest.raises(DatabaseError), transaction.atomic():
            cursor.execute(f"TRUNCATE {table}")


def test_leave_to_erase_ends_with_its_block_and_needs_a_reason(entry):
    with pytest.raises(ZeroDivisionError), audit.erasure_allowed("demo reset"):
        1 / 0  # noqa: B018
    with pytest.raises(IntegrityError), transaction.atomic():
        entry.delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        entry.save()
    with pytest.raises(ValueError, match="reason"), audit.erasure_allowed(""):
        pass


def test_an_account_can_be_erased_and_its_entries_stay(entry, user):
    pk = user.pk
    user.delete()
    stays = AuditEntry.objects.exclude(action__startswith="account.").get()
    assert stays.user_id == pk
    assert str(pk) in stays.user_display_name


def test_what_wagtails_admin_does_is_written_here(user, group):
    assert registry.get_log_model_for_model(Group) is AuditEntry
    assert registry.get_log_model_for_model(RateLimit) is AuditEntry
    assert registry.get_log_model_for_model(Page) is PageLogEntry
    log(group, "wagtail.create", user=user)
    group.name = "till"
    group.save()
    log(group, "wagtail.edit", user=user)
    group_id = group.pk
    log(group, "wagtail.delete", user=user, deleted=True)
    created, edited, deleted = reversed(registry.get_logs_for_instance(group))
    # Names are taken for people's and left out.
    assert (created.before, created.after) == (None, {"id": group_id})
    assert (edited.before, edited.after) == ({"id": group_id}, {"id": group_id})
    assert (deleted.before, deleted.after) == ({"id": group_id}, None)
    assert created.message != "wagtail.create"
    assert {e.user for e in (created, edited, deleted)} == {user}


def test_a_form_may_remember_the_values_before(user):
    limit = RateLimit.objects.create(
        scope="login", caller="x", starts_at=clock.now(), ends_at=clock.now()
    )
    audit.remember(limit)
    limit.count = 7
    limit.save()
    log(limit, "wagtail.edit", user=user)
    entry = AuditEntry.objects.exclude(action__startswith="account.").get()
    assert (entry.before["count"], entry.after["count"]) == (1, 7)
    assert entry.after["scope"] == "login"


def test_a_snapshot_holds_nothing_about_a_person(user):
    assert audit.snapshot(user) == {
        "id": user.pk,
        "is_active": True,
        "is_staff": False,
        "is_superuser": False,
        "language": "vi",
    }


def test_the_history_of_an_object_shows_our_actions_in_words(client, admin_user, group, user):
    audit.record(action="test.renamed", actor=user, target=group, reason="a slip")
    entry = AuditEntry.objects.for_instance(group).get()
    assert entry.message == "test.renamed"
    registry.register_action("test.declared", "Declared", "Declared")
    declared = audit.record(action="test.declared", actor=user, target=group)
    assert AuditEntry.objects.get(pk=declared.pk).message == "Declared"
    audit.declare({"test.later": "Later"})
    assert audit.labels()["test.later"] == "Later"


@pytest.mark.django_db(transaction=True)
def test_a_test_database_can_be_emptied(user, group):
    """Passes only if the emptying after this test does."""
    audit.record(action="x", actor=user, target=group)
