import smtplib
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from asgiref.sync import async_to_sync
from django.core import mail
from django.core.management import call_command
from django.db import connection, transaction
from django.template import TemplateDoesNotExist
from django.utils import translation
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from marketplace.kernel import clock
from marketplace.platform import messages, outbox, rate_limits, tasks
from marketplace.platform.models import RateLimit, SentMessage

MAIL = {
    "template": "test_greeting",
    "to": "lan@example.test",
    "language": "vi",
    "context": {"name": "Út Lành & con", "total": Decimal("285000")},
    "dedupe_key": "order:1:placed",
}
TEMPLATES = {
    "mail/test_greeting/subject.txt": "{% load i18n %}{{ name }},\n {% translate 'Yes' %}!\n",
    "mail/test_greeting/body.txt": "{{ name }}: {{ total }}\n{{ site_url }}\n\n",
    "mail/test_greeting/body.html": "<p>{{ name }}</p>",
    "mail/test_plain/subject.txt": "Plain",
    "mail/test_plain/body.txt": "Plain",
    "sms/test_code.txt": "{{ site_name }}: {{ code }}\n",
}
sms_sent: list[tuple[str, str]] = []


def gateway(to: str, text: str) -> None:
    sms_sent.append((to, text))


@pytest.fixture(autouse=True)
def _templates(settings, tmp_path: Path):
    for name, text in TEMPLATES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    ours = settings.TEMPLATES[0]
    settings.TEMPLATES = [{**ours, "DIRS": [tmp_path, *ours["DIRS"]]}]
    settings.SITE_URL = "https://shop.test"
    sms_sent.clear()


def work() -> None:
    """Run what is in the queue, as a worker does."""
    call_command("run_worker", "--once", stdout=StringIO())


def jobs(name: str = "platform.send_mail"):
    return ProcrastinateJob.objects.filter(task_name=name)


@pytest.mark.django_db(transaction=True)
def test_a_mail_leaves_with_its_transaction():
    with transaction.atomic():
        outbox.send_mail(**MAIL)
    assert jobs().get().status == "todo"
    work()
    assert jobs().get().status == "succeeded"
    (message,) = mail.outbox
    assert message.to == ["lan@example.test"]
    assert message.subject == "Út Lành & con, Có!"
    assert message.body == "Út Lành & con: 285000\nhttps://shop.test\n"
    assert message.alternatives == [("<p>Út Lành &amp; con</p>", "text/html")]
    assert message.extra_headers["Auto-Submitted"] == "auto-generated"
    sent = SentMessage.objects.get()
    assert (sent.dedupe_key, sent.channel, sent.outcome) == ("order:1:placed", "mail", "sent")


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_transaction_sends_nothing():
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        outbox.send_mail(**MAIL)
        1 / 0  # noqa: B018
    assert not jobs().exists()
    work()
    assert mail.outbox == []


@pytest.mark.django_db
def test_a_message_is_in_the_language_of_its_reader_not_of_its_sender():
    with translation.override("en"):
        message = messages.mail(**{k: v for k, v in MAIL.items() if k != "dedupe_key"})
        english = messages.mail(template="test_plain", to="a@b.test", language="en", context={})
    assert "Có!" in message.subject
    assert english.alternatives == []
    with pytest.raises(TemplateDoesNotExist):
        messages.mail(template="unheard_of", to="a@b.test", language="en", context={})


@pytest.mark.django_db
def test_a_context_that_cannot_be_kept_fails_at_once():
    with pytest.raises(TypeError):
        outbox.send_mail(**{**MAIL, "context": {"what": object()}})
    assert not jobs().exists()


@pytest.mark.django_db
def test_a_task_that_runs_twice_sends_once():
    context = {"name": "Lan", "total": "1"}
    for _ in range(2):
        tasks.send_mail(**{**MAIL, "context": context})
    assert len(mail.outbox) == 1


@pytest.mark.django_db
def test_a_refused_receiver_is_not_tried_again(monkeypatch, caplog):
    def refuse(self, *args, **kwargs):
        raise smtplib.SMTPRecipientsRefused({"lan@example.test": (550, b"no such user")})

    monkeypatch.setattr("django.core.mail.message.EmailMessage.send", refuse)
    tasks.send_mail(**MAIL)
    assert SentMessage.objects.get().outcome == "refused"
    assert "order:1:placed" in caplog.text
    assert "lan@example.test" not in caplog.text


