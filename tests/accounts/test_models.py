"""One account: an address, a number, or both."""

import pytest
from django.db import IntegrityError, transaction

from marketplace.accounts import queries
from marketplace.accounts.models import User
from marketplace.accounts.roles import Role
from tests.factories.accounts import make_staff, make_user

pytestmark = pytest.mark.django_db


def test_an_account_needs_an_address_or_a_number():
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_user(None, "x")
    assert User.objects.create_user(None, "x", phone="+84912345678").email is None


def test_an_empty_address_is_stored_as_none():
    user = make_user(phone="0912345678")
    user.email = ""
    user.save(update_fields=["email"])
    user.refresh_from_db()
    assert user.email is None


def test_addresses_are_lower_case_and_unique_once_confirmed():
    make_user("Lan@Example.test")
    claim = make_user("lan@example.TEST", is_confirmed=False)
    assert claim.email == "lan@example.test"
    with pytest.raises(IntegrityError), transaction.atomic():
        make_user("LAN@example.test")


def test_numbers_are_unique_once_confirmed():
    make_user(None, phone="0912345678")
    make_user(None, phone="0912 345 678", is_confirmed=False)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_user(None, phone="+84912345678")


def test_who_confirmed_comes_before_who_claimed_earlier():
    first_claim = make_user("lan@example.test", phone="0912345678", is_confirmed=False)
    assert queries.account_by_email("lan@example.test") == first_claim
    owner = make_user("lan@example.test", phone="0912345678")
    assert queries.account_by_email("LAN@example.test") == owner
    assert queries.account_by_phone("+84912345678") == owner
    assert User.objects.get_by_natural_key("lan@example.test") == owner
    assert User.objects.get_by_natural_key("+84912345678") == owner


def test_nobody_is_nobody():
    make_user("lan@example.test")
    assert queries.account_by_email("") is None
    assert queries.account_by_email(None) is None
    assert queries.account_by_phone("") is None
    with pytest.raises(User.DoesNotExist):
        User.objects.get_by_natural_key("")


def test_roles():
    customer, officer = make_user(), make_staff(Role.OCOP_OFFICER)
    assert not customer.works_here
    assert not customer.has_role(Role.OCOP_OFFICER)
    assert officer.works_here
    assert officer.has_role(Role.OCOP_OFFICER)
    assert officer.has_role(Role.FINANCE, Role.OCOP_OFFICER)
    assert not officer.has_role(Role.FINANCE)
    officer.is_active = False
    del officer.roles
    assert not officer.has_role(Role.OCOP_OFFICER)
    assert not officer.works_here


def test_full_name_begins_with_the_family():
    assert str(make_user(last_name="Nguyễn Thị", first_name="Lan")) == "Nguyễn Thị Lan"
