"""Applications to sell: handed in by anybody, judged by the office."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from marketplace.accounts.models import User
from marketplace.platform import audit, outbox
from marketplace.producers import actions
from marketplace.producers.errors import AlreadyJudged, RefusalUnexplained
from marketplace.producers.models import Producer, SellerApplication

#: Crockford's letters: no I, L, O, U, so that a number survives the telephone.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
#: What an application and a profile have in common.
_SHARED = (
    "kind", "representative", "registration_no", "tax_code", "phone", "email", "street", "commune",
)  # fmt: skip


@transaction.atomic
def apply_to_sell(
    *, values: Mapping[str, Any], language: str, now: datetime
) -> SellerApplication:
    """Write down an application; the applicant with an e-mail address hears that it came."""
    application = SellerApplication.objects.create(
        number="HS" + "".join(secrets.choice(_ALPHABET) for _letter in range(6)),
        language=language,
        created_at=now,
        consented_at=now,
        **values,
    )
    audit.record(
        action="application.received", actor=None, target=application,
        before=None, after={"state": application.state, "kind": application.kind},
    )
    _tell(application, "application_received")
    return application


@transaction.atomic
def accept(*, application_id: int, actor: User, now: datetime) -> Producer:
    """Make a producer, not yet identified, of an application. Raises AlreadyJudged."""
    application = _open(application_id)
    producer = actions.create_producer(
        values={
            **{name: getattr(application, name) for name in _SHARED},
            "name_vi": application.name,
        },
        actor=actor,
    )
    application.producer = producer
    _judge(application, SellerApplication.State.ACCEPTED, "", actor, now)
    return producer


@transaction.atomic
def decline(
    *, application_id: int, reason: str, actor: User, now: datetime
) -> SellerApplication:
    """Say no, and why: the applicant reads it. Raises AlreadyJudged, RefusalUnexplained."""
    if not reason.strip():
        raise RefusalUnexplained
    application = _open(application_id)
    _judge(application, SellerApplication.State.DECLINED, reason.strip(), actor, now)
    return application


def _open(application_id: int) -> SellerApplication:
    application = (
        SellerApplication.objects.select_for_update(of=("self",))
        .select_related("commune")
        .get(pk=application_id)
    )
    if application.state != SellerApplication.State.NEW:
        raise AlreadyJudged
    return application


def _judge(
    application: SellerApplication, state: str, reason: str, actor: User, now: datetime
) -> None:
    application.state, application.reason = state, reason
    application.judged_at, application.judged_by = now, actor
    application.save()
    audit.record(
        action=f"application.{state}", actor=actor, target=application,
        before={"state": SellerApplication.State.NEW}, after={"state": state}, reason=reason,
    )
    _tell(application, f"application_{state}")


def _tell(application: SellerApplication, template: str) -> None:
    """By e-mail, else by SMS where a gateway is set."""
    outbox.tell(
        email=application.email,
        phone=application.phone,
        template=template,
        language=application.language,
        context={
            "number": application.number,
            "name": application.name,
            "recipient": application.representative,
            "reason": application.reason,
        },
        dedupe_key=f"application:{application.number}:{application.state}",
    )
