"""The mails about money, rendered in both languages."""

from datetime import timedelta
from decimal import Decimal

import pytest

from marketplace.orders import actions as orders
from marketplace.orders.actors import Actor
from marketplace.payments import receipt_actions, refund_actions, transfer_actions
from tests.factories.accounts import make_staff
from tests.factories.catalogue import make_product
from tests.factories.payments import make_transfer_order, receive, transfer_of
from tests.orders.conftest import NOW
from tests.orders.conftest import sent as sent  # noqa: PLC0414
from tests.orders.test_mails import rendered

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
GOODS = "Xoài <b>cát</b>"


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_mail_about_money_is_whole(sent, language):
    clerk = make_staff()
    order = make_transfer_order(
        make_product(GOODS, 100_000, 5), now=NOW, language=language
    )
    transfer_actions.claim(order_id=order.pk, now=NOW)
    receipt_actions.not_arrived(transfer_id=transfer_of(order).pk, actor=clerk, now=NOW)
    receive(order, 50_000, now=NOW + HOUR)
    receive(order, 80_000, now=NOW + HOUR)
    receive(order, 10_000, now=NOW + HOUR)
    orders.cancel_order(order_id=order.pk, actor=Actor.buyer(), now=NOW + HOUR)
    refund_actions.tell_account(
        order_id=order.pk, bank_bin="970436", account_no="12345678", holder="A B", now=NOW
    )
    refund_actions.send(
        order_id=order.pk, amount=Decimal(140_000), reference="R<1>", actor=clerk, now=NOW
    )
    late = make_transfer_order(make_product("Trà", 100_000, 1), now=NOW, language=language)
    orders.release_expired(order_id=late.pk, now=NOW + 24 * HOUR)
    receive(late, 5_000, now=NOW + 25 * HOUR)
    about_money = [mail for mail in sent if mail["template"] == "payment_news"]
    assert len(about_money) == 6
    assert len({mail["dedupe_key"] for mail in about_money}) == 6
    for mail in about_money:
        parts = rendered(mail)
        for text in parts.values():
            assert text.strip() and "None" not in text and "%(" not in text
            assert mail["context"]["title"].split()[0] in text
        assert "R<1>" not in parts["body.html"]
        assert mail["context"]["button_url"] in parts["body.txt"]
    placed = rendered(next(mail for mail in sent if mail["template"] == "order_placed"))
    for body in ("body.txt", "body.html"):
        for words in ("0011223344", "DAT SEN THU", order.number, "/tra-tien/", "25/11/2026"):
            if language == "vi":
                assert words in placed[body], (body, words)


def test_a_buyer_without_an_address_is_told_by_sms(monkeypatch):
    from marketplace.platform import outbox

    told = []
    monkeypatch.setattr(
        outbox, "send_sms", lambda **sms: told.append((sms["template"], sms["to"]))
    )
    from tests.factories.orders import make_destination

    order = make_transfer_order(
        make_product(price=100_000, stock=5), now=NOW, destination=make_destination(email="")
    )
    receive(order, 120_000, now=NOW + HOUR)
    # The grower's people hear of the parcel as well.
    assert [what for what, to in told if to == order.details.phone] == [
        "order_placed", "payment_news",
    ]
