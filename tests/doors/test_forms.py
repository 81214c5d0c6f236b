"""Every form of the desks, sent as it stands and with more in it than it has.

The forms are found by walking through the desks link by link as each role, and every field of
every model that is not in a form is posted beside its valid data: a new page, form or field is
covered by itself. What a form does not have is ignored or refused (R17), and whatever somebody
changes is in the audit with who, when and what (R30).
"""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.db import models, transaction
from django.urls import NoReverseMatch, URLPattern, get_resolver, reverse
from django.utils import translation

from catalogue.models import Product
from marketplace.accounts.roles import Role
from marketplace.kernel import clock
from marketplace.payments.models import Transfer
from marketplace.platform.models import AuditEntry
from marketplace.producers.models import Producer
from tests.doors import rows, walking
from tests.doors.walking import Door
from tests.doors.world import CO_OPERATIVE, HELPER, MEMBER, OWNER, PACKER, World

pytestmark = pytest.mark.django_db

PORTAL, OFFICE = ("portal:",), ("office_",)
DESKS = {
    OWNER: PORTAL, MEMBER: PORTAL, PACKER: PORTAL, HELPER: PORTAL, CO_OPERATIVE: PORTAL,
    Role.OPERATOR.value: OFFICE, Role.FINANCE.value: OFFICE, Role.OCOP_OFFICER.value: OFFICE,
    Role.TRANSLATOR.value: OFFICE, Role.AREA_OFFICER.value: OFFICE,
}  # fmt: skip
#: Who is looked at where not everybody is (``--full``).
FEW = (OWNER, HELPER, Role.OPERATOR.value, Role.FINANCE.value)

#: Addresses that only show something (views of the office answer a POST by 405), that change the
#: session alone, or that are for visitors (``tests/producers/test_letters.py``).
READ_ONLY = {
    "portal:helping_stop", "portal:letter",
    "portal:home", "portal:money", "portal:parcels", "portal:parcels_one", "portal:parcels_day",
    "portal:parcels_photo", "portal:parcels_paper", "portal:papers", "portal:imports_table",
    "portal:imports_errors", "portal:imports_template", "portal:listings", "portal:listing",
    "portal:listings_preview", "portal:helping", "portal:more", "portal:team", "portal:invitations",
    "office_rules:table", "office_rules:history", "office_rules:export",
    "office_vouchers:codes_xlsx", "office_vouchers:codes_csv",
}  # fmt: skip
#: Forms of many parts, with days to come or with a look before they write, that nobody fills by
#: rote, or that stand there after another was sent. Each is filled by hand in tests/office
#: (stock, listings, money, rules, vouchers, invoices) and tests/portal (team, profile, listings,
#: listing_steps).
FILLED_ELSEWHERE = {
    "office_stock:index", "office_listings:add", "portal:team_undo", "portal:invitation",
    "portal:listings_photos", "portal:listings_price", "portal:parcels_invoice",
    "portal:profile_rest", "portal:profile_delivery", "portal:team_member",
    "office_payouts:undo", "office_vouchers:add", "office_vouchers:edit", "office_vouchers:stop",
    "office_rules:new", "office_rules:change", "office_rules:withdraw",
    "office_rules:working_days", "office_rules:working_days_remove",
}  # fmt: skip
#: Rows that stand behind what somebody has only begun: nothing of the market's changed.
BEGUN = {"catalogue_halfstep"}

#: What nobody may set by naming it.
COVETED = {
    "state": "published", "status": "completed", "is_public": "on", "is_published": "on",
    "stars": "5", "rank": "5", "price": "1", "role": "owner", "is_superuser": "on",
    "is_staff": "on", "is_active": "on", "kind": "cooperative", "num_in_stock": "9999",
}  # fmt: skip


def starts(role: str) -> list[str]:
    """Where somebody begins to walk: every page without a placeholder."""
    with translation.override("vi"):
        return [
            reverse(name) for name in names(DESKS[role])
            if name not in ("portal:letter",) and _has_no_placeholder(name)
        ]


