"""The append-only record of who did what to money, ranks, traces and people's orders.

Entries are written in the transaction of what they record, so both stand or neither. The
database refuses to change or delete them; ``erasure_allowed`` is the one way around, for
emptying a demonstration or a test database.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from django.contrib.contenttypes.models import ContentType
from django.db import connection, models, transaction

from marketplace.kernel import clock
from marketplace.platform.audit_values import remember, request_id, snapshot
from marketplace.platform.models import AuditEntry

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

__all__ = [
    "AuditEntry", "acting_for", "declare", "entry", "erasure_allowed", "labels", "record",
    "record_all", "remember", "snapshot",
]  # fmt: skip

_labels: dict[str, str] = {}
#: For whom the person at the keyboard does this request's work.
_acting_for: ContextVar[str] = ContextVar("acting_for", default="")


def declare(actions: Mapping[str, str]) -> None:
    """Say in words what actions are called in histories: name → translatable label.

    Called at import or in ``AppConfig.ready``. An undeclared action is shown by its name.
    """
    _labels.update(actions)


def labels() -> dict[str, str]:
    """All declared actions with their labels."""
    return dict(_labels)


def record(
    *,
    action: str,
    actor: AbstractBaseUser | None,
    target: models.Model | None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str = "",
    on_behalf_of: AbstractBaseUser | None = None,
) -> AuditEntry:
    """Write one entry, in the caller's transaction.

    ``action`` is like "order.cancelled"; ``actor`` None means the system itself. ``before`` and
    ``after`` hold the values that changed, JSON or what Django turns into it, and nothing about
    a person: an entry cannot be erased. ``on_behalf_of`` is for whom a desk acted.
    """
    made = entry(
        action=action, actor=actor, target=target, before=before, after=after, reason=reason,
        on_behalf_of=on_behalf_of,
    )
    made.save(force_insert=True)
    return made


def record_all(entries: Iterable[AuditEntry]) -> None:
    """Write many entries made by ``entry``, in the caller's transaction."""
    AuditEntry.objects.bulk_create(entries, batch_size=1000)


def entry(
    *,
    action: str,
    actor: AbstractBaseUser | None,
    target: models.Model | None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str = "",
    on_behalf_of: AbstractBaseUser | None = None,
) -> AuditEntry:
    """An entry as ``record`` writes it, not yet written: for ``record_all``."""
    return AuditEntry(
        action=action,
        timestamp=clock.now(),
        user_id=_pk(actor),
        on_behalf_of_id=_pk(on_behalf_of),
        acting_for=_acting_for.get(),
        content_type=ContentType.objects.get_for_model(target, for_concrete_model=False)
        if target is not None
        else None,
        object_id=str(target.pk) if target is not None else "",
        label=AuditEntry.objects.get_instance_title(target) if target is not None else "",
        before=before,
        after=after,
        content_changed=before != after,
        reason=reason,
        request_id=request_id(),
    )


@contextmanager
def acting_for(label: str) -> Iterator[None]:
    """Name in every entry written meanwhile for whom somebody acts, beside who acts.

    ``label`` is a producer's name; the producer need not have an account.
    """
    token = _acting_for.set(label[:160])
    try:
        yield
    finally:
        _acting_for.reset(token)


@contextmanager
def erasure_allowed(reason: str) -> Iterator[None]:
    """Let this transaction change and delete audit entries and Wagtail's logs.

    Only for resetting a demonstration and for emptying a test database. ``reason`` is what the
    session's setting ``ocop.allow_audit_erase`` says meanwhile.
    """
    if not reason:
        raise ValueError("erasing the audit needs a reason")
    with transaction.atomic():
        _set_erasure(reason)
        try:
            yield
        finally:
            # After a database error the transaction is lost anyway, and the setting with it.
            if not connection.needs_rollback:
                _set_erasure("")


def _set_erasure(reason: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('ocop.allow_audit_erase', %s, true)", [reason])


def _pk(user: AbstractBaseUser | None) -> Any:
    # An anonymous visitor has no number either.
    return user.pk if user is not None else None
