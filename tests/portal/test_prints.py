"""Papers: the house's letters, long names, hostile words, no money for packers."""

import json
import re
import zlib

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from marketplace.kernel import clock
from marketplace.orders import actions
from marketplace.orders.actions import Missing
from marketplace.orders.actors import Actor
from marketplace.platform import typesetting
from marketplace.portal import prints
from marketplace.producers.models import Membership
from tests.factories.accounts import make_user, sign_in
from tests.factories.catalogue import make_producer, make_product
from tests.factories.orders import make_destination, make_order, make_tariff
from tests.orders.conftest import ANYBODY, bring

pytestmark = pytest.mark.django_db
HOSTILE = '#panic("x") $x$ *b* _i_ <a> @x `r` \\ #read("/etc/passwd") [x] // /* "'


@pytest.fixture(autouse=True)
def english(db):
    make_tariff()
    with translation.override("en"):
        yield


@pytest.fixture
def grower():
    return make_producer("Vườn Út Lành")


@pytest.fixture
def told(monkeypatch):
    """What was handed to typst."""
    seen = []
    real = typesetting.pdf
    monkeypatch.setattr(
        prints, "pdf", lambda name, data: seen.append((name, data)) or real(name, data)
    )
    return seen


def member(grower, role="owner"):
    user = make_user()
    Membership.objects.create(producer=grower, user=user, role=role)
    return sign_in(Client(), user)


def parcel_of(grower, title="Xoài cát", count=2, **given):
    order = make_order((make_product(title, 100_000, 50, producer=grower), count), **given)
    return bring(order.consignments.get(), "confirmed", clock.now())


def streams(pdf: bytes) -> bytes:
    found = b""
    for match in re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.S):
        try:
            found += zlib.decompress(match[1])
        except zlib.error:
            continue
    return pdf + found


def pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", streams(pdf)))


def texts(data):
    """Every text in it."""
    if isinstance(data, str):
        yield data
        return
    for inner in data.values() if isinstance(data, dict) else data:
        yield from texts(inner)


def print_(desk, parcel, paper):
    return desk.get(reverse("portal:parcels_paper", args=[parcel.number, paper]))


@pytest.mark.parametrize("paper", ["packing", "note", "note-without-prices", "label", "label-a4",
                                   "card"])
@pytest.mark.parametrize("words", ["Chúc mừng", HOSTILE, "ă" * 190, "\u202eabc\u200b", "🥭 xoài"])
def test_every_paper_with_every_kind_of_words(grower, paper, words, told):
    parcel = parcel_of(
        grower, title=words, gift_text=words,
        destination=make_destination(recipient=words[:120], street=words, note=words),
    )
    answer = print_(member(grower), parcel, paper)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer.content.startswith(b"%PDF-")
    assert pages(answer.content) == 1
    # What was typed is data: the template's own text is the same for everybody.
    ((_name, data),) = told
    assert any(words[:20] in text for text in texts(data))


def test_the_letters_are_the_houses_and_in_the_file(grower):
    content = streams(print_(member(grower), parcel_of(grower), "label").content)
    fonts = set(re.findall(rb"/FontName\s*/([\w+-]+)", content))
    assert fonts
    assert all(re.fullmatch(rb"[A-Z]{6}\+BeVietnamPro-\w+", name) for name in fonts), fonts
    assert b"/FontFile" in content


@pytest.mark.parametrize(
    ("paper", "size"),
    [("label", (283.46, 425.2)), ("label-a4", (595.28, 841.89)), ("card", (419.53, 297.64))],
)
def test_sizes(grower, paper, size):
    content = streams(
        print_(member(grower), parcel_of(grower, gift_text="Quà"), paper).content
    )
    box = re.search(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)\s*\]", content)
    assert [float(n) for n in box.groups()] == pytest.approx(size, abs=0.5)


def test_what_is_to_be_collected_is_what_is_left(grower, told):
    parcel, desk = parcel_of(grower, count=3), member(grower)
    print_(desk, parcel, "label")
    assert told[-1][1]["labels"][0]["cash"] == "340.000\u00a0₫"
    asked = actions.ask_buyer(
        consignment_id=parcel.pk, lines=[Missing(parcel.lines.get().pk, 1)], note="x",
        actor=ANYBODY, now=clock.now(),
    )
    actions.answer_short_pack(
        short_pack_id=asked.pk, answer="money_back", actor=Actor.buyer(), now=clock.now()
    )
    print_(desk, parcel, "label")
    assert told[-1][1]["labels"][0]["cash"] == "140.000\u00a0₫"
    print_(desk, parcel, "note")
    assert told[-1][1]["lines"][0]["quantity"] == "1"
    assert [total for _label, total in told[-1][1]["totals"]][1:] == ["140.000\u00a0₫"] * 2


def test_a_present_has_no_prices_and_speaks_its_buyers_language(grower, told):
    parcel, desk = parcel_of(grower, hide_prices=True, language="en"), member(grower)
    assert print_(desk, parcel, "note").status_code == 404
    print_(desk, parcel, "note-without-prices")
    ((_name, data),) = told
    assert data["columns"] == ["Article", "Quantity"]
    assert data["title"] == "Delivery note"
    assert data["totals"] == []


def test_a_days_list_over_all_orders(grower, told):
    desk, tea = member(grower, "packer"), make_producer("Hương Sen")
    parcels = [parcel_of(grower, count=n) for n in (1, 2)]
    parcel_of(tea)
    bring(make_order(make_product("Ổi", producer=grower)).consignments.get(), "new", clock.now())
    day = max(p.handover_on for p in parcels)
    address = reverse("portal:parcels_day")
    for paper in ("packing", "labels", "labels-a4"):
        answer = desk.get(address, {"day": day.isoformat(), "paper": paper})
        assert answer["Content-Type"] == "application/pdf"
    packing, labels, _a4 = (data for _name, data in told)
    assert packing["sums"] == [{"title": "Xoài cát", "quantity": "3"}]
    assert {p["number"] for p in packing["parcels"]} == {p.number for p in parcels}
    assert "₫" not in json.dumps(packing, ensure_ascii=False)
    assert {p["number"] for p in labels["labels"]} == {p.number for p in parcels}


@pytest.mark.parametrize("day", ["", "x", "2026-13-40", "\x00", "9" * 20, "0001-01-01"])
def test_days_that_are_none(grower, day):
    answer = member(grower).get(reverse("portal:parcels_day"), {"day": day})
    assert answer.url == reverse("portal:parcels")
