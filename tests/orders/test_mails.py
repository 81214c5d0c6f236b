"""The mails of an order, rendered in both languages."""

from datetime import timedelta

import pytest
from django.template.loader import render_to_string
from django.utils.translation import override

from marketplace.kernel import clock
from marketplace.orders import actions, news
from marketplace.orders.actions import HandoverDetails, Missing
from marketplace.orders.actors import Actor
from marketplace.platform import messages, outbox
from tests.factories.catalogue import make_producer, make_product
from tests.factories.orders import make_destination, make_order
from tests.orders.conftest import ANYBODY, NOW

pytestmark = pytest.mark.usefixtures("tariff")


def rendered(mail: dict) -> dict[str, str]:
    with override(mail["language"]):
        return {
            part: render_to_string(
                f"mail/{mail['template']}/{part}",
                {"language": mail["language"], "site_name": "Đất Sen", **mail["context"]},
            )
            for part in ("subject.txt", "body.txt", "body.html")
        }


def tell_all(sent: list, language: str) -> None:
    """An order of two parcels: confirmed, declined; another cancelled as a whole."""
    goods = [
        make_product(title, producer=make_producer(name, email="p@example.test"))
        for title, name in (("Xoài <b>cát</b>", "Vườn Tâm & Con"), ("Trà", "Hương Sen"))
    ]
    given = {
        "language": language, "now": NOW, "gift_text": "Chúc <i>mừng</i>",
        "destination": make_destination(note="Gọi & chờ"), "hide_prices": True,
    }
    order = make_order(*goods, **given)
    first, second = order.consignments.order_by("pk")
    actions.move(consignment_id=first.pk, to="confirmed", actor=ANYBODY, now=NOW)
    actions.move(
        consignment_id=second.pk, to="declined", actor=ANYBODY, reason="Hết hàng", now=NOW
    )
    actions.cancel_order(
        order_id=make_order(*goods, **given).pk, actor=Actor.buyer(), reason="Đổi ý", now=NOW
    )


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_mail_is_whole(sent, language):
    tell_all(sent, language)
    assert {m["template"] for m in sent} == {
        "order_placed", "new_consignment", "consignment_confirmed", "consignment_cancelled",
        "order_cancelled",
    }
    for mail in sent:
        parts = rendered(mail)
        subject = parts["subject.txt"].strip()
        assert subject
        assert "\n" not in subject
        assert mail["context"]["number"] in subject + parts["body.txt"]
        assert "Xoài" in parts["body.txt"] or "Trà" in parts["body.txt"]
        # Names are text: plain in text, escaped in HTML.
        assert "&amp;" not in subject + parts["body.txt"]
        assert "<b>cát" not in parts["body.html"]
        assert "<i>mừng" not in parts["body.html"]
        assert mail["context"]["button_url"] in parts["body.txt"]
        assert mail["context"]["button_url"] in parts["body.html"]
        assert "{{" not in "".join(parts.values())
    assert len({m["dedupe_key"] for m in sent}) == len(sent)
    assert max(len(m["dedupe_key"]) for m in sent) <= 200


def test_what_the_buyer_reads_first(sent):
    tell_all(sent, "en")
    placed = next(m for m in sent if m["template"] == "order_placed")
    text = rendered(placed)["body.txt"]
    assert "Thank you, Trần Văn Bảy" in text
    assert "₫610,000" in text
    assert "Xoài <b>cát</b>: ₫285,000" in text
    assert "arrives by Fri 27 Nov" in text
    assert "Deliver to: Trần Văn Bảy, 12 ấp Tịnh Châu, phường Cao Lãnh, Đồng Tháp" in text


def test_a_producer_reads_no_name_and_no_phone(sent):
    """Those stand on the desk, behind a sign-in; a mail can be forwarded to anybody."""
    tell_all(sent, "vi")
    for mail in (m for m in sent if m["to"] == "p@example.test"):
        parts = "".join(rendered(mail).values())
        assert "Trần Văn Bảy" not in parts
        assert "912345678" not in parts


def test_without_an_address_an_sms_where_it_matters(sent, monkeypatch):
    texts = []
    monkeypatch.setattr(outbox, "send_sms", lambda **sms: texts.append(sms))
    order = make_order(
        make_product("Xoài"), make_product("Trà", producer=make_producer("Hương Sen")),
        destination=make_destination(email=""), language="vi", now=NOW,
    )
    first, second = order.consignments.order_by("pk")
    actions.move(consignment_id=first.pk, to="confirmed", actor=ANYBODY, now=NOW)
    actions.move(
        consignment_id=second.pk, to="declined", actor=ANYBODY, reason="Hết hàng", now=NOW
    )
    assert sent == []
    texts = [text for text in texts if text["to"] == "+84912345678"]
    assert [t["template"] for t in texts] == ["order_placed", "consignment_cancelled"]
    for text, word in zip(texts, (order.number, "Hương Sen"), strict=True):
        written = messages.sms(
            template=text["template"], language=text["language"], context=text["context"]
        )
        assert word in written
        assert len(written) < 300


