"""A small market in which every desk has something to do, and somebody of each kind."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from catalogue import revision_actions
from catalogue.models import Product
from marketplace.accounts.models import User
from marketplace.accounts.roles import Role
from marketplace.imports import actions as imports
from marketplace.imports import working
from marketplace.imports.models import Import
from marketplace.kernel import clock
from marketplace.orders import actions as orders
from marketplace.orders.actions import Missing
from marketplace.orders.actors import Actor
from marketplace.orders.models import Chase, Consignment
from marketplace.payments import payout_actions, receipt_actions, refund_actions, transfer_actions
from marketplace.payments.models import CodLimits
from marketplace.producers import delegation_actions, team_actions
from marketplace.producers.models import Delegation, Membership, Paper, Producer
from tests.factories.accounts import make_staff, make_user, sign_in
from tests.factories.catalogue import make_category, make_commune, make_producer, make_product
from tests.factories.orders import make_destination, make_order, make_tariff
from tests.factories.payments import make_transfer_order, receive
from tests.imports.conftest import workbook
from tests.orders.conftest import ANYBODY, bring

ACCOUNT = {"bank_bin": "970436", "account_no": "12345678", "holder": "TRAN VAN BAY"}
OWNER, MEMBER, PACKER, HELPER, CO_OPERATIVE = "owner", "staff", "packer", "helper", "co-operative"


@dataclass
class World:
    """``garden`` is the grower whose desk is looked at; ``other`` is a stranger to them."""

    garden: Producer
    other: Producer
    people: dict[str, User] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)

    def add(self, name: str, user: User) -> None:
        self.people[name] = user
        self.clients[name] = sign_in(Client(raise_request_exception=False), user)

    def parcels(self, producer: Producer) -> list[Consignment]:
        return list(Consignment.objects.filter(producer=producer).order_by("pk"))


def member(producer: Producer, role: str) -> User:
    """A new person in a producer's team."""
    user = make_user()
    Membership.objects.create(producer=producer, user=user, role=role)
    return user


def make_world() -> World:
    make_tariff()
    CodLimits.objects.update(
        order_amount_max=10**8, new_phone_amount_max=10**8, open_orders_max=1000
    )
    make_category("Đặc sản")
    garden = make_producer("Vườn Út Lành", phone="+84911222333")
    other = make_producer("Hương Sen", commune=make_commune("Tân Hồng"))
    world = World(garden, other)
    for role in (OWNER, MEMBER, PACKER):
        world.add(role, member(garden, role))
    for role in Role:
        world.add(role.value, make_staff(role))
    world.add(HELPER, world.people[Role.AREA_OFFICER])
    _with_consent(world)
    for producer in (garden, other):
        _goods(world, producer)
        _parcels(world, producer)
        _tables(world, producer)
    for producer, phone in ((garden, "+84908000222"), (other, "+84908000333")):
        team_actions.invite(
            producer=producer, phone=phone, role=Membership.Role.STAFF, language="vi",
            actor=world.people[OWNER], now=clock.now(),
        )
    member(other, PACKER)
    _money(world)
    _newcomers()
    return world


def _with_consent(world: World) -> None:
    clerk = world.people[Role.OPERATOR]
    officer = world.people[Role.AREA_OFFICER]
    delegation_actions.set_area(
        user=officer, commune_ids={world.garden.commune_id}, actor=clerk
    )
    association = make_producer("HTX Cao Lãnh", kind=Producer.Kind.COOPERATIVE)
    world.add(CO_OPERATIVE, member(association, OWNER))
    # Lets a co-operative be asked at the office, too.
    make_producer("HTX Mỹ Xương", kind=Producer.Kind.COOPERATIVE)
    for agent in ({"agent": officer}, {"agent_producer": association}):
        delegation_actions.delegate(
            producer=world.garden, how=Delegation.How.PHONE, consented_on=clock.today(),
            actor=clerk, now=clock.now(), today=clock.today(), **agent,
        )
    for role in (HELPER, CO_OPERATIVE):
        world.clients[role].post(reverse("portal:helping_start", args=[world.garden.pk]))


def _goods(world: World, producer: Producer) -> None:
    mango = make_product("Xoài cát", 100_000, 50, producer=producer)
    make_product("Xoài non", 90_000, 5, producer=producer, published=False)
    judged = make_product("Xoài sấy", 90_000, 5, producer=producer, published=False)
    Product.objects.filter(pk=judged.pk).update(state="submitted")
    resting = make_product("Mứt xoài", 70_000, 5, producer=producer, published=False)
    Product.objects.filter(pk=resting.pk).update(state="suspended")
    revision_actions.propose(
        listing=mango, values={"title_vi": "Xoài cát Hòa Lộc"}, actor=world.people[OWNER]
    )