def names(spaces: tuple[str, ...]) -> list[str]:
    """All names of addresses that begin so."""
    found = []

    def walk(patterns: Any, space: str) -> None:
        for entry in patterns:
            if isinstance(entry, URLPattern):
                if entry.name and f"{space}{entry.name}".startswith(spaces):
                    found.append(f"{space}{entry.name}")
            else:
                walk(entry.url_patterns, f"{entry.namespace}:" if entry.namespace else space)

    walk(get_resolver().url_patterns, "")
    return list(dict.fromkeys(found))


def _has_no_placeholder(name: str) -> bool:
    try:
        reverse(name)
    except NoReverseMatch:
        return False
    return True


def fields(world: World) -> dict[str, str]:
    """A value that nobody should be able to set, for every field of every model of ours."""
    found: dict[str, str] = {}
    for model in apps.get_models():
        if not model.__module__.startswith(("marketplace.", "catalogue.", "oscar.")):
            continue
        for field in model._meta.concrete_fields:
            for name in {field.name, field.attname} - {"id", "pk", "password"}:
                found.setdefault(name, _hostile(field, world))
    strange = str(world.other.pk)
    return {
        **found, **COVETED, "producer": strange, "producer_id": strange,
        "partner": str(world.other.partner_id), "partner_id": str(world.other.partner_id),
    }  # fmt: skip


def _hostile(field: models.Field, world: World) -> str:
    if field.is_relation:
        newest = field.related_model._default_manager.order_by("-pk").first()
        return str(newest.pk) if newest is not None else "1"
    if field.choices:
        return str(field.choices[-1][0])
    if isinstance(field, models.BooleanField):
        return "on"
    if isinstance(field, models.IntegerField | models.DecimalField):
        return "77"
    if isinstance(field, models.DateTimeField):
        return "2026-01-01T00:00"
    return "2026-01-01" if isinstance(field, models.DateField) else "CÀI LÉN"


def typed(world: World) -> dict[str, dict[str, Any]]:
    """Values that a form needs and that nobody can guess from its fields' names, by address."""
    waiting = Transfer.objects.filter(state="awaiting").first()
    asked = Producer.objects.get(name_vi="HTX Mỹ Xương")
    return {
        "office_receipts:match": {"m-reference": waiting.reference},
        "office_helpers:index": {
            "producer": world.garden.pk, "agent": "", "agent_producer": asked.pk,
            "consented_on": f"{clock.today():%Y-%m-%d}", "valid_through": "",
        },
    }  # fmt: skip


class Attempt:
    """One form sent in a transaction that is rolled back: what it answered and changed."""

    def __init__(
        self, world: World, role: str, door: Door, data: dict[str, Any], counters: rows.Counters
    ) -> None:
        client = world.clients[role]
        cookies = {key: morsel.value for key, morsel in client.cookies.items()}
        counters.take_back()
        newest = AuditEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        with transaction.atomic():
            answer = walking.send(client, door, data)
            self.status = answer.status_code
            self.error = repr(answer.exc_info[1]) if self.status >= 500 else ""
            self.rows = rows.digest()
            self.entries = list(AuditEntry.objects.filter(pk__gt=newest))
            transaction.set_rollback(True)
        client.cookies.clear()
        for key, value in cookies.items():
            client.cookies[key] = value


def accepted(
    world: World, role: str, door: Door, before: dict[str, str], counters: rows.Counters
) -> tuple[dict[str, Any], Attempt] | None:
    """Valid data for a form, and what it does; None when nothing of what is tried changes rows.

    What breaks is handed back too.
    """
    for data in walking.fillings(door, typed(world)):
        attempt = Attempt(world, role, door, data, counters)
        if attempt.error:
            return data, attempt
        if attempt.rows != before:
            return data, attempt
    return None