@pytest.mark.django_db
def test_an_outage_is_waited_out(monkeypatch):
    def fail(self, *args, **kwargs):
        raise smtplib.SMTPServerDisconnected

    monkeypatch.setattr("django.core.mail.message.EmailMessage.send", fail)
    with pytest.raises(smtplib.SMTPServerDisconnected):
        tasks.send_mail(**MAIL)
    assert not SentMessage.objects.exists()
    waits = [3 ** (attempt + 1) for attempt in range(tasks.MESSAGE_RETRY.max_attempts)]
    assert waits[0] == 3
    assert 8 * 3600 < sum(waits) < 9 * 3600


@pytest.mark.django_db
def test_sms_are_off_until_a_gateway_is_set(settings):
    sms = {
        "template": "test_code",
        "to": "+84912345678",
        "language": "vi",
        "context": {"code": "123456"},
        "dedupe_key": "code:1",
    }
    outbox.send_sms(**sms)
    assert not jobs("platform.send_sms").exists()
    settings.SMS_GATEWAY = "tests.platform.test_outbox.gateway"
    outbox.send_sms(**sms)
    job = jobs("platform.send_sms").get()
    for _ in range(2):
        tasks.send_sms(**job.args)
    assert sms_sent == [("+84912345678", "Đất Sen: 123456")]


@pytest.mark.django_db(transaction=True)
def test_a_task_enqueues_in_its_own_transaction():
    """What a failed task asked for must not leave: procrastinate alone would let it."""
    follow_up.defer(fails=True)
    work()
    assert jobs("tests.follow_up").get().status == "failed"
    assert not jobs().exists()
    follow_up.defer(fails=False)
    work()
    assert jobs().get().status == "succeeded"
    assert len(mail.outbox) == 1


@app.task(name="tests.follow_up")
def follow_up(*, fails: bool) -> None:
    with transaction.atomic():
        outbox.send_mail(**MAIL)
        if fails:
            raise RuntimeError("after enqueuing")


def job_of_a_dead_worker(attempts: int = 0) -> int:
    outbox.send_mail(**MAIL)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat)"
            " VALUES (now() - interval '31 seconds') RETURNING id"
        )
        (worker_id,) = cursor.fetchone()
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s, attempts = %s"
            " RETURNING id",
            [worker_id, attempts],
        )
        return cursor.fetchone()[0]


@pytest.mark.django_db(transaction=True)
def test_the_job_of_a_killed_worker_is_taken_up():
    job_of_a_dead_worker()
    async_to_sync(tasks.retry_stalled_jobs.func)(timestamp=0)
    job = jobs().get()
    assert (job.status, job.attempts) == ("todo", 1)
    work()
    assert len(mail.outbox) == 1


@pytest.mark.django_db(transaction=True)
def test_a_job_that_kills_its_workers_is_given_up():
    job_of_a_dead_worker(attempts=tasks.MOST_ATTEMPTS_OF_STALLED)
    async_to_sync(tasks.retry_stalled_jobs.func)(timestamp=0)
    assert jobs().get().status == "failed"


@pytest.mark.django_db(transaction=True)
def test_done_jobs_are_deleted_after_a_day_failed_ones_after_a_month():
    with connection.cursor() as cursor:
        for status, days in [("succeeded", 2), ("succeeded", 0), ("failed", 29), ("failed", 31)]:
            outbox.send_mail(**MAIL)
            cursor.execute(
                "UPDATE procrastinate_jobs SET status = %s::procrastinate_job_status"
                " WHERE id = (SELECT max(id) FROM procrastinate_jobs)",
                [status],
            )
            cursor.execute(
                "UPDATE procrastinate_events SET at = now() - make_interval(days => %s)"
                " WHERE job_id = (SELECT max(id) FROM procrastinate_jobs)",
                [days],
            )
    async_to_sync(tasks.prune_jobs.func)(timestamp=0)
    assert sorted(jobs().values_list("status", flat=True)) == ["failed", "succeeded"]


@pytest.mark.django_db
def test_old_counts_and_notes_are_deleted():
    tasks.send_mail(**{**MAIL, "context": {}})
    rate_limits.hit("login", "lan", limit=1, per=timedelta(minutes=1))
    with clock.frozen(clock.now() + timedelta(minutes=2)):
        tasks.prune_rows(timestamp=0)
    assert not RateLimit.objects.exists()
    assert SentMessage.objects.exists()
    with clock.frozen(clock.now() + timedelta(days=366)):
        tasks.prune_rows(timestamp=0)
    assert not SentMessage.objects.exists()
