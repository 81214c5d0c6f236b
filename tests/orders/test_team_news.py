"""Who of a producer's team hears of a new parcel and of a cancelled one, and by which way."""

import pytest

from marketplace.orders import actions
from marketplace.orders.actors import Actor
from marketplace.platform import messages, outbox
from marketplace.producers.models import Membership
from marketplace.producers.queries import contacts
from tests.factories.accounts import make_user
from tests.factories.catalogue import make_producer, make_product
from tests.factories.orders import make_order
from tests.orders.conftest import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tariff")]


@pytest.fixture
def texts(monkeypatch):
    found = []
    monkeypatch.setattr(outbox, "send_sms", lambda **sms: found.append(sms))
    return found


def member(producer, role, email=None, phone=None, **fields):
    user = make_user(email, phone=phone, **fields)
    Membership.objects.create(producer=producer, user=user, role=role)
    return user


def to(told, template):
    return [(m["to"], m["language"]) for m in told if m["template"] == template]


def written(text):
    return messages.sms(
        template=text["template"], language=text["language"], context=text["context"]
    )


def test_a_grower_without_email_hears_by_sms(sent, texts):
    garden = make_producer("Vườn Út Lành", phone="+84912000001")
    order = make_order(make_product("Xoài", 100_000, producer=garden), now=NOW)
    (text,) = [t for t in texts if t["template"] == "new_consignment"]
    assert (text["to"], text["language"]) == ("+84912000001", "vi")
    said = written(text)
    assert order.consignments.get().number in said
    assert "Xác nhận" in said
    assert len(said) < 200
    # Neither money nor the buyer.
    assert "100.000" not in said
    assert order.details.recipient not in said
    texts.clear()
    actions.cancel_order(order_id=order.pk, actor=Actor.buyer(), reason="Đổi ý", now=NOW)
    (text,) = [t for t in texts if t["to"] == "+84912000001"]
    assert "đừng gửi" in written(text)


def test_each_member_once_in_their_language(sent, texts):
    garden = make_producer("HTX", email="htx@example.test", phone="+84912000001")
    member(garden, "owner", "HTX@example.test")
    member(garden, "owner", phone="+84912000001")
    member(garden, "owner", "chu@example.test", language="en")
    member(garden, "staff", phone="+84912000002", language="en")
    member(garden, "packer", "dong@example.test")
    member(garden, "packer", phone="+84912000003")
    stranger = make_producer("Khác")
    member(stranger, "owner", "khac@example.test")
    order = make_order(make_product("Xoài", 100_000, producer=garden), now=NOW)
    assert to(sent, "new_consignment") == [
        ("htx@example.test", "vi"), ("chu@example.test", "en"),
    ]
    assert to(texts, "new_consignment") == [("+84912000002", "en")]
    keys = [m["dedupe_key"] for m in sent + texts]
    assert len(keys) == len(set(keys))
    sent.clear()
    texts.clear()
    actions.cancel_order(order_id=order.pk, actor=Actor.buyer(), reason="Đổi ý", now=NOW)
    # Whoever packs must stop, too.
    assert to(sent, "consignment_cancelled") == [
        ("htx@example.test", "vi"), ("chu@example.test", "en"), ("dong@example.test", "vi"),
    ]
    assert to(texts, "consignment_cancelled") == [
        ("+84912000002", "en"), ("+84912000003", "vi"),
    ]
    bodies = {
        m["to"]: messages.mail(
            template=m["template"], to=m["to"], language=m["language"], context=m["context"]
        )
        for m in sent
        if m["template"] == "consignment_cancelled"
    }
    assert "100,000" in bodies["chu@example.test"].body
    packers = bodies["dong@example.test"]
    for part in (packers.body, packers.alternatives[0][0]):
        assert "Xoài" in part
        assert "100.000" not in part


def test_whoever_has_left_or_is_closed_hears_nothing(sent, texts):
    garden = make_producer("HTX", email="htx@example.test")
    gone = member(garden, "owner", "di@example.test")
    gone.is_active = False
    gone.save()
    left = member(garden, "staff", "nghi@example.test")
    left.producer_memberships.all().delete()
    make_order(make_product("Xoài", producer=garden), now=NOW)
    assert to(sent, "new_consignment") == [("htx@example.test", "vi")]
    assert to(texts, "new_consignment") == []


def test_any_number_of_members_costs_one_query(sent, texts, django_assert_num_queries):
    gardens = [make_producer() for _garden in range(3)]
    for garden in gardens:
        for _member in range(4):
            member(garden, "staff", "")
    with django_assert_num_queries(1):
        found = contacts(gardens)
    assert [len(found[garden.pk]) for garden in gardens] == [5, 5, 5]
