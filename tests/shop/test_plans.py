"""The server plans what buyers' pages ask once, and the administration's statements not at all."""

import pytest
from django.core.cache import caches
from django.db import connection, transaction

from marketplace.platform.statements import planned_once

pytestmark = pytest.mark.django_db
_PLANS = "SELECT statement, generic_plans, custom_plans FROM pg_prepared_statements"


def plans(words: str) -> list[tuple[int, int]]:
    """(plans used again, plans made anew) of the kept statements that contain ``words``."""
    with connection.cursor() as cursor:
        cursor.execute(_PLANS)
        return [(kept, anew) for text, kept, anew in cursor.fetchall() if words in text]


@pytest.mark.parametrize("words", ["partner_stockrecord", "media_libraryimage"])
def test_a_product_page_made_anew_uses_the_plans_of_before(client, shop, words):
    listing = shop["hoa_loc"]
    for _turn in range(12):
        caches["pages"].clear()
        assert client.get(listing.get_absolute_url()).status_code == 200

    (kept, anew), *_more = plans(words)
    # PostgreSQL tries five plans made for the values before it compares.
    assert anew <= 5
    assert kept >= 4


def test_the_administration_keeps_no_plans(client):
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
    for _turn in range(6):
        client.get("/cms/login/")
    assert plans("") == []


def test_values_go_apart_only_within_the_block(db):
    with planned_once(), connection.cursor() as cursor:
        for _turn in range(4):
            cursor.execute("SELECT %s::int + 1", [41])
            assert cursor.fetchone() == (42,)
    assert len(plans("::int + 1")) == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::int + 2", [40])
    assert plans("::int + 2") == []


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_the_server_ended_is_made_anew():
    connection.ensure_connection()
    assert connection.is_usable()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (ended,) = cursor.fetchone()
    rival = connection.copy()
    try:
        with rival.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [ended])
    finally:
        rival.close()

    assert not connection.is_usable()
    # As at the beginning of a request.
    connection.health_check_enabled, connection.health_check_done = True, False
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        assert cursor.fetchone() != (ended,)
    with transaction.atomic():
        assert connection.is_usable()
