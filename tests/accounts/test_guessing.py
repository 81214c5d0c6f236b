"""Guessing passwords: five wrong ones, in a row or all at once, and the account is shut (R19)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from axes.models import AccessAttempt
from django.db import connection
from django.test import Client
from django.urls import reverse

from marketplace.accounts import guessing
from marketplace.accounts.models import User
from marketplace.kernel import clock
from tests.factories.accounts import PASSWORD, make_user, sign_in


def attempt(client, password, login="lan@example.test", ip="203.0.113.7"):
    return client.post(
        reverse("account_login"), {"login": login, "password": password}, REMOTE_ADDR=ip
    )


@pytest.fixture(autouse=True)
def _many_sign_ins_from_one_address(settings):
    """Leave allauth's own limit per address out of it, which counts in the cache."""
    settings.ACCOUNT_RATE_LIMITS = {"login": "100000/m/ip"}


@pytest.mark.django_db
class TestOneByOne:
    def test_the_sixth_guess_is_not_looked_at_not_even_a_right_one(self, client):
        make_user("lan@example.test")
        for _ in range(5):
            assert attempt(client, "wrong").status_code == 200
        answer = attempt(client, PASSWORD)
        assert answer.status_code == 429
        assert reverse("account_reset_password") in answer.content.decode()
        assert "_auth_user_id" not in client.session

    def test_both_doors_of_an_account_count_together(self, client):
        make_user("lan@example.test", phone="0912345678")
        for login in ("lan@example.test", "0912345678", "+84912345678") * 2:
            answer = attempt(client, "wrong", login)
        assert answer.status_code == 429

    def test_an_account_that_does_not_exist_is_shut_alike(self, client):
        for _ in range(5):
            assert attempt(client, "wrong", "nobody@example.test").status_code == 200
        assert attempt(client, "wrong", "nobody@example.test").status_code == 429

    def test_others_and_other_places_stay_open(self, client):
        make_user("lan@example.test")
        make_user("ba@example.test")
        for _ in range(6):
            attempt(client, "wrong")
        assert attempt(Client(), PASSWORD, "ba@example.test").status_code == 302
        assert attempt(Client(), PASSWORD, ip="203.0.113.8").status_code == 302

    def test_many_places_together_are_stopped_too(self, client):
        make_user("lan@example.test")
        for at in range(guessing.LIMIT_EVERYWHERE):
            assert attempt(client, "wrong", ip=f"203.0.113.{at}").status_code == 200
        assert attempt(client, PASSWORD, ip="203.0.113.200").status_code == 429

    def test_a_right_password_is_not_counted(self, client):
        user = make_user("lan@example.test")
        for _ in range(8):
            assert attempt(Client(), PASSWORD).status_code == 302
        for _ in range(4):
            attempt(client, "wrong")
        assert attempt(Client(), PASSWORD).status_code == 302
        assert not AccessAttempt.objects.filter(
            username=guessing.key_of_user(user), ip_address="203.0.113.7"
        )

    def test_confirming_the_password_again_is_counted_as_well(self, client):
        sign_in(client, make_user("lan@example.test"))
        for _ in range(5):
            client.post(reverse("account_reauthenticate"), {"password": "wrong"})
        client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
        assert attempt(Client(), PASSWORD, ip="127.0.0.1").status_code == 429

    def test_the_lock_ends_by_itself(self, client):
        make_user("lan@example.test")
        for _ in range(6):
            attempt(client, "wrong")
        with clock.frozen(clock.now() + timedelta(minutes=31)):
            assert attempt(client, PASSWORD).status_code == 302

    def test_the_owner_unlocks_by_mail(self, client, sent):
        make_user("lan@example.test")
        for _ in range(6):
            attempt(client, "wrong")
        client.post(reverse("account_reset_password"), {"email": "lan@example.test"})
        owner = Client()
        link = sent[-1]["context"]["password_reset_url"].split("testserver")[-1]
        new = "một mật khẩu mới"
        owner.post(owner.get(link).url, {"password1": new, "password2": new})
        assert attempt(client, new).status_code == 302

    def test_what_was_typed_is_not_kept(self, client):
        attempt(client, "wrong", "0912345678")
        attempt(client, "wrong", "mothers-maiden-name@example.test")
        kept = str(list(AccessAttempt.objects.values()))
        assert "maiden" not in kept
        assert "912345678" not in kept
        assert "wrong" not in kept

    def test_a_forged_header_does_not_make_another_address(self, client):
        make_user("lan@example.test")
        for at in range(6):
            answer = client.post(
                reverse("account_login"),
                {"login": "lan@example.test", "password": "wrong"},
                REMOTE_ADDR="203.0.113.7",
                headers={"x-forwarded-for": f"198.51.100.{at}"},
            )
        assert answer.status_code == 429

    def test_old_counters_are_deleted(self, client):
        attempt(client, "wrong")
        assert guessing.delete_old() == 0
        with clock.frozen(clock.now() + timedelta(days=8)):
            assert guessing.delete_old() == 2


@pytest.fixture
def committed_user(django_db_setup, django_db_blocker):
    """A user whom other connections see; taken away again, and nothing else of the database.

    (A transactional test would flush the tables that migrations have filled.)
    """
    with django_db_blocker.unblock():
        user = make_user("lan@example.test")
        try:
            yield user
        finally:
            AccessAttempt.objects.all().delete()
            user.delete()


def _parallel(guesses: int, monkeypatch) -> int:
    """Let ``guesses`` threads guess at once; return how many passwords were looked at."""
    looked_at = []
    check = User.check_password
    monkeypatch.setattr(
        User, "check_password", lambda self, raw: looked_at.append(raw) or check(self, raw)
    )
    together = Barrier(guesses)

    def guess(at: int) -> int:
        together.wait(timeout=60)
        try:
            return attempt(Client(), f"guess {at}").status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(guesses) as threads:
        statuses = list(threads.map(guess, range(guesses)))
    assert set(statuses) <= {200, 429}
    return len(looked_at)


def test_of_parallel_guesses_five_are_looked_at(committed_user, monkeypatch):
    assert _parallel(40, monkeypatch) == 5


@pytest.mark.full
def test_of_ninety_parallel_guesses_five_are_looked_at(committed_user, monkeypatch):
    # The embedded server lets no more than a hundred connect.
    assert _parallel(90, monkeypatch) == 5


def test_the_race_is_real_where_failures_are_counted_afterwards(
    committed_user, monkeypatch, settings
):
    """The unguarded twin: axes as it comes looks at more than five."""
    settings.AXES_HANDLER = "axes.handlers.database.AxesDatabaseHandler"
    assert _parallel(40, monkeypatch) > 5
