"""A lost phone: a superuser resets the second factor, and nobody else."""

import pytest
from django.test import Client
from django.urls import reverse

from marketplace.accounts import second_factor
from marketplace.accounts.roles import Role
from marketplace.platform.audit import AuditEntry
from tests.factories.accounts import PASSWORD, make_staff, make_superuser, sign_in

pytestmark = pytest.mark.django_db


def url_of(user):
    return reverse("wagtailusers_users:second_factor", args=[user.pk])


def test_reset_tells_ends_sessions_and_asks_for_a_new_one(client, sent):
    chief, officer = make_superuser(), make_staff(Role.OPERATOR)
    theirs = sign_in(Client(), officer)
    assert theirs.get("/cms/").status_code == 200
    sign_in(client, chief)
    edit = client.get(reverse("wagtailusers_users:edit", args=[officer.pk])).content.decode()
    assert url_of(officer) in edit
    assert client.get(url_of(officer)).status_code == 200
    refused = client.post(url_of(officer), {"reason": " "})
    assert refused.status_code == 422
    assert second_factor.is_set_up(officer)

    answer = client.post(url_of(officer), {"reason": "Mất điện thoại, gặp tại văn phòng"})
    assert answer.status_code == 302
    assert not second_factor.is_set_up(officer)
    entry = AuditEntry.objects.get(action="account.second_factor_reset")
    assert (entry.user_id, entry.object_id) == (chief.pk, str(officer.pk))
    assert entry.reason == "Mất điện thoại, gặp tại văn phòng"
    assert entry.before == {"kinds": ["recovery_codes", "totp"]}
    assert [(m["template"], m["to"]) for m in sent] == [
        ("account/second_factor_reset", officer.email)
    ]
    assert theirs.get("/cms/").url.startswith(reverse("account_login"))
    assert client.get("/cms/").status_code == 200, "the superuser's own session stays"
    theirs.post(reverse("account_login"), {"login": officer.email, "password": PASSWORD})
    assert theirs.get("/cms/").url.startswith(reverse("mfa_activate_totp"))

    again = client.post(url_of(officer), {"reason": "Lần nữa"})
    assert again.status_code == 422
    assert AuditEntry.objects.filter(action="account.second_factor_reset").count() == 1


@pytest.mark.parametrize("role", list(Role))
def test_no_role_may(client, role):
    other = make_staff(Role.OPERATOR)
    sign_in(client, make_staff(role))
    assert client.get(url_of(other)).status_code == 403
    assert client.post(url_of(other), {"reason": "Vì vậy"}).status_code == 403
    assert second_factor.is_set_up(other)


def test_staff_read_whom_to_ask_for_another_address(client):
    officer = make_staff(Role.OPERATOR)
    sign_in(client, officer)
    page = client.post(
        reverse("account_email"), {"action_add": "", "email": "moi@example.test"}
    )
    assert page.status_code == 200
    assert "người vận hành" in page.content.decode()
    assert not officer.emailaddress_set.filter(email="moi@example.test").exists()
