"""The whole of what was promised: 10,000 listings, seven of them bad, from the page to the shop's
shelves and back (S11); and what may come in between."""

import io
import os
import re
import select
import signal
import time

import pytest
from django.db import connection, connections
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from wagtail.users.models import UserProfile

from catalogue.models import Product
from marketplace.accounts.roles import Role
from marketplace.imports import stuck, working
from marketplace.imports.models import Import, ImportProgress, ImportRow
from marketplace.platform.models import AuditEntry
from tests.benchmarks.imports import BAD, run, table
from tests.factories.accounts import make_staff, sign_in
from tests.factories.catalogue import (
    make_category,
    make_commune,
    make_producer,
    make_product,
    make_product_class,
)
from tests.imports.conftest import upload, workbook
from tests.imports.test_pages import sku

KIND = "listings"


def office() -> Client:
    user = make_staff(Role.OCOP_OFFICER, language="en")
    UserProfile.objects.create(user=user, preferred_language="en")
    return sign_in(Client(), user)


def work() -> None:
    """Run what is queued about tables, as the worker does."""
    jobs = ProcrastinateJob.objects.filter(task_name__startswith="imports.", status="todo")
    for job in jobs.order_by("pk"):
        app.tasks[job.task_name].func(**job.args)
        end_jobs(job.args["table_id"], "succeeded")


