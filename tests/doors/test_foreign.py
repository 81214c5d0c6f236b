"""Whose things are whose (R16): every address of the desks with an object in it, asked for
somebody else's; and the desk opened for a grower, with a consent that stands or does not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import get_resolver, reverse

from catalogue.models import Product
from marketplace.accounts.roles import Role
from marketplace.imports.models import Import
from marketplace.kernel import clock
from marketplace.orders.models import Consignment
from marketplace.producers.models import AreaAssignment, Delegation, Paper, Producer
from tests.doors.test_forms import names
from tests.doors.world import (
    CO_OPERATIVE,
    HELPER,
    MEMBER,
    OWNER,
    PACKER,
    World,
    hand_in_paper,
    member,
)
from tests.factories.accounts import make_staff, sign_in
from tests.factories.catalogue import make_producer
from tests.permissions.routes import all_routes

pytestmark = pytest.mark.django_db


def placeholders() -> dict[str, list[str]]:
    """Name of an address of the producers' desk → its placeholders, where it has any."""
    found = {}
    for names_, pattern in get_resolver("marketplace.portal.urls").reverse_dict.items():
        if isinstance(names_, str):
            arguments = pattern[0][0][1] if hasattr(pattern[0][0], "__len__") else []
            if arguments:
                found[names_] = list(arguments)
    return found


#: What stands in a placeholder that names no object: each value is everybody's.
COMMON = {"kind": "prices", "step": "what", "paper": "label", "key": "x"}


def thing(name: str, placeholder: str, producer: Producer) -> Any:
    """A producer's own object for a placeholder; KeyError for an address nobody thought of."""
    if placeholder in COMMON:
        return {"listings_do": "rest"}.get(name, COMMON[placeholder])
    if name == "papers_hand_in":
        return "food-safety-commitment"
    if placeholder == "number":
        states = {"confirm": "new", "decline": "new", "parcels_paper": "confirmed"}
        rows = Consignment.objects.filter(producer=producer)
        return rows.filter(state=states.get(name, "packed")).earliest("pk").number
    if name.startswith("listing"):
        return Product.objects.get(producer=producer, title_vi="Xoài cát").pk
    if name.startswith("imports"):
        return Import.objects.filter(producer=producer).first().pk
    if name == "team_member":
        return producer.memberships.latest("pk").pk
    if name.startswith("team"):
        return producer.invitations.get().pk
    return {"helping_start": producer.pk}[name]


def ask(client: Client, method: str, path: str) -> Any:
    """A request that leaves nothing behind."""
    with transaction.atomic():
        answer = getattr(client, method)(path)
        transaction.set_rollback(True)
    return answer


#: Addresses whose placeholder is no object of a producer.
OF_NOBODY = {"imports_template", "papers_hand_in", "invitation"}


@pytest.mark.parametrize("role", [OWNER, MEMBER, PACKER, HELPER, CO_OPERATIVE])
def test_another_producers_thing_is_not_there(world, role):
    client, surprises, reached = world.clients[role], [], 0
    for name, wanted in placeholders().items():
        if name in OF_NOBODY:
            continue
        for producer in (world.other, world.garden):
            path = reverse(f"portal:{name}", args=[thing(name, p, producer) for p in wanted])
            statuses = {ask(client, method, path).status_code for method in ("get", "post")}
            if producer == world.other and statuses - {404, 405, 403}:
                surprises.append(f"{name} as {role}: {statuses} for somebody else's")
            if producer == world.other and not statuses & {403, 404}:
                surprises.append(f"{name} as {role}: {statuses} says that it is there")
            reached += producer == world.garden and bool(statuses & {200, 302, 422})
    assert not surprises, "\n".join(surprises)
    # The same addresses do open one's own.
    assert reached > (3 if role == PACKER else 10)


def test_a_foreign_producer_named_beside_is_not_taken(world):
    client = world.clients[OWNER]
    for path in (
        reverse("portal:imports_template", args=["prices"]),
        reverse("portal:papers_hand_in", args=["food-safety-commitment"]),
        reverse("portal:listings_new"),
    ):
        asked = client.get(path, {"producer": world.other.pk})
        assert asked.status_code == 404, path
    posted = client.post(
        reverse("portal:listings_new"), {"title_vi": "X", "producer": world.other.pk}
    )
    assert posted.status_code == 404
    posted = hand_in_as(client, world.other)
    assert posted.status_code == 404


def hand_in_as(client: Client, producer: Producer) -> Any:
    today = clock.today()
    return client.post(
        reverse("portal:papers_hand_in", args=["food-safety-commitment"]),
        {
            "number": "1", "issuer": "UBND", "issued_on": f"{today:%Y-%m-%d}",
            "valid_through": f"{today + timedelta(days=9):%Y-%m-%d}", "producer": producer.pk,
        },
    )  # fmt: skip


def _withdraw(world: World) -> None:
    Delegation.objects.update(
        withdrawn_at=clock.now(), withdrawn_by=world.people[Role.OPERATOR]
    )


def _let_expire(world: World) -> None:
    Delegation.objects.update(
        consented_on=clock.today() - timedelta(days=9),
        valid_through=clock.today() - timedelta(days=1),
    )


def _never_asked(world: World) -> None:
    Delegation.objects.all().delete()


def _move_away(world: World) -> None:
    """The officer gets another area; a co-operative has none."""
    AreaAssignment.objects.all().delete()
    Delegation.objects.filter(agent__isnull=True).delete()