def test_what_a_form_does_not_have_is_ignored_and_what_it_changes_is_audited(
    world, pytestconfig
):
    is_full = pytestconfig.getoption("--full")
    roles = [role for role in DESKS if is_full or role in FEW]
    found = {
        role: list(walking.doors(world.clients[role], starts(role), DESKS[role]))
        for role in roles
    }
    known = walking.by_name([door for doors in found.values() for door in doors])
    extra, before, counters = fields(world), rows.digest(), rows.Counters()
    surprises, opened, sent = [], set(), set()
    for role, doors in found.items():
        for door in doors:
            sent.add(door.name)
            valid = accepted(world, role, door, before, counters)
            if valid is None:
                continue
            data, plain = valid
            opened.add(door.name)
            what = f"{door.name} {door.path} as {role}, {door.button}"
            if plain.error:
                surprises.append(f"{what}: {plain.error} from {data}")
                continue
            surprises += [f"{what}: {fault}" for fault in unaudited(world, role, before, plain)]
            more = {name: value for name, value in extra.items() if name not in known[door.name]}
            prefixes = {name.rpartition("-")[0] for name in data if "-0-" in name}
            more |= {
                f"{prefix}-{name}": value
                for prefix in prefixes for name, value in extra.items()
                if f"{prefix}-{name}" not in known[door.name]
            }  # fmt: skip
            full = Attempt(world, role, door, {**more, **data}, counters)
            if full.error:
                surprises.append(f"{what}: {full.error} with more")
            elif full.rows not in (plain.rows, before):
                tables = rows.changed(plain.rows, full.rows) - BEGUN
                if tables:
                    surprises.append(f"{what}: wrote what it does not have, in {sorted(tables)}")
    assert not surprises, "\n" + "\n".join(surprises)
    missing = [
        name for name in names((*PORTAL, *OFFICE))
        if name not in opened | READ_ONLY | FILLED_ELSEWHERE and not _only_shows(world, name)
    ]  # fmt: skip
    assert not missing, f"No valid form was sent to {missing}; of these were seen: " + str(
        sorted(set(missing) & sent)
    )


def unaudited(
    world: World, role: str, before: dict[str, str], attempt: Attempt
) -> list[str]:
    """What is missing in the audit of a change."""
    tables = rows.changed(before, attempt.rows) - {"platform_auditentry"}
    if tables <= BEGUN:
        return []
    mine = [entry for entry in attempt.entries if entry.user_id == world.people[role].pk]
    if not mine:
        return [f"changed {sorted(tables)} without an entry of who did it"]
    faults = []
    if not any(entry.before is not None or entry.after is not None for entry in mine):
        faults.append(f"changed {sorted(tables)} without saying what")
    if any(entry.timestamp != clock.now() for entry in mine):
        faults.append("an entry of another time")
    if role in (HELPER, CO_OPERATIVE) and any(
        entry.acting_for != world.garden.name for entry in mine
    ):
        faults.append("does not say for whom somebody acted")
    return faults


def _only_shows(world: World, name: str) -> bool:
    """Whether a page of the office takes no POST."""
    if not name.startswith(OFFICE):
        return False
    client = world.clients[Role.OPERATOR.value]
    for arguments in ([], [1], ["prices"]):
        try:
            path = reverse(name, args=arguments)
        except NoReverseMatch:
            continue
        return client.post(path).status_code == 405
    return False


def test_the_walk_would_notice(world, monkeypatch):
    """The unguarded twin: a form that writes whatever is posted is found."""
    from marketplace.portal.views import listings

    real = listings.stock

    def careless(request, pk):
        answer = real(request, pk=pk)
        if "state" in request.POST:
            Product.objects.filter(pk=pk).update(summary_vi=request.POST["state"])
        return answer

    door = next(
        door for door in walking.doors(
            world.clients[OWNER], starts(OWNER), PORTAL
        ) if door.name == "portal:listings_stock"
    )  # fmt: skip
    before, counters = rows.digest(), rows.Counters()
    data, plain = accepted(world, OWNER, door, before, counters)
    again = Attempt(world, OWNER, door, data, counters)
    assert again.rows == plain.rows != before
    pattern = next(
        entry for entry in _patterns(get_resolver()) if entry.name == "listings_stock"
    )
    monkeypatch.setattr(pattern, "callback", careless)
    caught = Attempt(world, OWNER, door, {**data, "state": "published"}, counters)
    assert rows.changed(plain.rows, caught.rows) == {"catalogue_product"}


def _patterns(resolver: Any) -> Any:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLPattern):
            yield entry
        else:
            yield from _patterns(entry)
