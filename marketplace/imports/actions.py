"""What people do with tables: hand one in, confirm it, take it back, throw it away.

The work itself is a task that is enqueued in the same transaction (``working``).
"""

from __future__ import annotations

from pathlib import PurePath

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from marketplace.accounts.models import User
from marketplace.imports import reading, tasks
from marketplace.imports.errors import ErrorsNotAccepted, NothingToWrite, NotNow
from marketplace.imports.kinds import pictures
from marketplace.imports.models import Import, ImportProgress
from marketplace.kernel import clock
from marketplace.kernel.fold import clean_text
from marketplace.platform import audit
from marketplace.producers.models import Producer

State = Import.State


def hand_in(
    *, kind: str, file: UploadedFile, producer: Producer | None, actor: User,
    acting_for: str = "",
) -> Import:
    """Keep the file and have it checked; nothing of it is written.

    What may not even be opened is refused at once. Raises FileRefused.
    """
    if kind == Import.Kind.PICTURES:
        pictures.check(file)
    else:
        reading.check(file, file.name)
    file.seek(0)
    name = clean_text(PurePath(file.name.replace("\\", "/")).name)[-200:]
    with transaction.atomic():
        table = Import(
            kind=kind, producer=producer, file_name=name, uploaded_by=actor,
            uploaded_at=clock.now(), acting_for=acting_for[:160],
        )
        table.file.save(name, file, save=False)
        try:
            table.save()
            ImportProgress.objects.create(table=table)
            audit.record(
                action="import.uploaded", actor=actor, target=table,
                before=None, after={"kind": kind, "producer": producer.pk if producer else None},
            )
            tasks.judge.defer(table_id=table.pk)
        except Exception:
            table.file.delete(save=False)
            raise
    return table


@transaction.atomic
def confirm(*, table: Import, without_errors: bool, actor: User) -> Import:
    """Have the rows that would change something written, all or none.

    Rows with errors are left out, if somebody says so (``without_errors``). Raises NotNow,
    ErrorsNotAccepted, NothingToWrite.
    """
    table = Import.objects.select_for_update().get(pk=table.pk)
    if table.state != State.JUDGED:
        raise NotNow
    if not table.n_to_write:
        raise NothingToWrite
    if table.n_errors and not without_errors:
        raise ErrorsNotAccepted
    table.state, table.confirmed_by, table.note = State.APPLYING, actor, {}
    table.save(update_fields=["state", "confirmed_by", "note"])
    ImportProgress.objects.filter(table=table).update(done=0, total=table.n_to_write)
    audit.record(
        action="import.confirmed", actor=actor, target=table,
        before={"state": State.JUDGED}, after={"state": State.APPLYING},
    )
    tasks.apply.defer(table_id=table.pk)
    return table


@transaction.atomic
def take_back(*, table: Import, actor: User) -> Import:
    """Have everything set back as it was before. Raises NotNow."""
    table = Import.objects.select_for_update().get(pk=table.pk)
    if table.state != State.APPLIED:
        raise NotNow
    table.state, table.undone_by, table.note = State.UNDOING, actor, {}
    table.save(update_fields=["state", "undone_by", "note"])
    ImportProgress.objects.filter(table=table).update(done=0, total=table.n_to_write)
    audit.record(
        action="import.undo_asked", actor=actor, target=table,
        before={"state": State.APPLIED}, after={"state": State.UNDOING},
    )
    tasks.undo.defer(table_id=table.pk)
    return table


@transaction.atomic
def discard(*, table: Import, actor: User) -> Import:
    """Throw a table away of which nothing was written. Raises NotNow."""
    table = Import.objects.select_for_update().get(pk=table.pk)
    if table.state != State.JUDGED:
        raise NotNow
    table.state = State.DISCARDED
    table.save(update_fields=["state"])
    audit.record(
        action="import.discarded", actor=actor, target=table,
        before={"state": State.JUDGED}, after={"state": State.DISCARDED},
    )
    return table
