"""Signing in and out, registering, forgotten passwords: over HTTP, as people do it."""

import re
from urllib.parse import urlsplit

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import MD5PasswordHasher
from django.urls import reverse
from django.utils import translation

from marketplace.accounts.models import User
from marketplace.accounts.roles import Role
from tests.factories.accounts import PASSWORD, make_staff, make_user, sign_in

pytestmark = pytest.mark.django_db


def post_sign_in(client, login, password=PASSWORD, **extra):
    return client.post(reverse("account_login"), {"login": login, "password": password}, **extra)


def is_signed_in(client) -> bool:
    return "_auth_user_id" in client.session


@pytest.mark.parametrize(
    "typed",
    [
        "lan@example.test",
        " Lan@Example.TEST ",
        "0912 345 678",
        "+84912345678",
        "０９１２３４５６７８",
    ],
)
def test_signing_in_by_address_or_number(client, typed):
    user = make_user("lan@example.test", phone="0912345678")
    answer = post_sign_in(client, typed)
    assert answer.status_code == 302
    assert answer.url == reverse("account_home")
    assert client.session["_auth_user_id"] == str(user.pk)


def test_a_grower_without_an_address_signs_in_by_number(client):
    make_user(None, phone="0912345678", is_confirmed=False)
    post_sign_in(client, "0912345678")
    assert is_signed_in(client)


def test_an_unconfirmed_address_must_be_confirmed_first(client, sent):
    make_user("lan@example.test", phone="0912345678", is_confirmed=False)
    for typed in ("lan@example.test", "0912345678"):
        answer = post_sign_in(client, typed)
        assert answer.url == reverse("account_email_verification_sent")
        assert not is_signed_in(client)
    assert [mail["template"] for mail in sent] == ["account/email_confirmation"]


def test_a_wrong_password_and_no_account_look_alike(client):
    make_user("lan@example.test", phone="0912345678")
    pages = set()
    for login, password in [
        ("lan@example.test", "not her password"),
        ("nobody@example.test", PASSWORD),
        ("0912345678", "not her password"),
        ("0987654321", PASSWORD),
    ]:
        answer = post_sign_in(client, login, password)
        assert answer.status_code == 200
        assert answer.context["form"].non_field_errors()
        page = answer.content.decode().replace(login, "")
        pages.add(re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page))
    assert len(pages) == 1
    assert not is_signed_in(client)


def test_one_hash_for_every_attempt_whoever_exists(client, monkeypatch):
    make_user("lan@example.test")
    hashes = []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(
        MD5PasswordHasher,
        "encode",
        lambda self, password, salt: hashes.append(1) or encode(self, password, salt),
    )
    for login in ("lan@example.test", "nobody@example.test", "0912345678"):
        hashes.clear()
        post_sign_in(client, login, "wrong")
        assert len(hashes) == 1, login


def test_the_session_key_changes_at_signing_in(client):
    make_user("lan@example.test")
    session = client.session
    session["before"] = 1
    session.save()
    key = session.session_key
    post_sign_in(client, "lan@example.test")
    assert client.session.session_key != key
    assert client.session["before"] == 1


def test_back_to_where_one_came_from_but_never_to_another_site(client):
    make_user("lan@example.test")
    for wanted, reached in [
        ("/en/basket/", "/en/basket/"),
        ("https://evil.example/", reverse("account_home")),
        ("//evil.example/", reverse("account_home")),
        ("/\\evil.example", reverse("account_home")),
        ("javascript:alert(1)", reverse("account_home")),
    ]:
        answer = client.post(
            reverse("account_login"),
            {"login": "lan@example.test", "password": PASSWORD, "next": wanted},
        )
        assert answer.url == reached
        client.post(reverse("account_logout"))
        assert not is_signed_in(client)


def test_a_closed_account_stays_out(client):
    make_user("lan@example.test")
    User.objects.update(is_active=False)
    post_sign_in(client, "lan@example.test")
    assert not is_signed_in(client)


def test_signing_out_needs_a_post(client):
    sign_in(client, make_user())
    assert client.get(reverse("account_logout")).status_code == 200
    assert is_signed_in(client)
    client.post(reverse("account_logout"))
    assert not is_signed_in(client)


# --- Registering ------------------------------------------------------------------------


def register(client, **fields):
    return client.post(
        reverse("account_signup"), {"email": "lan@example.test", "password1": PASSWORD, **fields}
    )