def _parcels(world: World, producer: Producer) -> None:
    mango = Product.objects.get(producer=producer, title_vi="Xoài cát")

    def parcel(state: str, count: int = 1) -> Consignment:
        made = make_order((mango, count)).consignments.get()
        return bring(made, state, clock.now())

    waiting = parcel("new")
    parcel("new")
    Chase.objects.create(
        consignment=waiting, reminded_at=clock.now(),
        escalated_at=clock.now() - timedelta(minutes=5),
    )
    for state in ("confirmed", "packed", "handed_over", "delivered"):
        parcel(state)
    short = parcel("confirmed", 2)
    orders.ask_buyer(
        consignment_id=short.pk, lines=[Missing(short.lines.get().pk, 1)], note="Mưa",
        actor=ANYBODY, now=clock.now(),
    )
    missed = parcel("delivered")
    orders.report_not_arrived(
        consignment_id=missed.pk, reason="shown", note="Hỏi", now=clock.now()
    )
    parcel("completed")


def _tables(world: World, producer: Producer) -> None:
    mango = Product.objects.get(producer=producer, title_vi="Xoài cát")
    sku = mango.stockrecords.get().partner_sku
    clerk = world.people[Role.OPERATOR]
    data = workbook(("producer", "sku", "in_stock"), (producer.slug, sku, 51))
    for at, owner in enumerate((producer, None, producer)):
        file = SimpleUploadedFile("bang.xlsx", data)
        table = imports.hand_in(kind="stock", file=file, producer=owner, actor=clerk)
        working.judge(table_id=table.pk)
        if at == 0:
            imports.confirm(
                table=Import.objects.get(pk=table.pk), without_errors=True, actor=clerk
            )
            working.apply(table_id=table.pk)
            data = workbook(("producer", "sku", "in_stock"), (producer.slug, sku, 52))


def _money(world: World) -> None:
    clerk = world.people[Role.FINANCE]
    mango = Product.objects.get(producer=world.garden, title_vi="Xoài cát")
    now = clock.now()

    def transfer() -> Any:
        return make_transfer_order(mango)

    transfer()
    transfer_actions.claim(order_id=transfer().pk, now=now)
    receive(transfer(), 120_000, now=now, actor=clerk)
    for reference in ("", "R1"):
        order = transfer()
        receive(order, 120_000, now=now, actor=clerk)
        orders.cancel_order(order_id=order.pk, actor=Actor.buyer(), now=now)
        refund_actions.tell_account(order_id=order.pk, now=now, **ACCOUNT)
        if reference:
            refund_actions.send(
                order_id=order.pk, amount=Decimal(120_000), reference=reference, actor=clerk,
                now=now,
            )
    receipt_actions.record(
        bank_id="FT0", amount=Decimal(5_000), received_at=now - timedelta(minutes=1),
        transfer_id=None, actor=clerk, now=now,
    )
    for producer in (world.garden, world.other):
        payout_actions.set_account(producer=producer, actor=clerk, now=now, **ACCOUNT)
        order = make_transfer_order(
            Product.objects.get(producer=producer, title_vi="Xoài cát")
        )
        receive(order, 120_000, now=now, actor=clerk)
        bring(order.consignments.get(), "completed", now)
    payout_actions.prepare(producer_id=world.other.pk, actor=clerk, now=now)
    # A stranger's first order is called about before it is sent.
    CodLimits.objects.update(new_phone_amount_max=1)
    make_order(mango, destination=make_destination(phone="+84908000111"))


def _newcomers() -> None:
    asked = {
        "kind": "household", "name": "Vườn Cô Ba", "representative": "Nguyễn Thị Ba",
        "phone": "0912 345 678", "email": "", "commune": "cao lanh", "street": "Ấp 3",
        "tax_code": "", "registration_no": "HKD 12", "goods": "Quýt hồng", "consent": "on",
    }  # fmt: skip
    assert Client().post(reverse("shop:apply"), asked).status_code == 302
    for producer in Producer.objects.filter(slug__contains="vuon-ut-lanh"):
        owner = Membership.objects.filter(producer=producer, role=OWNER).get().user
        hand_in_paper(sign_in(Client(), owner))


def hand_in_paper(client: Client, code: str = "food-safety-commitment") -> Paper:
    """A paper without a photo, as its owner states it."""
    today = clock.today()
    answer = client.post(
        reverse("portal:papers_hand_in", args=[code]),
        {
            "number": "CK 1", "issuer": "UBND xã", "issued_on": f"{today:%Y-%m-%d}",
            "valid_through": f"{today + timedelta(days=1000):%Y-%m-%d}",
        },
    )  # fmt: skip
    assert answer.status_code == 302
    return Paper.objects.latest("pk")
