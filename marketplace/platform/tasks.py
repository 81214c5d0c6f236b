"""What the worker does for the platform: sends messages, revives and clears away jobs."""

from __future__ import annotations

import logging
import smtplib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils.module_loading import import_string
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.jobs import Status

from marketplace.kernel import clock
from marketplace.platform import messages
from marketplace.platform.models import RateLimit, SentMessage

logger = logging.getLogger(__name__)

#: 3 s, 9 s, 27 s … 5 h 28 min: about eight hours in all, longer than most outages.
MESSAGE_RETRY = RetryStrategy(max_attempts=9, exponential_wait=3)
#: A job whose worker died this often kills its workers.
MOST_ATTEMPTS_OF_STALLED = 20
SENT_MESSAGES_KEPT = timedelta(days=365)
DONE_JOBS_KEPT_HOURS = 24
FAILED_JOBS_KEPT_HOURS = 30 * 24


@app.task(name="platform.send_mail", queue="messages", retry=MESSAGE_RETRY)
def send_mail(
    *, template: str, to: str, language: str, context: dict[str, Any], dedupe_key: str
) -> None:
    """Send one e-mail unless it has left already. Enqueued by ``outbox.send_mail``.

    A worker killed between sending and noting it sends once more: rather twice than never.
    """

    def send() -> None:
        messages.mail(template=template, to=to, language=language, context=context).send()

    _send_once(SentMessage.Channel.MAIL, template, dedupe_key, send)


@app.task(name="platform.send_sms", queue="messages", retry=MESSAGE_RETRY)
def send_sms(
    *, template: str, to: str, language: str, context: dict[str, Any], dedupe_key: str
) -> None:
    """Send one SMS unless it has left already. Enqueued by ``outbox.send_sms``."""

    def send() -> None:
        text = messages.sms(template=template, language=language, context=context)
        messages.sms_gateway()(to, text)

    _send_once(SentMessage.Channel.SMS, template, dedupe_key, send)


def _send_once(channel: str, template: str, dedupe_key: str, send: Callable[[], None]) -> None:
    # Jobs with one key run one after the other (their lock), so looking first is enough.
    if SentMessage.objects.filter(dedupe_key=dedupe_key).exists():
        return
    outcome = SentMessage.Outcome.SENT
    try:
        send()
    except smtplib.SMTPRecipientsRefused:
        # There is no such mailbox; trying again would only annoy its server.
        outcome = SentMessage.Outcome.REFUSED
        logger.warning("The message %s was refused by its receiver's server", dedupe_key)
    SentMessage.objects.create(
        dedupe_key=dedupe_key, channel=channel, template=template, outcome=outcome, at=clock.now()
    )


@app.task(
    name="platform.run_background_task",
    queue="default",
    retry=RetryStrategy(max_attempts=5, wait=30),
)
def run_background_task(*, path: str, args: list[Any], kwargs: dict[str, Any]) -> None:
    """Run a task of ``django_tasks`` (Wagtail's) by the path of its function."""
    import_string(path).call(*args, **kwargs)


@app.periodic(cron="* * * * *")
@app.task(
    name="platform.retry_stalled_jobs",
    queue="housekeeping",
    queueing_lock="platform.retry_stalled_jobs",
)
async def retry_stalled_jobs(timestamp: int) -> None:
    """Take up jobs whose worker was killed: they would stay "doing" for ever.

    A worker that has not given a sign for 30 seconds is dead (it does every 10).
    """
    for job in await app.job_manager.get_stalled_jobs():
        if job.attempts >= MOST_ATTEMPTS_OF_STALLED:
            logger.error("Job %s (%s) kills its workers and is given up", job.id, job.task_name)
            await app.job_manager.finish_job_by_id_async(
                job_id=job.id, status=Status.FAILED, delete_job=False
            )
        else:
            logger.warning("Job %s (%s) is retried: its worker died", job.id, job.task_name)
            await app.job_manager.retry_job(job)


@app.periodic(cron="17 * * * *")
@app.task(name="platform.prune_jobs", queue="housekeeping", queueing_lock="platform.prune_jobs")
async def prune_jobs(timestamp: int) -> None:
    """Delete jobs done a day ago and failed ones after 30 days; they hold addresses."""
    await app.job_manager.delete_old_jobs(nb_hours=DONE_JOBS_KEPT_HOURS)
    await app.job_manager.delete_old_jobs(
        nb_hours=FAILED_JOBS_KEPT_HOURS,
        include_failed=True,
        include_cancelled=True,
        include_aborted=True,
    )


@app.periodic(cron="27 * * * *")
@app.task(name="platform.prune_rows", queue="housekeeping", queueing_lock="platform.prune_rows")
def prune_rows(timestamp: int) -> None:
    """Delete counts of windows that are over and notes of messages sent a year ago."""
    now = clock.now()
    RateLimit.objects.filter(ends_at__lt=now).delete()
    SentMessage.objects.filter(at__lt=now - SENT_MESSAGES_KEPT).delete()
