from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import transaction
from django_tasks import task
from django_tasks.base import TaskResultStatus
from procrastinate.contrib.django.models import ProcrastinateJob

from marketplace.kernel import clock
from marketplace.platform import tasks

calls: list[tuple] = []


@task()
def note(what: str, *, times: int) -> None:
    calls.append((what, times))


@pytest.fixture(autouse=True)
def _on_our_queue(settings):
    settings.TASKS = {
        "default": {"BACKEND": "marketplace.platform.tasks_backend.ProcrastinateBackend"}
    }
    calls.clear()


@pytest.mark.django_db
def test_background_work_goes_to_our_queue_and_is_run_by_its_path():
    result = note.enqueue("page", times=2)
    assert result.status is TaskResultStatus.READY
    job = ProcrastinateJob.objects.get(pk=result.id)
    assert job.task_name == "platform.run_background_task"
    assert calls == []
    tasks.run_background_task(**job.args)
    assert calls == [("page", 2)]


@pytest.mark.django_db(transaction=True)
def test_background_work_is_discarded_with_its_transaction():
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        note.enqueue("page", times=1)
        1 / 0  # noqa: B018
    assert not ProcrastinateJob.objects.exists()


@pytest.mark.django_db
def test_background_work_may_wait_and_have_a_rank():
    at = clock.now() + timedelta(hours=1)
    result = note.using(run_after=at, priority=7).enqueue("page", times=1)
    job = ProcrastinateJob.objects.get(pk=result.id)
    assert (job.scheduled_at, job.priority) == (at, 7)


@pytest.mark.django_db
def test_wagtails_own_tasks_run_on_it():
    from wagtail.tasks import update_reference_index_task

    group = Group.objects.create(name="finance")
    result = update_reference_index_task.enqueue("auth", "group", str(group.pk))
    tasks.run_background_task(**ProcrastinateJob.objects.get(pk=result.id).args)