def _lock_out(world: World) -> None:
    for role in (HELPER, CO_OPERATIVE):
        world.people[role].is_active = False
        world.people[role].save()


@pytest.mark.parametrize("role", [HELPER, CO_OPERATIVE])
@pytest.mark.parametrize(
    "end", [_withdraw, _let_expire, _never_asked, _move_away, _lock_out]
)
def test_without_a_consent_that_stands_the_desk_is_shut(world, role, end):
    client = world.clients[role]
    opened = client.get(reverse("portal:parcels"))
    assert (opened.status_code, world.garden.name in opened.content.decode()) == (200, True)
    parcel = Consignment.objects.filter(producer=world.garden, state="new").first()
    end(world)
    # The co-operative's people have a desk of their own.
    may_open = {"letter", "invitations"} if role == HELPER else {
        name.removeprefix("portal:") for name in names(("portal:",))
    } - placeholders().keys()  # fmt: skip
    surprises = []
    for name in names(("portal:",)):
        short = name.removeprefix("portal:")
        wanted = placeholders().get(short, [])
        path = reverse(name, args=[thing(short, p, world.garden) for p in wanted])
        for method in ("get", "post"):
            answer = ask(client, method, path)
            body = answer.content.decode(errors="replace")
            if answer.status_code == 200 and short not in may_open | OF_NOBODY:
                surprises.append(f"{name}: 200")
            if world.garden.name in body or parcel.order.details.recipient in body:
                surprises.append(f"{name}: tells of the grower")
    assert not surprises, "\n".join(surprises)
    parcel.refresh_from_db()
    assert parcel.state == "new"


def test_an_area_officer_reads_of_the_own_communes_alone(world):
    """List, search, export, object, history, papers and scans of the market's desk."""
    client = sign_in(Client(), world.people[Role.AREA_OFFICER])
    far = sign_in(Client(), member(world.other, OWNER))
    theirs, own = hand_in_paper(far), hand_in_paper(world.clients[OWNER])
    index = reverse("office_producers:index")
    for path in (
        index, f"{index}?q=Sen", reverse("office_producers:index_results"), f"{index}?export=csv",
        f"{index}?export=xlsx", reverse("office_papers:index"),
    ):
        answer = client.get(path)
        assert answer.status_code == 200
        data = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert world.other.name.encode() not in data, path
        if "q=" not in path and "xlsx" not in path:
            assert world.garden.name.encode() in data, path
    for name, mine, foreign in (
        ("producers:edit", world.garden.pk, world.other.pk),
        ("producers:history", world.garden.pk, world.other.pk),
        ("papers:scan", own.pk, theirs.pk),
    ):
        assert client.get(reverse(f"office_{name}", args=[foreign])).status_code == 404, name
        if name != "papers:scan":
            assert client.get(reverse(f"office_{name}", args=[mine])).status_code == 200, name
    for name in ("listings", "orders", "stock", "receipts", "refunds", "payouts", "imports"):
        assert client.get(reverse(f"office_{name}:index")).status_code == 403, name
    assert client.post(reverse("office_papers:judge", args=[own.pk]), {}).status_code == 403
    assert Paper.objects.get(pk=own.pk).judged_at is None


def test_an_officer_without_an_area_sees_nobody(world):
    client = sign_in(Client(), make_staff(Role.AREA_OFFICER))
    for name in ("producers", "papers"):
        body = client.get(reverse(f"office_{name}:index")).content.decode()
        assert world.garden.name not in body
        assert world.other.name not in body


@pytest.mark.parametrize("role", [Role.AREA_OFFICER, Role.TRANSLATOR, Role.TOURISM_EDITOR])
def test_choosers_tell_nothing_that_the_lists_do_not(world, role):
    """What a chooser of the admin offers is on sale for everybody, or seen at a desk."""
    client = sign_in(Client(), make_staff(role))
    draft = Product.objects.filter(producer=world.other, is_public=False).first()
    hidden = make_producer("Vườn Chưa Xét", verified=False)
    for route in all_routes():
        if "chooser" not in route.key or "<" in route.key or "create" in route.key:
            continue
        answer = client.get(f"/{route.pattern.strip('^$')}")
        if answer.status_code != 200:
            continue
        body = answer.content.decode()
        assert hidden.name not in body, route.key
        if role != Role.TRANSLATOR:
            assert draft.title_vi not in body, route.key
    chosen = client.get(reverse("product_chooser:chosen", args=[draft.pk]))
    assert (chosen.status_code == 200) == (role == Role.TRANSLATOR)
    several = client.get(reverse("product_chooser:chosen_multiple"), {"id": draft.pk})
    found = {str(row["id"]) for row in several.json()["result"]}
    assert found == ({str(draft.pk)} if role == Role.TRANSLATOR else set())


@pytest.mark.parametrize("name", sorted(
    name for name in names(("office_",)) if name.endswith((":history", ":edit", ":order"))
))  # fmt: skip
def test_a_row_that_is_not_there_is_404_for_all_who_may_look(world, name):
    for role in (Role.OPERATOR, Role.FINANCE, Role.OCOP_OFFICER):
        answer = world.clients[role].get(reverse(name, args=[10**9]))
        assert answer.status_code in (404, 403), (name, role)
    assert world.clients[Role.OPERATOR].get(reverse(name, args=[10**9])).status_code == 404
