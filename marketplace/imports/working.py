"""The work behind a table: finding out each row's fate, writing, taking back.

Each step runs once: it looks at the table's state under a lock, and a repetition finds it moved
on. Writing is one transaction; when something is not as it was judged, all of it is dropped and
every row is judged anew, so that nobody's change is overwritten unseen.
"""

from __future__ import annotations

import logging
from collections import Counter

from django.db import transaction
from django.utils import translation

from catalogue.errors import CatalogueError
from catalogue.signals import collected
from marketplace.imports.errors import CannotUndo, FileRefused, WorldChanged
from marketplace.imports.kinds import kind_of
from marketplace.imports.kinds.base import Verdict
from marketplace.imports.models import Import, ImportRow
from marketplace.imports.progress import progress
from marketplace.kernel import clock
from marketplace.media.errors import ImageRefused
from marketplace.platform import audit
from marketplace.producers.errors import ProducersError

logger = logging.getLogger(__name__)
State, Fate = Import.State, ImportRow.Fate
_TO_WRITE = (Fate.NEW, Fate.CHANGED)
#: What writing may meet when the world is not as it was judged.
_CHANGED = (WorldChanged, CatalogueError, ProducersError, ImageRefused)


def judge(*, table_id: int) -> None:
    """Find out every row's fate; the table then waits for somebody to confirm it."""
    table = _at(table_id, State.WAITING)
    if table is None:
        return
    try:
        _judge(table)
    except FileRefused as refused:
        _refuse(table, refused.code, refused.params)
    except Exception:
        logger.exception("Table %s could not be judged", table.pk)
        _refuse(table, "unexpected", {})


def apply(*, table_id: int) -> None:
    """Write all rows that would change something, or none."""
    table = _at(table_id, State.APPLYING)
    if table is None:
        return
    try:
        _apply(table)
    except _CHANGED:
        _judge_again(table)
    except Exception:
        logger.exception("Table %s could not be written", table.pk)
        _back_to(table, State.JUDGED, {"code": "unexpected"})


def undo(*, table_id: int) -> None:
    """Set everything back, or nothing."""
    table = _at(table_id, State.UNDOING)
    if table is None:
        return
    try:
        _undo(table)
    except CannotUndo as refused:
        _back_to(table, State.APPLIED, refused.as_note())
    except _CHANGED:
        _back_to(table, State.APPLIED, {"code": "undo_changed"})
    except Exception:
        logger.exception("Table %s could not be taken back", table.pk)
        _back_to(table, State.APPLIED, {"code": "undo_changed"})


def _at(table_id: int, state: str) -> Import | None:
    return (
        Import.objects.select_related("producer__partner", "confirmed_by", "undone_by")
        .filter(pk=table_id, state=state)
        .first()
    )


def _judge(table: Import, *, note: dict | None = None) -> None:
    kind = kind_of(table)
    # What is compared is Vietnamese, whatever language the reader has.
    with translation.override("vi"):
        rows, unread = kind.read()
        with progress(table.pk, len(rows)) as report:
            verdicts = kind.judge(rows, report)
    with transaction.atomic():
        locked = Import.objects.select_for_update().get(pk=table.pk)
        if locked.state != table.state:
            return
        before = {
            number: (fate, changes)
            for number, fate, changes in locked.rows.values_list("number", "fate", "changes")
        }
        locked.rows.all().delete()
        ImportRow.objects.bulk_create(
            (_as_row(locked, verdict, before) for verdict in verdicts), batch_size=1000
        )
        counts = Counter(verdict.fate for verdict in verdicts)
        locked.n_new, locked.n_changed = counts[Fate.NEW], counts[Fate.CHANGED]
        locked.n_unchanged, locked.n_errors = counts[Fate.UNCHANGED], counts[Fate.ERROR]
        locked.unread, locked.note = unread[:60], note or {}
        locked.state, locked.judged_at = State.JUDGED, clock.now()
        locked.save()


def _as_row(table: Import, verdict: Verdict, before: dict) -> ImportRow:
    return ImportRow(
        table=table,
        number=verdict.number,
        key=verdict.key[:200],
        name=verdict.name,
        fate=verdict.fate,
        changes=verdict.changes,
        problems=verdict.problems,
        values=verdict.values,
        # Only what must be mended is handed back.
        cells=verdict.cells if verdict.fate == Fate.ERROR else {},
        is_stale=bool(before)
        and before.get(verdict.number) != (verdict.fate, verdict.changes),
    )


def _apply(table: Import) -> None:
    kind = kind_of(table)
    with (
        progress(table.pk, table.n_to_write) as report,
        translation.override("vi"),
        audit.acting_for(table.acting_for),
        transaction.atomic(),
    ):
        locked = Import.objects.select_for_update().get(pk=table.pk)
        if locked.state != State.APPLYING:
            return
        rows = list(locked.rows.filter(fate__in=_TO_WRITE).order_by("number"))
        with collected():
            kind.write(rows, locked.confirmed_by, report)
        ImportRow.objects.bulk_update(rows, ["written"], batch_size=1000)
        locked.state, locked.applied_at = State.APPLIED, clock.now()
        locked.note = {}
        locked.save(update_fields=["state", "applied_at", "note"])
        audit.record(
            action="import.applied", actor=locked.confirmed_by, target=locked, before=None,
            after={
                "new": locked.n_new, "changed": locked.n_changed, "left_out": locked.n_errors,
            },
        )


def _judge_again(table: Import) -> None:
    """Nothing was written; every row is judged anew and those that differ are marked."""
    try:
        _judge(table, note={"code": "world_changed"})
    except FileRefused as refused:
        _refuse(table, refused.code, refused.params)


def _undo(table: Import) -> None:
    kind = kind_of(table)
    with (
        progress(table.pk, table.n_to_write) as report,
        translation.override("vi"),
        audit.acting_for(table.acting_for),
        transaction.atomic(),
    ):
        locked = Import.objects.select_for_update().get(pk=table.pk)
        if locked.state != State.UNDOING:
            return
        rows = list(locked.rows.exclude(written=None).order_by("number"))
        with collected():
            kind.undo(rows, locked.undone_by, report)
        locked.state, locked.undone_at, locked.note = State.UNDONE, clock.now(), {}
        locked.save(update_fields=["state", "undone_at", "note"])
        audit.record(
            action="import.undone", actor=locked.undone_by, target=locked,
            before={"state": State.APPLIED}, after={"state": State.UNDONE},
        )


def _refuse(table: Import, code: str, params: dict) -> None:
    _back_to(table, State.REFUSED, {"code": code, "params": params})


def _back_to(table: Import, state: str, note: dict) -> None:
    """Note why, if the table is still where this step found it."""
    Import.objects.filter(pk=table.pk, state=table.state).update(state=state, note=note)
