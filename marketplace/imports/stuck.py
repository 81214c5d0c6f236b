"""Tables whose task was given up: a table that kills its workers, a database away for long.

A killed worker's task is taken up again by another and starts anew, since nothing of it was
written. When it has been given up for good the table must not say "being checked" for ever.
"""

from __future__ import annotations

import logging

from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from marketplace.imports.models import Import
from marketplace.platform import audit

logger = logging.getLogger(__name__)
State = Import.State
#: What a table at work falls back to.
_BACK_TO = {
    State.WAITING: State.REFUSED, State.APPLYING: State.JUDGED, State.UNDOING: State.APPLIED,
}  # fmt: skip
_TASKS = {
    State.WAITING: "imports.judge", State.APPLYING: "imports.apply", State.UNDOING: "imports.undo",
}  # fmt: skip


def free_stuck() -> int:
    """Set back every table at work that no task stands behind; returns how many.

    Each is locked first, so that a task that is just finishing is waited for.
    """
    freed = 0
    for pk in Import.objects.filter(state__in=Import.AT_WORK).values_list("pk", flat=True):
        with transaction.atomic():
            table = Import.objects.select_for_update(of=("self",)).get(pk=pk)
            if not table.is_at_work or _has_task(table):
                continue
            before, table.state = table.state, _BACK_TO[table.state]
            table.note = {"code": "given_up"}
            table.save(update_fields=["state", "note"])
            audit.record(
                action="import.given_up", actor=None, target=table,
                before={"state": before}, after={"state": table.state},
            )
        logger.error("Table %s was given up while %s", pk, before)
        freed += 1
    return freed


def _has_task(table: Import) -> bool:
    return ProcrastinateJob.objects.filter(
        task_name=_TASKS[table.state], status__in=("todo", "doing"), args__table_id=table.pk
    ).exists()
