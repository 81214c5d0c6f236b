"""Runs the background work of Wagtail (``django_tasks``) on our one queue."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django_tasks.backends.base import BaseTaskBackend
from django_tasks.base import Task, TaskResult, TaskResultStatus
from django_tasks.signals import task_enqueued


class ProcrastinateBackend(BaseTaskBackend):
    """Enqueues in the current transaction; a worker runs the function later.

    Results are not kept: nothing in Wagtail asks for them.
    """

    supports_defer = True
    supports_priority = True

    def enqueue(self, task: Task, args: tuple[Any, ...], kwargs: dict[str, Any]) -> TaskResult:
        """Put the task in the queue; the result only says that it is there."""
        from marketplace.platform.tasks import run_background_task

        self.validate_task(task)
        result = TaskResult(
            task=task,
            id="",
            status=TaskResultStatus.READY,
            enqueued_at=timezone.now(),
            started_at=None,
            last_attempted_at=None,
            finished_at=None,
            args=args,
            kwargs=kwargs,
            backend=self.alias,
            errors=[],
            worker_ids=[],
        )
        job = run_background_task.configure(
            schedule_at=task.run_after, priority=task.priority
        ).defer(path=task.module_path, args=result.args, kwargs=result.kwargs)
        object.__setattr__(result, "id", str(job))
        task_enqueued.send(type(self), task_result=result)
        return result
