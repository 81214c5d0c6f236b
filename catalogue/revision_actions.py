"""Changes of a published listing's label: proposed, judged, applied, while the old one sells.

A revision names label fields ("title_vi") and fields of units ("unit.12.net_weight_g"). Its
values are JSON; ``parse`` turns them into what the columns take and refuses the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ObjectDoesNotExist, ValidationError
from django.db import models, transaction

from catalogue.errors import (
    ReasonMissing,
    RevisionClosed,
    RevisionConflict,
    RevisionInvalid,
)
from catalogue.listing_actions import LABEL_FIELDS, UNIT_FIELDS, UnitDraft, change_listing
from catalogue.models import Product, Revision, TrustRule
from catalogue.requirements import sellable_units
from catalogue.states import ListingState
from catalogue.telling import tell_of_revision
from marketplace.accounts.models import User
from marketplace.kernel import clock
from marketplace.kernel.fold import clean_text
from marketplace.platform import audit
from marketplace.platform.dated import in_force

#: What a producer may ask to change. The set a thing belongs to is the office's to judge anew.
REVISABLE = LABEL_FIELDS - {"product_class", "hs_code", "unit_price_basis"}


@transaction.atomic
def propose(
    *, listing: Product, values: Mapping[str, Any], actor: User | None,
    now: datetime | None = None,
) -> Revision:
    """Ask for a change of a published listing; an open one is replaced by this one.

    ``values`` are Python values. What a rule of trust lets pass for this producer is applied at
    once and logged as accepted. Raises RevisionInvalid, and what ``change_listing`` raises.
    """
    now = now or clock.now()
    listing = Product.objects.select_for_update().get(pk=listing.pk)
    if listing.state not in (ListingState.PUBLISHED, ListingState.SUSPENDED):
        raise RevisionInvalid
    current = values_of(listing)
    wanted = {name: to_json(value) for name, value in values.items()}
    if not wanted or (wanted.keys() - current.keys()):
        raise RevisionInvalid
    wanted = {n: v for n, v in wanted.items() if (v or None) != (current[n] or None)
              or (n == "allergens" and v != current[n])}
    if not wanted:
        raise RevisionInvalid
    parse(wanted)
    listing.revisions.filter(state=Revision.State.PENDING).update(
        state=Revision.State.WITHDRAWN, decided_by=actor, decided_at=now
    )
    revision = Revision.objects.create(
        listing=listing, values=wanted, base={name: current[name] for name in wanted},
        proposed_by=actor, proposed_at=now,
    )
    audit.record(
        action="catalogue.revision_proposed", actor=actor, target=listing,
        before=revision.base, after=wanted,
    )
    rule = trust_rule_for(listing, wanted, clock.local_date(now))
    if rule is not None:
        _apply(listing, revision, actor)
        revision.trust_rule = rule
        _close(revision, Revision.State.ACCEPTED, None, now)
    return revision


@transaction.atomic
def accept(*, revision: Revision, actor: User | None, now: datetime | None = None) -> Revision:
    """Write a revision to its listing. Raises RevisionClosed, RevisionConflict, and what
    ``change_listing`` raises (a published listing may not lose what the law wants)."""
    listing, revision = _locked_open(revision)
    current = values_of(listing)
    if changed := sorted(n for n, v in revision.base.items() if current.get(n) != v):
        raise RevisionConflict(changed)
    _apply(listing, revision, actor)
    return _close(revision, Revision.State.ACCEPTED, actor, now or clock.now())


@transaction.atomic
def decline(
    *, revision: Revision, reason: str, actor: User | None, now: datetime | None = None
) -> Revision:
    """Leave the listing as it is and say why. Raises ReasonMissing, RevisionClosed."""
    reason = clean_text(reason).replace("\x00", "").strip()
    if not reason:
        raise ReasonMissing
    _listing, revision = _locked_open(revision)
    revision.reason = reason[:500]
    return _close(revision, Revision.State.DECLINED, actor, now or clock.now())


@transaction.atomic
def withdraw_revision(
    *, revision: Revision, actor: User | None, now: datetime | None = None
) -> Revision:
    """Take an open revision back. Raises RevisionClosed."""
    _listing, revision = _locked_open(revision)
    return _close(revision, Revision.State.WITHDRAWN, actor, now or clock.now())


def values_of(listing: Product) -> dict[str, Any]:
    """What a revision may change, as it stands: name → JSON."""
    values = {name: to_json(getattr(listing, name)) for name in REVISABLE}
    for unit in sellable_units(listing):
        for name in UNIT_FIELDS:
            values[f"unit.{unit.pk}.{name}"] = to_json(getattr(unit, name))
    return values


def to_json(value: Any) -> Any:
    """A column's value as a revision keeps it."""
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, (list, tuple)):
        return sorted(value)
    return value


def parse(values: Mapping[str, Any]) -> dict[str, Any]:
    """What the columns take. Raises RevisionInvalid."""
    return {name: _parsed(name.rsplit(".", 1)[-1], value) for name, value in values.items()}


def trust_rule_for(
    listing: Product, values: Mapping[str, Any], day: date
) -> TrustRule | None:
    """The producer's rule of ``day`` when all of these pass under it, or None."""
    names = {name.rsplit(".", 1)[-1] for name in values}
    return TrustRule.objects.filter(
        in_force(day), producer=listing.producer_id, fields__contains=sorted(names)
    ).first()


def _apply(listing: Product, revision: Revision, actor: User | None) -> None:
    values = parse(revision.values)
    label = {name: value for name, value in values.items() if not name.startswith("unit.")}
    by_unit: dict[int, dict[str, Any]] = {}
    for name, value in values.items():
        if name.startswith("unit."):
            _unit, pk, field = name.split(".")
            by_unit.setdefault(int(pk), {})[field] = value
    units = {unit.pk: unit for unit in sellable_units(listing)}
    drafts = [
        UnitDraft(
            unit_id=pk, values=changed,
            label_vi=(units[pk].title_vi or "") if units[pk].is_child else "",
            label_en=(units[pk].title_en or "") if units[pk].is_child else "",
            is_on_sale=True,
        )
        for pk, changed in by_unit.items()
        if pk in units
    ]
    change_listing(listing=listing, values=label, units=drafts or None, actor=actor)


def _locked_open(revision: Revision) -> tuple[Product, Revision]:
    """The listing first, as everywhere, then its revision; both held."""
    listing = Product.objects.select_for_update().get(pk=revision.listing_id)
    revision = Revision.objects.select_for_update().get(pk=revision.pk)
    if revision.state != Revision.State.PENDING:
        raise RevisionClosed
    return listing, revision


def _close(
    revision: Revision, state: Revision.State, actor: User | None, now: datetime
) -> Revision:
    revision.state, revision.decided_by, revision.decided_at = state, actor, now
    revision.save()
    audit.record(
        action=f"catalogue.revision_{state}", actor=actor, target=revision.listing,
        before={"state": "pending"}, after={"state": str(state)}, reason=revision.reason,
    )
    tell_of_revision(revision)
    return revision


def _parsed(name: str, value: Any) -> Any:
    try:
        field = Product._meta.get_field(name)
    except FieldDoesNotExist as error:
        raise RevisionInvalid from error
    try:
        if isinstance(field, models.ForeignKey):
            return field.related_model.objects.get(pk=value) if value is not None else None
        if isinstance(value, str):
            value = clean_text(value).replace("\x00", "")
        if value is None and not field.null:
            raise RevisionInvalid
        return field.clean(value, None) if value not in (None, "", []) else value
    except (ValidationError, ObjectDoesNotExist) as error:
        raise RevisionInvalid from error