def test_registering_and_confirming(client, sent):
    answer = register(client, email="Lan@Example.test", phone="0912.345.678")
    assert answer.url == reverse("account_email_verification_sent")
    user = User.objects.get()
    assert (user.email, user.phone, user.language) == ("lan@example.test", "+84912345678", "vi")
    assert user.email_confirmed_at is None
    assert user.phone_confirmed_at is None
    assert not is_signed_in(client)

    (mail,) = sent
    assert (mail["template"], mail["to"], mail["language"]) == (
        "account/email_confirmation_signup",
        "lan@example.test",
        "vi",
    )
    link = urlsplit(mail["context"]["activate_url"]).path
    assert client.get(link).status_code == 200
    user.refresh_from_db()
    assert user.email_confirmed_at is None, "mail scanners open links"
    client.post(link)
    user.refresh_from_db()
    assert user.email_confirmed_at is not None
    assert is_signed_in(client)


def test_registering_in_english_is_answered_in_english(client, sent):
    with translation.override("en"):
        url = reverse("account_signup")
    client.post(url, {"email": "jo@example.test", "password1": PASSWORD})
    assert User.objects.get().language == "en"
    assert sent[0]["language"] == "en"
    assert "/en/" in sent[0]["context"]["activate_url"]


def test_registering_with_a_known_address_looks_the_same_and_writes_to_its_owner(client, sent):
    fresh = register(client, email="new@example.test")
    client.cookies.clear()
    make_user("lan@example.test")
    known = register(client, email="lan@example.test")
    assert (fresh.status_code, fresh.url) == (known.status_code, known.url)
    assert [mail["template"] for mail in sent] == [
        "account/email_confirmation_signup",
        "account/account_already_exists",
    ]
    assert User.objects.count() == 2


def test_a_number_that_another_has_confirmed_is_noted_without_a_word(client, sent):
    make_user(None, phone="0912345678")
    answer = register(client, phone="0912345678")
    assert answer.url == reverse("account_email_verification_sent")
    assert User.objects.get(email="lan@example.test").phone_confirmed_at is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "not-an-address"),
        ("email", "lan@example.test\x00"),
        ("email", "lan@exam\u200bple.test"),
        ("email", "\u202elan@example.test"),
        ("email", "l" * 300 + "@example.test"),
        ("email", ""),
        ("phone", "abc"),
        ("phone", "0912345678\x00"),
        ("phone", "9" * 10_000),
        ("password1", "short"),
        ("password1", "password123"),
        ("password1", "1234567890123"),
        ("password1", "x" * 100_000),
        ("password1", "chợ nổi \x00 Cái Bè 1995"),
    ],
)
def test_bad_input_is_explained_beside_the_field_and_nothing_is_lost(client, sent, field, value):
    typed = {"email": "lan@example.test", "phone": "0912345678", field: value}
    answer = register(client, **typed)
    assert answer.status_code == 200
    assert answer.context["form"].errors[field]
    assert User.objects.count() == 0
    assert sent == []
    if field != "email":
        assert 'value="lan@example.test"' in answer.content.decode()


@pytest.mark.parametrize(
    "login",
    ["", "\x00", "lan@example.test\x00", "a" * 100_000, "\u200b", "\u202e@", "@", "ｘ", "لينا"],
)
def test_bad_logins_are_explained(client, login):
    answer = post_sign_in(client, login)
    assert answer.status_code == 200
    assert answer.context["form"].errors


@pytest.mark.parametrize("name", ["account_login", "account_signup", "account_reset_password"])
def test_odd_bytes_in_the_query_do_no_harm(client, name):
    for query in (
        "?next=%00",
        "?email=%00&next=/%0d%0aSet-Cookie:x",
        "?next=%ff",
        "?email=" + "a" * 5000,
    ):
        assert client.get(reverse(name) + query).status_code in (200, 302)


# --- Forgotten password -----------------------------------------------------------------


def test_a_forgotten_password(client, sent):
    user = make_user("lan@example.test", language="en")
    elsewhere = sign_in(client.__class__(), user)
    answer = client.post(reverse("account_reset_password"), {"email": "LAN@example.test"})
    assert answer.url == reverse("account_reset_password_done")
    (mail,) = sent
    assert (mail["template"], mail["language"]) == ("account/password_reset_key", "en")
    link = urlsplit(mail["context"]["password_reset_url"]).path
    form_url = client.get(link).url
    answer = client.post(
        form_url, {"password1": "một mật khẩu mới", "password2": "một mật khẩu mới"}
    )
    assert answer.status_code == 302
    user.refresh_from_db()
    assert user.check_password("một mật khẩu mới")
    assert elsewhere.get(reverse("account_home")).status_code == 302, "other sessions have ended"
    assert sent[-1]["template"] == "account/password_reset"
    # The link works once.
    fresh = client.__class__()
    again = fresh.get(link)
    assert again.status_code == 200
    assert "form" not in (again.context or {}) or again.context.get("token_fail")


