"""Staff pages: a second factor first (R22), half an hour at a time (R21), one sign-in page."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.db import transaction
from django.test import Client
from django.urls import reverse

from marketplace.accounts import second_factor, sessions
from marketplace.accounts.models import User
from marketplace.accounts.roles import Role
from marketplace.kernel import clock
from tests.factories.accounts import (
    PASSWORD,
    make_staff,
    make_superuser,
    make_user,
    sign_in,
)

pytestmark = pytest.mark.django_db


def enter_password(client, user):
    return client.post(
        reverse("account_login") + "?next=/cms/", {"login": user.email, "password": PASSWORD}
    )


def enter_code(client, code):
    return client.post(reverse("mfa_authenticate"), {"code": code})


def test_password_then_code_then_the_desk(client):
    officer = make_staff(Role.OPERATOR)
    assert enter_password(client, officer).url.startswith(reverse("mfa_authenticate"))
    assert "_auth_user_id" not in client.session
    assert client.get("/cms/").status_code == 302
    assert enter_code(client, "000000").status_code == 200
    answer = enter_code(client, second_factor.current_totp_code(officer))
    assert answer.url == "/cms/"
    assert client.get("/cms/").status_code == 200


def test_without_a_second_factor_only_the_page_that_sets_one_up(client, monkeypatch):
    officer = make_staff(Role.OPERATOR, with_second_factor=False)
    assert enter_password(client, officer).url == "/cms/"
    for path in ("/cms/", "/cms/pages/", "/cms/account/", "/cms/no-such-page/"):
        answer = client.get(path)
        assert answer.status_code == 302, path
        assert answer.url.startswith(reverse("mfa_activate_totp"))
    assert client.post("/cms/pages/", {}).status_code == 302

    page = client.get(answer.url)
    assert page.status_code == 200
    assert list(page.context["messages"]), "says why"
    secret = page.context["form"].secret
    code = format_hotp_value(hotp_value(secret, list(yield_hotp_counters_from_time())[1]))
    # The test's own transaction never commits.
    monkeypatch.setattr(transaction, "on_commit", lambda callback: callback())
    answer = client.post(reverse("mfa_activate_totp"), {"code": code})
    assert answer.url == reverse("mfa_view_recovery_codes")
    assert client.get("/cms/").status_code == 200, "the code just shown counts"
    stored = Authenticator.objects.get(user=officer, type="totp").data["secret"]
    assert secret not in stored


def test_a_session_that_has_not_shown_the_code_is_asked_for_it(client):
    officer = make_staff(Role.OPERATOR)
    sign_in(client, officer, second_factor=False)
    answer = client.get("/cms/pages/")
    assert answer.url == reverse("mfa_reauthenticate") + "?next=%2Fcms%2Fpages%2F"
    answer = client.post(answer.url, {"code": second_factor.current_totp_code(officer)})
    assert answer.url == "/cms/pages/"
    assert client.get("/cms/").status_code == 200


@pytest.mark.parametrize("path", ["/cms/", "/cms/pages/", "/dashboard/", "/django-admin/"])
def test_visitors_sign_in_and_customers_stay_out(client, path):
    answer = client.get(path)
    assert answer.status_code == 302
    assert answer.url.startswith(reverse("account_login") + "?next=%2F")
    sign_in(client, make_user())
    assert client.get(path).status_code == 403


def test_dashboard_and_django_admin_are_for_superusers(client):
    officer = make_staff(Role.OPERATOR)
    officer.is_staff = True
    officer.save()
    sign_in(client, officer)
    for path in ("/dashboard/", "/django-admin/"):
        assert client.get(path).status_code == 403
    sign_in(client, make_superuser())
    assert client.get("/django-admin/").status_code == 200


def test_a_wrong_code_is_counted_before_it_is_looked_at(client):
    officer = make_staff(Role.OPERATOR)
    enter_password(client, officer)
    for _ in range(5):
        enter_code(client, "000000")
    enter_code(client, second_factor.current_totp_code(officer))
    assert "_auth_user_id" not in client.session


def test_a_code_works_once(client):
    officer = make_staff(Role.OPERATOR)
    code = second_factor.current_totp_code(officer)
    enter_password(client, officer)
    enter_code(client, code)
    second = Client()
    enter_password(second, officer)
    assert enter_code(second, code).status_code == 200
    assert "_auth_user_id" not in second.session


def test_a_recovery_code_serves_when_the_phone_is_lost(client):
    officer = make_staff(Role.OPERATOR)
    codes = Authenticator.objects.get(user=officer, type="recovery_codes").wrap()
    enter_password(client, officer)
    assert enter_code(client, codes.get_unused_codes()[0]).url == "/cms/"


def test_staff_cannot_switch_their_second_factor_off(client):
    officer = make_staff(Role.OPERATOR)
    sign_in(client, officer)
    client.post(reverse("mfa_deactivate_totp"))
    assert second_factor.is_set_up(officer)


def test_a_staff_session_ends_after_half_an_hour_without_a_click(client):
    sign_in(client, make_staff(Role.OPERATOR))
    start = clock.now()
    with clock.frozen(start) as moving:
        assert client.get("/cms/").status_code == 200
        for _ in range(3):
            moving.move(timedelta(minutes=29))
            assert client.get("/cms/").status_code == 200, "each click puts the end off"
        moving.move(timedelta(minutes=30))
        answer = client.get("/cms/pages/")
        assert answer.url == reverse("account_login") + "?next=%2Fcms%2Fpages%2F"
        assert "_auth_user_id" not in client.session


def test_the_cookie_and_the_row_of_a_staff_session_end_too(client):
    officer = make_staff(Role.OPERATOR)
    enter_password(client, officer)
    enter_code(client, second_factor.current_totp_code(officer))
    assert client.session.get_expiry_age() == sessions.STAFF_IDLE.total_seconds()
    unprotected = make_staff(Role.OPERATOR, with_second_factor=False)
    other = Client()
    enter_password(other, unprotected)
    assert other.session.get_expiry_age() == sessions.STAFF_IDLE.total_seconds()
    buyer = Client()
    enter_password(buyer, make_user())
    assert buyer.session.get_expiry_age() > 7 * 24 * 3600


@pytest.mark.parametrize(
    ("door", "leads_to"),
    [
        ("/cms/login/", "account_login"),
        ("/cms/login/?next=/cms/pages/", "account_login"),
        ("/cms/password_reset/", "account_reset_password"),
        ("/cms/password_reset/confirm/MQ/abc-def/", "account_reset_password"),
        ("/django-admin/login/", "account_login"),
        ("/dashboard/login/", "account_login"),
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_other_password_doors_lead_to_the_one(client, door, leads_to, method):
    officer = make_staff(Role.OPERATOR)
    answer = getattr(client, method)(door, {"username": officer.email, "password": PASSWORD})
    assert answer.status_code == 302
    assert answer.url.startswith(reverse(leads_to))
    assert "_auth_user_id" not in client.session


def test_a_door_leads_back_to_where_one_wanted_but_not_elsewhere(client):
    assert client.get("/cms/login/?next=/cms/pages/").url.endswith("?next=%2Fcms%2Fpages%2F")
    assert client.get("/cms/login/?next=https://evil.example/").url.endswith("?next=%2Fcms%2F")
    sign_in(client, make_staff(Role.OPERATOR))
    assert client.get("/cms/login/").url == "/cms/"


def test_wagtail_offers_no_password_or_address_field(client):
    sign_in(client, make_superuser())
    page = client.get("/cms/account/").content.decode()
    assert 'type="password"' not in page
    assert 'name="name_email-email"' not in page


def test_a_superuser_enters_a_colleague_without_a_password(client, sent):
    sign_in(client, make_superuser())
    make_staff(Role.FINANCE)
    url = reverse("wagtailusers_users:add")
    page = client.get(url).content.decode()
    assert 'type="password"' not in page
    answer = client.post(
        url, {"email": "", "phone": "", "first_name": "", "last_name": "", "language": "vi"}
    )
    assert answer.status_code == 200
    answer = client.post(
        url,
        {
            "email": "Ke.Toan@example.test",
            "phone": "0912 345 678",
            "first_name": "An",
            "last_name": "Lê",
            "language": "vi",
        },
    )
    assert answer.status_code == 302
    user = User.objects.by_email("ke.toan@example.test").get()
    assert (user.phone, user.has_usable_password()) == ("+84912345678", False)
    edit = reverse("wagtailusers_users:edit", args=[user.pk])
    assert client.get(edit).status_code == 200
    answer = client.post(
        edit,
        {
            "email": "",
            "phone": "0912345678",
            "first_name": "An",
            "last_name": "Lê",
            "language": "vi",
            "is_active": "on",
        },
    )
    assert answer.status_code == 302
    user.refresh_from_db()
    assert user.email is None
    assert user.emailaddress_set.count() == 0


def test_codes_of_real_accounts_are_never_told(settings):
    settings.DEMO_MODE = False
    officer = make_user()
    with pytest.raises(second_factor.NotForRealAccounts):
        second_factor.current_totp_code(officer)
    with pytest.raises(second_factor.NotForRealAccounts):
        second_factor.enrol_totp(officer)


def test_a_secret_under_a_lost_key_fits_no_code(settings):
    sealed = second_factor.seal("JBSWY3DPEHPK3PXP")
    assert second_factor.unseal(sealed) == "JBSWY3DPEHPK3PXP"
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another"
    assert second_factor.unseal(sealed) == "JBSWY3DPEHPK3PXP"
    settings.SECRET_KEY_FALLBACKS = []
    assert second_factor.unseal(sealed) not in ("JBSWY3DPEHPK3PXP", "")