def end_jobs(table_id: int, status: str) -> None:
    """Note that nothing more comes of a table's jobs."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = %s::procrastinate_job_status"
            " WHERE args->>'table_id' = %s",
            [status, str(table_id)],
        )


def shelves():
    """What a table of listings refers to."""
    make_product_class(1)
    make_commune()
    make_category()
    return make_producer()


def hand_in(client: Client, data: bytes, kind: str = KIND) -> Import:
    answer = client.post(
        reverse("office_imports:index"), {"kind": kind, "file": upload(data, "hàng.xlsx")}
    )
    assert answer.status_code == 302, answer.content.decode()
    made = Import.objects.latest("pk")
    assert answer.url == reverse("office_imports:table", args=[made.pk])
    return made


def page(client: Client, made: Import, query: str = "") -> str:
    return client.get(reverse("office_imports:table", args=[made.pk]) + query).content.decode()


def post(client: Client, made: Import, step: str, **data: str) -> str:
    answer = client.post(reverse(f"office_imports:{step}", args=[made.pk]), data, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def row_numbers(client: Client, made: Import, query: str) -> list[int]:
    """The rows of all pages, walked by their links."""
    found, path = [], query
    while path is not None:
        body = page(client, made, path)
        found += [
            int(number.replace(",", ""))
            for number in re.findall(r'<tr><td class="office-table__num">([\d,]+)</td>', body)
        ]
        following = re.search(r'rel="next" href="([^"]+)"', body)
        path = following[1].replace("&amp;", "&") if following else None
    return found


@pytest.mark.django_db
@pytest.mark.parametrize(
    "count", [pytest.param(10_000, marks=pytest.mark.full), 70], ids=["10000", "70"]
)
def test_all_good_rows_are_written_and_go_again(count):
    assert run(count, tell=lambda line: None) == {
        "new": count - 7, "errors": 7, "written": count - 7, "left": 0,
    }  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize(
    "count", [pytest.param(10_000, marks=pytest.mark.full), 140], ids=["10000", "140"]
)
def test_from_the_page_to_the_shelves_and_back(count):
    producer, client = shelves(), office()
    made = hand_in(client, table(producer.slug, count))
    waiting = page(client, made)
    assert '<progress id="progress" max="100" value="0">' in waiting
    assert '<noscript><meta http-equiv="refresh" content="4"></noscript>' in waiting

    work()
    body = page(client, made)
    assert f"New: {count - BAD:,}" in body
    assert f"Error: {BAD}" in body
    # Headings stand in row 1.
    bad = [n + 2 for n in range(count) if n % (count // BAD) == 1][:BAD]
    assert row_numbers(client, made, "?fate=error") == bad
    if count < 1000:
        assert row_numbers(client, made, "") == list(range(2, count + 2))
    assert "Enter a whole number" in page(client, made, "?fate=error")
    errors = client.get(reverse("office_imports:errors", args=[made.pk]))
    sheet = load_workbook(io.BytesIO(errors.content)).worksheets[0]
    rows = list(sheet.iter_rows(values_only=True))
    assert [row[0] for row in rows[1:]] == bad
    assert all("chưa rõ" in row for row in rows[1:])
    assert Product.objects.count() == 0

    # Errors must be left out knowingly.
    assert "Please tick" in post(client, made, "confirm")
    post(client, made, "confirm", without_errors="on")
    assert Product.objects.count() == 0
    work()
    assert "Taken over" in page(client, made)
    listings = Product.objects.filter(producer=producer)
    assert listings.count() == count - BAD
    assert not listings.filter(is_public=True).exists()
    assert AuditEntry.objects.filter(action="catalogue.listing_created").count() == count - BAD

    # What was mended goes in as a table of its own.
    place = rows[0].index(next(cell for cell in rows[0] if str(cell).startswith("Price")))
    for number in range(2, sheet.max_row + 1):
        sheet.cell(number, place + 1).value = "120.000"
    out = io.BytesIO()
    sheet.parent.save(out)
    mended = hand_in(client, out.getvalue())
    work()
    post(client, mended, "confirm")
    work()
    assert listings.filter(stockrecords__price=120_000).count() == BAD

    for one in (mended, made):
        post(client, one, "undo")
        work()
        assert "Taken back" in page(client, one)
    assert listings.count() == 0
    assert AuditEntry.objects.filter(action="catalogue.listing_removed").count() == count


@pytest.mark.django_db
def test_the_catalogue_changed_between_checking_and_confirming():
    goods = [make_product(f"Xoài {n}", 100_000, 5) for n in range(3)]
    client = office()
    head = ("producer", "sku", "price")
    rows = [(one.producer.slug, sku(one), 120_000) for one in goods]
    made = hand_in(client, workbook(head, *rows), "prices")
    work()
    goods[1].stockrecords.update(price=110_000)
    post(client, made, "confirm")
    work()
    body = page(client, made)
    assert "Something changed meanwhile" in body
    assert [one.stockrecords.get().price for one in goods] == [100_000, 110_000, 100_000]
    assert "Different from before: 1" in body
    assert row_numbers(client, made, "?stale=1") == [3]
    assert "<del>110,000</del> → <ins>120,000</ins>" in body
    post(client, made, "confirm")
    work()
    assert {one.stockrecords.get().price for one in goods} == {120_000}
    assert "Different from before" not in page(client, made)


@pytest.mark.django_db
def test_a_second_table_may_be_handed_in_while_one_is_at_work():
    producer, client = shelves(), office()
    first = hand_in(client, table(producer.slug, 21))
    second = hand_in(client, table(producer.slug, 21))
    work()
    post(client, first, "confirm", without_errors="on")
    post(client, second, "confirm", without_errors="on")
    # What is at work is neither confirmed again, nor thrown away, nor taken back.
    for step in ("confirm", "discard", "undo"):
        assert "Being written" in post(client, first, step, without_errors="on")
    work()
    assert "Taken over" in page(client, first)
    # The second found its article numbers taken meanwhile: all of it is judged anew.
    body = page(client, second)
    assert "Something changed meanwhile" in body
    assert "Unchanged: 14" in body
    assert Product.objects.filter(producer=producer).count() == 14


@pytest.mark.django_db
def test_a_table_that_nobody_will_finish_says_so():
    producer, client = shelves(), office()
    made = hand_in(client, table(producer.slug, 21))
    assert stuck.free_stuck() == 0
    end_jobs(made.pk, "failed")
    assert stuck.free_stuck() == 1
    body = page(client, made)
    assert "broke off several times" in body
    assert "<progress" not in body
    assert AuditEntry.objects.filter(action="import.given_up").count() == 1

    made = hand_in(client, table(producer.slug, 21))
    work()
    post(client, made, "confirm", without_errors="on")
    end_jobs(made.pk, "failed")
    assert stuck.free_stuck() == 1
    # It can be tried again.
    assert "broke off several times" in page(client, made)
    post(client, made, "confirm", without_errors="on")
    work()
    assert Product.objects.filter(producer=producer).count() == 14


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_the_middle_writes_nothing_and_the_next_writes_all(monkeypatch):
    """The worker is a child of this process that dies by SIGKILL while rows are written."""
    from marketplace.imports.kinds import base, listing_writing

    monkeypatch.setattr(base, "BATCH", 20)
    monkeypatch.setattr(
        listing_writing, "batches", lambda items, size=20: base.batches(items, size)
    )
    producer, client = shelves(), office()
    made = hand_in(client, table(producer.slug, 140))
    working.judge(table_id=made.pk)
    post(client, made, "confirm", without_errors="on")
    connections.close_all()
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        _work_and_wait(made.pk, writing)
    os.close(writing)
    assert select.select([reading], [], [], 60)[0], "the worker never wrote a row"
    os.close(reading)
    made.refresh_from_db()
    # Half is written, none of it seen by others; how far it is can be seen.
    assert made.state == "applying"
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert not Product.objects.exists()
    assert not ImportRow.objects.exclude(written=None).exists()
    working.apply(table_id=made.pk)
    made.refresh_from_db()
    assert made.state == "applied"
    assert Product.objects.filter(producer=producer).count() == 133
    assert ImportProgress.objects.get(table=made).percent == 100


def _work_and_wait(pk: int, writing: int) -> None:
    """Write half of the rows, say so, and wait to be killed."""
    from marketplace.imports.kinds import listing_writing

    create, calls = listing_writing.bulk.create_listings, []

    def stop_halfway(**given):
        made = create(**given)
        calls.append(1)
        if len(calls) == 3:
            os.write(writing, b"x")
            time.sleep(60)
        return made

    listing_writing.bulk.create_listings = stop_halfway
    try:
        working.apply(table_id=pk)
    finally:
        os._exit(1)