def test_asking_for_a_new_password_tells_nothing(client, sent):
    make_user("lan@example.test")
    known = client.post(reverse("account_reset_password"), {"email": "lan@example.test"})
    unknown = client.post(reverse("account_reset_password"), {"email": "nobody@example.test"})
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    bodies = {client.get(reverse("account_reset_password_done")).content for _ in range(2)}
    assert len(bodies) == 1
    assert [mail["template"] for mail in sent] == [
        "account/password_reset_key",
        "account/unknown_account",
    ]


@pytest.mark.parametrize("key", ["1-abc", "zzzzzzzzzzzzz-abc", "1-" + "a" * 3000, "1-a%00b"])
def test_made_up_links_are_refused(client, key):
    path = reverse("account_reset_password") + key + "/"
    answer = client.get(path, follow=True)
    assert answer.status_code == 200


@pytest.mark.parametrize("key", ["abc", "a:b:c", "MQ:1:x" * 200])
def test_made_up_confirmations_are_refused(client, key):
    answer = client.get(reverse("account_email_verification_sent") + key + "/")
    assert answer.status_code == 200


# --- While signed in --------------------------------------------------------------------


def test_changing_the_password_ends_other_sessions(client, sent):
    user = make_user()
    elsewhere = sign_in(client.__class__(), user)
    sign_in(client, user)
    new = "một mật khẩu khác"
    answer = client.post(
        reverse("account_change_password"),
        {"oldpassword": PASSWORD, "password1": new, "password2": new},
    )
    assert answer.status_code == 302
    assert client.get(reverse("account_home")).status_code == 200
    assert elsewhere.get(reverse("account_home")).status_code == 302
    assert sent[-1]["template"] == "account/password_changed"


def test_changing_the_address_waits_for_its_confirmation(client, sent):
    user = make_user("old@example.test")
    before = user.email_confirmed_at
    sign_in(client, user)
    client.post(reverse("account_email"), {"action_add": "", "email": "new@example.test"})
    user.refresh_from_db()
    assert (user.email, user.email_confirmed_at) == ("old@example.test", before)
    client.post(urlsplit(sent[-1]["context"]["activate_url"]).path)
    user.refresh_from_db()
    assert user.email == "new@example.test"
    assert user.email_confirmed_at > before
    assert list(EmailAddress.objects.values_list("email", "primary", "verified")) == [
        ("new@example.test", True, True)
    ]
    notice = next(mail for mail in sent if mail["template"] == "account/email_changed")
    assert notice["to"] == "old@example.test"
    assert notice["context"]["to_email"] == "new@example.test"


def test_the_only_address_cannot_be_removed(client):
    user = make_user("lan@example.test")
    sign_in(client, user)
    client.post(reverse("account_email"), {"action_remove": "", "email": "lan@example.test"})
    user.refresh_from_db()
    assert user.email == "lan@example.test"


def test_own_details(client):
    user = make_user("lan@example.test")
    sign_in(client, user)
    answer = client.post(
        reverse("account_details"),
        {
            "last_name": "Nguyễn Thị\u200b",
            "first_name": "Lan",
            "phone": "0912 345 678",
            "language": "en",
            "is_superuser": "on",
            "email": "evil@example.test",
            "is_staff": "on",
        },
    )
    assert answer.url == reverse("account_home")
    user.refresh_from_db()
    assert (str(user), user.phone, user.language) == ("Nguyễn Thị Lan", "+84912345678", "en")
    assert (user.email, user.is_superuser, user.is_staff) == ("lan@example.test", False, False)
    page = client.get(reverse("account_home")).content.decode()
    assert "Nguyễn Thị Lan" in page
    assert "0912 345 678" in page


def test_a_changed_number_is_no_longer_confirmed(client):
    user = make_user(None, phone="0912345678")
    sign_in(client, user)
    details = {"last_name": "", "first_name": "", "language": "vi"}
    client.post(reverse("account_details"), {**details, "phone": "+84 912 345 678"})
    user.refresh_from_db()
    assert user.phone_confirmed_at is not None
    refused = client.post(reverse("account_details"), {**details, "phone": ""})
    assert refused.context["form"].errors["phone"]
    client.post(reverse("account_details"), {**details, "phone": "0987654321"})
    user.refresh_from_db()
    assert (user.phone, user.phone_confirmed_at) == ("+84987654321", None)


def test_visitors_are_sent_to_sign_in(client):
    for name in ("account_home", "account_details", "account_email", "mfa_index"):
        answer = client.get(reverse(name))
        assert answer.status_code == 302
        assert answer.url.startswith(reverse("account_login"))


def test_staff_arrive_at_their_desk(client):
    make_staff(Role.OPERATOR, email="vp@example.test", with_second_factor=False)
    assert post_sign_in(client, "vp@example.test").url == "/cms/"
