import pytest
from django.db import OperationalError, connection

from marketplace.platform import health


def beat(seconds_ago: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat)"
            " VALUES (now() - make_interval(secs => %s))",
            [seconds_ago],
        )


def test_live_asks_nobody(client):
    response = client.get("/health/live")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert "no-cache" in response["Cache-Control"]


@pytest.mark.django_db
def test_ready_when_all_parts_are(client):
    beat(59)
    response = client.get("/health/ready")
    assert response.status_code == 200
    assert response.json() == {
        "status": "ok",
        "database": "ok",
        "migrations": "ok",
        "worker": "ok",
    }


@pytest.mark.django_db
@pytest.mark.parametrize("seconds_ago", [None, 61])
def test_a_silent_worker_is_named(client, seconds_ago):
    if seconds_ago:
        beat(seconds_ago)
    response = client.get("/health/ready")
    assert (response.status_code, response["Retry-After"]) == (503, "10")
    parts = response.json()
    assert (parts["status"], parts["database"], parts["worker"]) == ("down", "ok", "down")


@pytest.mark.django_db
def test_a_missing_migration_is_named(client, monkeypatch):
    beat(1)
    monkeypatch.setattr(health, "_migrations_are_done", False)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'platform'")
    assert client.get("/health/ready").json()["migrations"] == "down"


def test_a_lost_database_is_named(client, monkeypatch):
    def refuse(self, *args, **kwargs):
        raise OperationalError("connection refused")

    monkeypatch.setattr(health, "_migrations_are_done", False)
    monkeypatch.setattr("django.db.backends.base.base.BaseDatabaseWrapper.cursor", refuse)
    response = client.get("/health/ready")
    assert response.status_code == 503
    assert response.json() == {
        "status": "down",
        "database": "down",
        "migrations": "down",
        "worker": "down",
    }
