"""From a letter with a code to the desk, through the pages that people use."""

import re
import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import translation

from marketplace.accounts.models import User
from marketplace.accounts.roles import Role
from marketplace.kernel import clock
from marketplace.platform.audit import AuditEntry
from marketplace.producers.errors import LetterRefused
from marketplace.producers.letter_actions import issue, redeem
from marketplace.producers.models import AccessLetter, Membership
from tests.factories.accounts import PASSWORD, make_staff, make_user, sign_in
from tests.factories.catalogue import make_producer

pytestmark = pytest.mark.django_db
PHONE = "+84912345678"
NEW = "vườn nhà Út 1998"


@pytest.fixture(autouse=True)
def english(db):
    with translation.override("en"):
        yield


@pytest.fixture
def garden():
    return make_producer("Vườn Út Lành")


def written(garden, role=Membership.Role.OWNER, phone=PHONE):
    letter, code = issue(
        producer=garden, phone=phone, role=role, actor=make_staff(Role.OCOP_OFFICER),
        now=clock.now(),
    )  # fmt: skip
    return code


def type_in(code, phone="0912 345 678", password=NEW, client=None):
    client = client or Client()
    answer = client.post(
        reverse("portal:letter"), {"phone": phone, "code": code, "password": password}
    )
    return client, answer


def test_the_office_prints_it_and_the_grower_comes_in(garden):
    officer = sign_in(Client(), make_staff(Role.OCOP_OFFICER))
    printed = officer.post(
        reverse("office_producers:letter", args=[garden.pk]),
        {"phone": "0912345678", "role": "owner"},
    )
    assert printed["Content-Type"] == "application/pdf"
    assert "no-store" in printed["Cache-Control"]
    assert len(re.findall(rb"/Type\s*/Page\b", printed.content)) == 1
    assert AccessLetter.objects.get().phone == PHONE
    # The code is on the paper only; another letter makes one that can be read here.
    code = written(garden)
    assert code not in AccessLetter.objects.latest("pk").code_hash

    grower, answer = type_in(f"{code[:4]} {code[4:]}")
    assert answer.url == reverse("portal:home")
    assert grower.get(reverse("portal:home")).status_code == 200
    user = User.objects.get(phone=PHONE)
    assert (user.email, user.phone_confirmed_at is not None) == (None, True)
    assert Membership.objects.get().role == "owner"
    signed = Client().post(
        reverse("account_login"), {"login": "0912345678", "password": NEW}
    )
    assert signed.status_code == 302
    assert set(AuditEntry.objects.values_list("action", flat=True)) >= {
        "producer.letter_issued", "producer.letter_used",
    }


def test_a_code_works_once(garden):
    code = written(garden)
    type_in(code)
    _client, again = type_in(code)
    assert again.status_code == 422
    assert "does not fit this number" in again.content.decode()


def test_not_after_seven_days(garden):
    code = written(garden)
    with clock.frozen(clock.now() + timedelta(days=7)):
        assert type_in(code)[1].status_code == 422
    assert not Membership.objects.exists()
    with clock.frozen(clock.now() + timedelta(days=7) - timedelta(minutes=1)):
        assert type_in(code)[1].status_code == 302


def test_a_newer_letter_voids_the_older(garden):
    old, new = written(garden), written(garden)
    assert type_in(old)[1].status_code == 422
    assert type_in(new)[1].status_code == 302


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"phone": "0912 345 679"}, 422),
        ({"code": "0000000000"}, 422),
        ({"code": "\x00"}, 422),
        ({"code": "x" * 5000}, 422),
        ({"password": "123"}, 422),
        ({"password": ""}, 422),
        ({"phone": ""}, 422),
    ],
)
def test_what_does_not_fit_changes_nothing(garden, changes, status):
    code = written(garden)
    _client, answer = type_in(**{"code": code, **changes})
    assert answer.status_code == status
    assert not Membership.objects.exists()
    assert not User.objects.filter(phone=PHONE).exists()
    assert AccessLetter.objects.get().used_at is None


def test_digits_of_any_width(garden):
    code = written(garden)
    wide = code.translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    assert type_in(wide)[1].status_code == 302


def test_nobody_guesses(garden):
    code = written(garden)
    answers = [type_in("1234567890")[1].status_code for _try in range(8)]
    assert answers[:5] == [422] * 5
    assert set(answers[5:]) == {429}
    # Even the right code has to wait now.
    assert type_in(code)[1].status_code == 429
    assert not Membership.objects.exists()


def test_a_forgotten_password_is_a_new_letter(garden):
    type_in(written(garden))
    type_in(written(garden), password="mật khẩu khác 77")
    user = User.objects.get(phone=PHONE)
    assert user.check_password("mật khẩu khác 77")
    assert Membership.objects.count() == 1


def test_it_is_no_way_into_a_customers_account(garden):
    customer = make_user(phone=PHONE)
    assert customer.email_confirmed_at is not None
    code = written(garden)
    assert type_in(code)[1].status_code == 422
    customer.refresh_from_db()
    assert customer.check_password(PASSWORD)
    _client, answer = type_in(code, password=PASSWORD)
    assert answer.url == reverse("account_login")
    assert Membership.objects.get().user == customer


def test_nor_into_the_offices(garden):
    make_staff(Role.OPERATOR, phone=PHONE)
    code = written(garden)
    assert type_in(code, password=PASSWORD)[1].status_code == 422
    assert not Membership.objects.exists()


@pytest.mark.parametrize("role", [Role.FINANCE, Role.TRANSLATOR, Role.AREA_OFFICER])
def test_only_the_office_prints(garden, role):
    client = sign_in(Client(), make_staff(role))
    url = reverse("office_producers:letter", args=[garden.pk])
    assert client.post(url, {"phone": "0912345678", "role": "owner"}).status_code in (403, 404)
    assert not AccessLetter.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_at_once_make_one_member():
    garden = make_producer("Vườn Út Lành")
    code = written(garden)
    ready = threading.Barrier(6)
    outcomes = []

    def use():
        ready.wait()
        try:
            redeem(phone=PHONE, code=code, password=NEW, now=clock.now())
            outcomes.append("in")
        except LetterRefused:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=use) for _rival in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["in"] + ["refused"] * 5
    assert Membership.objects.count() == User.objects.filter(phone=PHONE).count() == 1