def tell_of_the_way(language: str) -> None:
    """Everything that is told on a parcel's way, to both sides."""
    grower = make_producer("Vườn Tâm & Con", email="p@example.test")
    given = {
        "language": language, "now": NOW, "destination": make_destination(note="Gọi & chờ"),
    }
    mango = make_product("Xoài <b>cát</b>", 95_000, 50, producer=grower)
    parcels = [make_order((mango, 3), **given).consignments.get() for _number in range(5)]
    for parcel in parcels:
        actions.move(consignment_id=parcel.pk, to="confirmed", actor=ANYBODY, now=NOW)
    first, second, third, fourth, fifth = parcels
    for end, parcel in (("delivered", first), ("refused", second), ("returned", third)):
        for step in ("packed", "handed_over", end):
            actions.move(
                consignment_id=parcel.pk, to=step, actor=ANYBODY, reason="Mưa <i> & gió",
                handover=HandoverDetails("Bưu tá & con", "VTP<9"), now=NOW,
            )
            if step == "handed_over":
                actions.tell_of_handover(consignment_id=parcel.pk, now=NOW)
    report = actions.report_not_arrived(
        consignment_id=first.pk, reason="part", note="<b>thiếu</b>", now=NOW
    )
    actions.answer_report(report_id=report.pk, answer="Gửi bù & xin lỗi", actor=ANYBODY, now=NOW)
    actions.move(consignment_id=first.pk, to="completed", actor=ANYBODY, now=NOW)
    for parcel in (fourth, fifth):
        asked = actions.ask_buyer(
            consignment_id=parcel.pk, lines=[Missing(parcel.lines.get().pk, 1)],
            note="Rụng <b> & dập", actor=ANYBODY, now=NOW,
        )
        if parcel is fourth:
            actions.answer_short_pack(
                short_pack_id=asked.pk, answer="money_back", actor=Actor.buyer(), now=NOW
            )
        else:
            actions.close_silent(short_pack_id=asked.pk, now=asked.answer_by)
    nothing = make_order((mango, 3), **given).consignments.get()
    asked = actions.ask_buyer(
        consignment_id=nothing.pk, lines=[Missing(nothing.lines.get().pk, 0)],
        note="Rụng <b> & dập", new_handover_on=clock.local_date(NOW) + timedelta(days=5),
        actor=ANYBODY, now=NOW,
    )
    actions.close_silent(short_pack_id=asked.pk, now=asked.answer_by)
    actions.chase(
        consignment_id=make_order(mango, **given).consignments.get().pk,
        now=NOW + timedelta(days=1, hours=3),
    )


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_step_of_the_way_is_told(sent, language):
    tell_of_the_way(language)
    told = [m for m in sent if m["template"] == news.TEMPLATE]
    kinds = {m["dedupe_key"].split(":")[2] for m in told}
    # The reminder is for one without an answer: after a day the office calls at once. Invoices
    # go a way of their own (tests/portal/test_invoices.py).
    assert kinds | {"reminder", "invoice_noted", "invoice_mended"} == set(news.NEWS)
    for mail in told:
        parts = rendered(mail)
        assert "\n" not in parts["subject.txt"].strip()
        assert "&amp;" not in parts["subject.txt"] + parts["body.txt"]
        for raw in ("Mưa <i>", "VTP<9", "Rụng <b>", "Xoài <b>"):
            assert raw not in parts["body.html"]
        assert mail["context"]["button_url"] in parts["body.txt"]
        assert "%(" not in "".join(parts.values())
        if mail["to"] == "p@example.test":
            assert mail["language"] == "vi"
            assert "Trần Văn Bảy" not in "".join(parts.values())
            assert "₫" not in "".join(parts.values())
    assert len({m["dedupe_key"] for m in sent}) == len(sent)
    assert max(len(m["dedupe_key"]) for m in sent) <= 200


def test_missing_goods_are_told_by_sms_too(sent, monkeypatch):
    texts = []
    monkeypatch.setattr(outbox, "send_sms", lambda **sms: texts.append(sms))
    order = make_order(
        (make_product("Xoài"), 2), destination=make_destination(email=""), language="vi", now=NOW
    )
    parcel = order.consignments.get()
    actions.ask_buyer(
        consignment_id=parcel.pk, lines=[Missing(parcel.lines.get().pk, 1)], note="Mưa",
        actor=ANYBODY, now=NOW,
    )
    text = texts[-1]
    written = messages.sms(
        template=text["template"], language=text["language"], context=text["context"]
    )
    assert parcel.number in written
    assert order.details.secret in written
    assert len(written) < 300
