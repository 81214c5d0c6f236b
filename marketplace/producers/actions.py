"""Every change to a producer's profile: who it is, that it was checked, when it is closed.

Each is one transaction and writes one row of the audit. What is about a person (phone, tax
code, street) is named there as changed, without its value: an entry cannot be erased.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from oscar.apps.partner.models import Partner

from marketplace.accounts.models import User
from marketplace.kernel.fold import slugify
from marketplace.platform import audit
from marketplace.producers.errors import PauseInvalid, VerificationUnexplained
from marketplace.producers.models import Producer

#: What a profile form may write. Verification and pauses have actions of their own.
PROFILE_FIELDS = frozenset(
    {
        "kind", "name_vi", "name_en", "representative", "registration_no", "tax_code", "street",
        "commune", "phone", "answers_on_zalo", "email", "established_year", "story_vi",
        "story_en", "portrait", "preparation_days",
    }
)  # fmt: skip
_PERSONAL = frozenset({"representative", "tax_code", "street", "phone", "email"})


@transaction.atomic
def create_producer(*, values: Mapping[str, Any], actor: User | None) -> Producer:
    """Write down a new producer, not yet identified, and Oscar's partner beside it.

    ``values`` are fields of ``PROFILE_FIELDS``; others raise ValueError.
    """
    _refuse_others(values)
    slug = _free_slug(values["name_vi"])
    partner = Partner.objects.create(name=values["name_vi"][:128], code=slug)
    producer = Producer(partner=partner, slug=slug)
    _write(producer, values)
    producer.save()
    audit.record(
        action="producer.created", actor=actor, target=producer,
        before=None, after=_told(producer, values),
    )
    return producer


@transaction.atomic
def change_producer(
    *, producer: Producer, values: Mapping[str, Any], actor: User | None
) -> Producer:
    """Write the changed fields of a profile. Its address in the shop stays as it was.

    ``values`` are fields of ``PROFILE_FIELDS``; others raise ValueError. What is the same as
    before writes nothing, not even an audit row.
    """
    _refuse_others(values)
    producer = Producer.objects.select_for_update().get(pk=producer.pk)
    values = {name: value for name, value in values.items() if getattr(producer, name) != value}
    if not values:
        return producer
    before = _told(producer, values)
    _write(producer, values)
    producer.save()
    if "name_vi" in values:
        Partner.objects.filter(pk=producer.partner_id).update(name=producer.name_vi[:128])
    audit.record(
        action="producer.changed", actor=actor, target=producer,
        before=before, after=_told(producer, values),
    )
    return producer


@transaction.atomic
def remove_unused_producer(*, producer: Producer, actor: User | None) -> None:
    """Delete a producer written down by mistake, and Oscar's partner beside it.

    Whatever hangs on it (goods, orders, papers, people) protects it: the caller has looked.
    """
    partner_id = producer.partner_id
    audit.record(
        action="producer.removed", actor=actor, target=producer,
        before={"slug": producer.slug}, after=None,
    )
    producer.delete()
    Partner.objects.filter(pk=partner_id).delete()


@transaction.atomic
def verify_identity(*, producer: Producer, how: str, actor: User, now: datetime) -> Producer:
    """Note that ``actor`` has made sure who this is, and how; from now on it may sell.

    Source: 122/2025/QH15 (e-commerce). Raises VerificationUnexplained. Repeating it notes the
    newer check.
    """
    how = how.strip()
    if not how:
        raise VerificationUnexplained
    producer = Producer.objects.select_for_update().get(pk=producer.pk)
    before = _verification(producer)
    producer.identity_verified_at = now
    producer.identity_verified_by = actor
    producer.identity_verified_how = how
    producer.save()
    audit.record(
        action="producer.identity_verified", actor=actor, target=producer,
        before=before, after=_verification(producer),
    )
    return producer


@transaction.atomic
def withdraw_verification(*, producer: Producer, reason: str, actor: User) -> Producer:
    """Take a verification back: nothing of this producer is shown or sold any more.

    Raises VerificationUnexplained without a reason.
    """
    if not reason.strip():
        raise VerificationUnexplained
    producer = Producer.objects.select_for_update().get(pk=producer.pk)
    if not producer.is_identified:
        return producer
    before = _verification(producer)
    producer.identity_verified_at = producer.identity_verified_by = None
    producer.identity_verified_how = ""
    producer.save()
    audit.record(
        action="producer.verification_withdrawn", actor=actor, target=producer,
        before=before, after=_verification(producer), reason=reason.strip(),
    )
    return producer


@transaction.atomic
def set_pause(
    *,
    producer: Producer,
    paused_from: date | None,
    paused_through: date | None,
    reason_vi: str = "",
    reason_en: str = "",
    actor: User | None,
) -> Producer:
    """Close a producer between two days, both inclusive, or open it (both None).

    Raises PauseInvalid.
    """
    if (paused_from is None) != (paused_through is None) or (
        paused_from is not None and paused_through < paused_from
    ):
        raise PauseInvalid
    producer = Producer.objects.select_for_update().get(pk=producer.pk)
    before = _pause(producer)
    producer.paused_from, producer.paused_through = paused_from, paused_through
    producer.pause_reason_vi = reason_vi.strip() if paused_from else ""
    producer.pause_reason_en = reason_en.strip() if paused_from else ""
    after = _pause(producer)
    if before == after:
        return producer
    producer.save()
    audit.record(
        action="producer.pause_set" if paused_from else "producer.pause_ended",
        actor=actor, target=producer, before=before, after=after,
    )
    return producer


def _refuse_others(values: Mapping[str, Any]) -> None:
    if others := values.keys() - PROFILE_FIELDS:
        raise ValueError(f"not part of a profile: {', '.join(sorted(others))}")


def _write(producer: Producer, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(producer, name, value)


def _told(producer: Producer, names: Mapping[str, Any]) -> dict[str, Any]:
    """The values of these fields as the audit may keep them."""
    told: dict[str, Any] = {}
    for name in sorted(names):
        value = getattr(producer, name)
        if name in _PERSONAL:
            told[name] = "…" if value else ""
        else:
            told[name] = getattr(value, "pk", value)
    return told


def _verification(producer: Producer) -> dict[str, Any]:
    at = producer.identity_verified_at
    return {
        "verified_at": at.isoformat() if at else None,
        "verified_by": producer.identity_verified_by_id,
        "how": producer.identity_verified_how,
    }


def _pause(producer: Producer) -> dict[str, Any]:
    return {
        "from": producer.paused_from.isoformat() if producer.paused_from else None,
        "through": producer.paused_through.isoformat() if producer.paused_through else None,
        "reason_vi": producer.pause_reason_vi or "",
        "reason_en": producer.pause_reason_en or "",
    }


def _free_slug(name: str) -> str:
    """The name as an address, with a number behind it when another has it already."""
    base = slugify(name)[:100] or "nha-vuon"
    slug, number = base, 2
    while (
        Producer.objects.filter(slug=slug).exists() or Partner.objects.filter(code=slug).exists()
    ):
        slug, number = f"{base}-{number}", number + 1
    return slug
