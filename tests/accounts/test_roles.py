"""The table of roles and the command that applies it."""

from io import StringIO

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError, call_command
from wagtail.models import GroupCollectionPermission, GroupPagePermission

from marketplace.accounts import roles
from marketplace.accounts.roles import GRANTS, Grant, Role, UnknownPermission, sync_roles
from tests.factories.accounts import make_staff

pytestmark = pytest.mark.django_db


def test_syncing_makes_every_role_and_repeats_harmlessly():
    sync_roles()
    assert set(Group.objects.values_list("name", flat=True)) == set(Role.values)
    assert set(sync_roles().values()) == {0}


def test_what_the_table_drops_is_taken_away_and_what_is_missing_is_added():
    sync_roles()
    group = Group.objects.get(name=Role.FINANCE)
    group.permissions.add(Permission.objects.get(codename="change_product"))
    group.permissions.remove(Permission.objects.get(codename="view_order"))
    editors = Group.objects.get(name=Role.TOURISM_EDITOR)
    GroupPagePermission.objects.filter(group=editors, permission__codename="add_page").delete()
    GroupCollectionPermission.objects.filter(group=editors).first().delete()
    changes = sync_roles()
    assert changes["finance"] == 2
    assert changes["tourism_editor"] == 2
    codenames = set(group.permissions.values_list("codename", flat=True))
    assert "view_order" in codenames
    assert "change_product" not in codenames


def test_an_editor_writes_and_a_publisher_publishes():
    editor, publisher = make_staff(Role.TOURISM_EDITOR), make_staff(Role.TOURISM_PUBLISHER)
    granted = GroupPagePermission.objects.values_list("permission__codename", flat=True)
    assert "publish_page" not in granted.filter(group__user=editor)
    assert "publish_page" in granted.filter(group__user=publisher)
    assert editor.has_perm("wagtailadmin.access_admin")
    assert not editor.has_perm("catalogue.change_product")


def test_finance_reads_orders_and_changes_nothing_but_money():
    finance = make_staff(Role.FINANCE)
    assert finance.has_perm("order.view_order")
    assert {
        permission
        for permission in finance.get_all_permissions()
        if not permission.split(".")[1].startswith(("view_", "access_admin"))
    } == {
        "payments.change_transfer",
        "payments.add_receipt", "payments.change_receipt",
        "payments.add_refund", "payments.change_refund",
        "payments.add_payout", "payments.change_payout",
        "payments.add_produceraccount", "payments.change_produceraccount",
        "payments.add_feeterms", "payments.change_feeterms",
        "payments.add_collectoraccount", "payments.change_collectoraccount",
    }  # fmt: skip


def test_no_role_may_change_users_or_groups():
    for role in Role:
        somebody = make_staff(role)
        assert not {
            permission
            for permission in somebody.get_all_permissions()
            if permission.startswith(("accounts.", "auth."))
        }


def test_a_permission_that_does_not_exist_is_named_and_nothing_changes(monkeypatch):
    sync_roles()
    table = {Role.FINANCE: Grant(models={"order.order": ("view", "bless", "frame_order_twice")})}
    monkeypatch.setattr(roles, "GRANTS", table)
    with pytest.raises(UnknownPermission, match=r"order\.bless_order, order\.frame_order_twice"):
        sync_roles()
    with pytest.raises(CommandError, match="Run migrate first"):
        call_command("sync_roles", stdout=StringIO())
    monkeypatch.undo()
    assert set(sync_roles().values()) == {0}


def test_a_model_that_is_not_installed_yet_grants_nothing(monkeypatch):
    monkeypatch.setitem(
        GRANTS, Role.FINANCE, Grant(models={"moon.crater": ("view",), "order.order": ("view",)})
    )
    sync_roles()
    finance = Group.objects.get(name=Role.FINANCE)
    assert [row.codename for row in finance.permissions.all()] == ["view_order"]
