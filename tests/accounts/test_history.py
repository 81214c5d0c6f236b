"""R30: each change of an account is one audit entry, through whichever door it came."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from marketplace.accounts import guessing, second_factor
from marketplace.accounts.models import User
from marketplace.accounts.roles import Role
from marketplace.platform.audit import AuditEntry
from tests.factories.accounts import PASSWORD, make_staff, make_superuser, make_user, sign_in

pytestmark = pytest.mark.django_db
NEW = "ghe tam bản chiếu Cao Lãnh"


def since(number):
    return [
        (entry.action, entry.user_id, entry.before, entry.after)
        for entry in AuditEntry.objects.filter(pk__gt=number).order_by("pk")
    ]


@pytest.fixture
def mark():
    return lambda: AuditEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def form_of(user, **changed):
    values = {
        "email": user.email or "", "phone": user.phone or "", "first_name": user.first_name,
        "last_name": user.last_name, "language": "vi", "is_active": "on",
    }  # fmt: skip
    return {name: value for name, value in {**values, **changed}.items() if value is not None}


def test_staff_signing_in_is_told_and_customers_are_not(client, mark):
    officer, buyer = make_staff(Role.OPERATOR), make_user()
    start = mark()
    client.post(reverse("account_login"), {"login": officer.email, "password": PASSWORD})
    assert since(start) == []
    client.post(
        reverse("mfa_authenticate"), {"code": second_factor.current_totp_code(officer)}
    )
    Client().post(reverse("account_login"), {"login": buyer.email, "password": PASSWORD})
    assert since(start) == [("account.signed_in", officer.pk, None, None)]


def test_a_changed_password_is_told_without_it(client, mark):
    user = make_user()
    sign_in(client, user)
    start = mark()
    answer = client.post(
        reverse("account_change_password"),
        {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW},
    )
    assert answer.status_code == 302
    assert since(start) == [
        ("account.password_set", user.pk, {"has_password": True}, {"has_password": True})
    ]


def test_a_reset_unlocks_and_both_are_told(client, mark, sent):
    user = make_user()
    for _ in range(6):
        client.post(reverse("account_login"), {"login": user.email, "password": "wrong"})
    client.post(reverse("account_reset_password"), {"email": user.email})
    start = mark()
    page = client.get(sent[-1]["context"]["password_reset_url"], follow=True)
    answer = client.post(page.request["PATH_INFO"], {"password1": NEW, "password2": NEW})
    assert answer.status_code == 302
    assert [(row[0], row[1]) for row in since(start)] == [
        ("account.password_set", user.pk), ("account.unlocked", user.pk)
    ]  # fmt: skip
    assert guessing.take(guessing.key_of_user(user), "127.0.0.1")


def test_details_tell_that_a_number_changed_but_not_which(client, mark):
    user = make_user(phone="0912345678")
    sign_in(client, user)
    start = mark()
    client.post(
        reverse("account_details"),
        {"first_name": "Lan", "last_name": "", "phone": "0987654321", "language": "en"},
    )
    ((action, actor, before, after),) = since(start)
    assert (action, actor) == ("account.changed", user.pk)
    assert (before["phone"], after["phone"]) == ("…", "…")
    assert (before["language"], after["language"]) == ("vi", "en")
    assert after["phone_confirmed_at"] is None
    assert "987654321" not in str(after)
    assert "Lan" not in str(after)


def test_an_address_is_added_confirmed_and_changed(client, mark, sent):
    user = make_user("cu@example.test")
    sign_in(client, user)
    start = mark()
    client.post(reverse("account_email"), {"action_add": "", "email": "moi@example.test"})
    assert [row[:2] for row in since(start)] == [("account.email_added", user.pk)]
    link = next(m for m in sent if m["template"].startswith("account/email_confirmation"))
    url = link["context"]["activate_url"]
    start = mark()
    client.post(url)
    user.refresh_from_db()
    assert user.email == "moi@example.test"
    rows = since(start)
    changes = [row for row in rows if row[0] == "account.changed"]
    assert [(row[1], set(row[3])) for row in changes] == [
        (user.pk, {"email"}), (user.pk, {"email_confirmed_at"})
    ]  # fmt: skip
    assert "example.test" not in str(rows)


def test_a_second_factor_set_up_and_taken_away(client, mark):
    user = make_user()
    sign_in(client, user)
    page = client.get(reverse("mfa_activate_totp"))
    code = format_hotp_value(
        hotp_value(page.context["form"].secret, list(yield_hotp_counters_from_time())[1])
    )
    start = mark()
    client.post(reverse("mfa_activate_totp"), {"code": code})
    assert ("account.second_factor_added", user.pk, {"kind": ""}, {"kind": "totp"}) in since(start)
    start = mark()
    client.post(reverse("mfa_generate_recovery_codes"))
    assert [(row[0], row[3]["kind"]) for row in since(start)][-1] == (
        "account.second_factor_added", "recovery_codes"
    )  # fmt: skip
    start = mark()
    client.post(reverse("mfa_deactivate_totp"))
    assert ("account.second_factor_removed", user.pk, {"kind": "totp"}, {"kind": ""}) in since(
        start
    )


def test_roles_and_rights_by_wagtails_form(client, mark):
    chief, user = make_superuser(), make_staff(Role.FINANCE)
    sign_in(client, chief)
    url = reverse("wagtailusers_users:edit", args=[user.pk])
    operator = Group.objects.get(name=Role.OPERATOR)
    start = mark()
    answer = client.post(url, form_of(user, groups=[operator.pk], is_superuser="on"))
    assert answer.status_code == 302
    # Wagtail's own log tells of the form beside it.
    rows = [row for row in since(start) if row[0].startswith("account.")]
    assert {row[1] for row in rows} == {chief.pk}
    assert sorted(row[0] for row in rows) == [
        "account.changed", "account.roles_given", "account.roles_taken"
    ]  # fmt: skip
    told = {row[0]: row[2:] for row in rows}
    assert told["account.roles_given"] == ({"roles": []}, {"roles": ["operator"]})
    assert told["account.roles_taken"] == ({"roles": ["finance"]}, {"roles": []})
    assert told["account.changed"][1]["is_superuser"] is True

    start = mark()
    client.post(url, form_of(user, groups=[operator.pk], is_superuser="on", is_active=None))
    assert ("account.deactivated", chief.pk) in [row[:2] for row in since(start)]
    start = mark()
    client.post(url, form_of(user, groups=[operator.pk], is_superuser="on"))
    assert ("account.activated", chief.pk) in [row[:2] for row in since(start)]


def test_roles_and_rights_by_djangos_admin(client, mark):
    chief, user = make_superuser(), make_staff()
    sign_in(client, chief)
    url = reverse("admin:accounts_user_change", args=[user.pk])
    operator = Group.objects.get(name=Role.OPERATOR)
    start = mark()
    answer = client.post(
        url,
        {
            "email": user.email, "phone": "", "first_name": "", "last_name": "",
            "language": "vi", "is_active": "on", "groups": [operator.pk],
        },
    )  # fmt: skip
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    assert [row for row in since(start) if row[0].startswith("account.")] == [
        ("account.roles_given", chief.pk, {"roles": []}, {"roles": ["operator"]})
    ]


def test_the_entry_and_the_change_stand_or_fall_together(monkeypatch):
    user = make_user()

    def broken(**values):
        raise RuntimeError

    monkeypatch.setattr("marketplace.accounts.history.audit.record", broken)
    user.is_active = False
    with pytest.raises(RuntimeError):
        user.save()
    assert User.objects.get(pk=user.pk).is_active
    assert not Authenticator.objects.filter(user=user).exists()
