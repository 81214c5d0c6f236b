"""The long ways of a grower, each as one story through the pages that people use."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from oscar.apps.partner.models import StockRecord

from catalogue.models import Product, Revision
from marketplace.accounts.roles import Role
from marketplace.kernel import clock
from marketplace.orders import tasks
from marketplace.payments import ledger
from marketplace.payments.models import Payout, Receipt, Refund
from marketplace.platform.audit import AuditEntry
from marketplace.producers.models import Delegation
from tests.factories.accounts import sign_in
from tests.factories.buying import form_with, forms_of, send
from tests.factories.catalogue import make_commune, make_producer, make_product
from tests.factories.orders import make_tariff
from tests.factories.payments import make_collector, transfer_of
from tests.journeys.people import Buyer, Clerk, Grower, text_of

pytestmark = pytest.mark.django_db

ACCOUNT = {"bank_bin": "970436", "account_no": "12345678", "holder": "NGUYEN THI UT"}


@pytest.fixture
def market(db):
    """Delivery prices and an account that receives transfers."""
    make_tariff()
    make_commune()
    make_collector()


@pytest.fixture
def garden(market):
    return make_producer("Vườn Út Lành", phone="+84911222333")


@pytest.fixture
def officer():
    return Clerk(Role.OCOP_OFFICER)


@pytest.fixture
def operator():
    return Clerk(Role.OPERATOR)


@pytest.fixture
def finance():
    return Clerk(Role.FINANCE)


def on_sale(grower, officer, title="Xoài cát Hòa Lộc"):
    """Written down, handed in with its papers, and published."""
    listing = grower.write_down(title, 285_000, 12)
    hand_in_papers(grower, officer)
    grower.do(listing, "submit")
    assert listing.state == "submitted"
    assert officer.publish(listing).status_code == 302
    listing.refresh_from_db()
    assert listing.state == "published"
    return listing


def hand_in_papers(grower, officer):
    """State the paper that the law wants for mangoes, and have it judged."""
    today = clock.today()
    answer = grower.client.post(
        reverse("portal:papers_hand_in", args=["food-safety-commitment"]),
        {
            "number": "CK 1", "issuer": "UBND xã", "issued_on": f"{today:%Y-%m-%d}",
            "valid_through": f"{today + timedelta(days=1000):%Y-%m-%d}",
        },
    )  # fmt: skip
    if answer.status_code == 302:
        from marketplace.producers.models import Paper

        officer.post("papers:judge", Paper.objects.latest("pk").pk, answer="yes")


def deliver(grower, parcel):
    """From a new parcel to one that arrived."""
    assert [
        grower.go_on(parcel), grower.go_on(parcel),
        grower.go_on(parcel, carrier="Viettel Post", tracking_number="VTP1"),
        grower.go_on(parcel),
    ] == ["confirmed", "packed", "handed_over", "delivered"]  # fmt: skip


def test_a_grower_without_e_mail_comes_in_lists_sells_and_is_paid(
    garden, officer, finance, monkeypatch
):
    # A letter brings her in; she writes her mangoes down, with photos.
    code = officer.print_letter(garden, "0911222333", monkeypatch)
    grower = Grower.by_letter(code, "0911222333")
    mango = grower.write_down("Xoài cát Hòa Lộc", 285_000, 12)
    assert mango.images.count() == 2
    hand_in_papers(grower, officer)
    grower.do(mango, "submit")
    assert Client().get(mango.get_absolute_url()).status_code == 404

    # The office gives it back with a remark; she mends it, and it is published.
    officer.post("listings:return", mango.pk, title="Ghi rõ hạng", reason="Gần xong")
    assert "Ghi rõ hạng" in grower.look("listing", mango.pk)
    grower.step(
        mango, "what", title_vi="Xoài cát Hòa Lộc loại 1", product_class=mango.product_class_id,
        category=mango.categories.get().pk,
    )
    grower.do(mango, "submit")
    assert officer.publish(mango).status_code == 302
    shown = Client().get(Product.objects.get(pk=mango.pk).get_absolute_url())
    assert "Xoài cát Hòa Lộc loại 1" in text_of(shown)

    # It is sold by VietQR: the buyer says it was sent, the clerk finds it.
    buyer = Buyer()
    order = buyer.buy((mango, 2), payment="vietqr")
    assert order.number not in grower.look("parcels")
    assert "Đang kiểm tra" in buyer.post("claim")
    finance.record(transfer_of(order), int(order.total_incl_tax), "FT1")
    assert "Đã nhận được tiền" in buyer.pay_page()

    # She packs it, hands it over, and it arrives; some days later it counts as completed.
    parcel = order.consignments.get()
    assert parcel.number in grower.look("parcels")
    deliver(grower, parcel)
    assert StockRecord.objects.get(product=mango).num_in_stock == 10
    with clock.frozen(clock.now() + timedelta(days=30)):
        assert tasks.complete_delivered(0) == 1
        finance.post("payouts:account", garden.pk, **ACCOUNT)
        finance.post("payouts:prepare", garden.pk)
        payout = Payout.objects.get()
        assert payout.amount == 570_000
        finance.post("payouts:send", payout.pk, reference="P1")
        assert "570.000" in grower.look("money")
    assert Payout.objects.get().state == "sent"
    # What is left is the delivery, and the money for it at the bank.
    assert set(ledger.balances(order)) == {"delivery", "operator_bank"}


def test_an_officer_does_it_all_for_a_grower_and_both_are_named(
    garden, officer, operator, finance
):
    # The commune's officer looks after the area; the grower agreed on the telephone.
    helper = Clerk(Role.AREA_OFFICER)
    device = helper.client
    start = reverse("portal:helping_start", args=[garden.pk])
    operator.post("helpers:area", helper.user.pk, communes=[garden.commune_id])
    assert device.post(start).status_code == 404
    agreed = operator.client.post(
        reverse("office_helpers:index"),
        {
            "producer": garden.pk, "agent": helper.user.pk, "agent_producer": "",
            "how": "phone", "consented_on": f"{clock.today():%Y-%m-%d}", "note": "",
        },
    )  # fmt: skip
    assert agreed.status_code == 302
    assert device.post(start).status_code == 302

    grower = Grower(device)
    mango = on_sale(grower, officer)
    buyer = Buyer()
    order = buyer.buy(mango, payment="vietqr")
    finance.record(transfer_of(order), int(order.total_incl_tax), "FT1")
    deliver(grower, order.consignments.get())

    # Every step of the officer's names both.
    mine = AuditEntry.objects.filter(user_id=helper.user.pk).exclude(action__startswith="account.")
    assert set(mine.values_list("acting_for", flat=True)) == {"Vườn Út Lành"}
    assert set(mine.values_list("action", flat=True)) >= {
        "producer.desk_opened", "catalogue.listing_created", "consignment.confirmed",
        "consignment.packed", "consignment.handed_over", "consignment.delivered",
    }
    # Consent withdrawn: the next touch finds the desk closed.
    operator.post("helpers:withdraw", Delegation.objects.get().pk)
    before = mine.count()
    assert device.post(
        reverse("portal:listings_stock", args=[mango.pk]), {"by": "1"}
    ).status_code == 302
    assert (mine.count(), StockRecord.objects.get(product=mango).num_in_stock) == (before, 11)


def test_a_change_of_a_label_is_declined_and_the_old_one_sells_on(
    garden, officer, monkeypatch
):
    grower = Grower.by_letter(
        officer.print_letter(garden, "0911222333", monkeypatch), "0911222333"
    )
    mango = on_sale(grower, officer)
    grower.step(mango, "what", title_vi="Xoài chữa bệnh")
    revision = Revision.objects.get()
    assert "Xoài chữa bệnh" in officer.look("listings:revisions")
    public = Product.objects.get(pk=mango.pk).get_absolute_url()
    assert "chữa bệnh" not in text_of(Client().get(public))
    officer.post(
        "listings:revision", revision.pk, answer="no", reason="Thực phẩm không chữa bệnh"
    )
    revision.refresh_from_db()
    assert revision.state == "declined"
    assert "Thực phẩm không chữa bệnh" in grower.look("listing", mango.pk)
    assert "chữa bệnh" not in text_of(Client().get(public))
    assert "Xoài cát Hòa Lộc" in text_of(Client().get(public))
    entry = AuditEntry.objects.filter(user_id=officer.user.pk).latest("pk")
    assert entry.reason == "Thực phẩm không chữa bệnh"
    # Another try is possible.
    grower.step(mango, "what", title_vi="Xoài cát Hòa Lộc loại 1")
    officer.post(
        "listings:revision", Revision.objects.get(state="pending").pk, answer="yes", reason=""
    )
    assert "loại 1" in text_of(Client().get(public))


@pytest.fixture
def desk(garden, officer, monkeypatch):
    """The grower at her desk, with mangoes on sale."""
    grower = Grower.by_letter(
        officer.print_letter(garden, "0911222333", monkeypatch), "0911222333"
    )
    grower.mango = make_product("Xoài cát", 100_000, 6, producer=garden)
    return grower


def test_too_little_to_pack_and_what_was_paid_comes_back(desk, finance):
    buyer = Buyer()
    order = buyer.buy((desk.mango, 3), payment="vietqr")
    finance.record(transfer_of(order), int(order.total_incl_tax), "FT1")
    parcel = order.consignments.get()
    assert desk.go_on(parcel) == "confirmed"

    # Rain: only one of three can be sent.
    address = reverse("portal:parcels_missing", args=[parcel.number])
    page = desk.client.get(address)
    line = parcel.lines.get()
    asked = send(
        desk.client, page, form_with(page, "reason"),
        **{"reason": "Mưa, trái rụng", f"can_send_{line.pk}": "1"},
    )
    assert asked.status_code == 302, text_of(asked)[:2000]
    parcel.refresh_from_db()
    assert parcel.state == "short_packed"

    # The buyer reads it and wants the money back for what is missing.
    page = buyer.track()
    assert "Mưa, trái rụng" in text_of(page)
    assert send(
        buyer.client, page, form_with(page, "question"), answer="money_back"
    ).status_code == 302
    parcel.refresh_from_db()
    assert (parcel.state, parcel.reduced_incl_tax) == ("confirmed", 200_000)

    # She says where to; finance sends it once and the bank confirms it.
    assert "200.000" in buyer.pay_page() or "200.000" in text_of(buyer.track())
    buyer.post("refund", bank_bin="970436", account_no="0011", holder="TRAN VAN BAY")
    assert order.number in finance.look("refunds:index")
    finance.post("refunds:send", order.pk, amount="200000", reference="R1")
    again = finance.client.post(
        reverse("office_refunds:send", args=[order.pk]), {"amount": "200000", "reference": "R2"}
    )
    assert again.status_code != 500
    refund = Refund.objects.get()
    finance.post("refunds:confirm", refund.pk)
    refund.refresh_from_db()
    assert (refund.state, refund.amount) == ("confirmed", Decimal(200_000))

    # What is left goes its way.
    assert [desk.go_on(parcel), desk.go_on(parcel, carrier="GHN"), desk.go_on(parcel)] == [
        "packed", "handed_over", "delivered",
    ]
    balances = ledger.balances(order)
    assert (balances["producer_payable"], balances.get("refund_payable", 0)) == (-100_000, 0)


def test_a_transfer_claimed_in_part_too_much_and_too_late(desk, finance):
    # Claimed, but nothing has come: it waits again.
    buyer = Buyer()
    order = buyer.buy(desk.mango, payment="vietqr")
    due = int(order.total_incl_tax)
    buyer.post("claim")
    assert transfer_of(order).state == "claimed"
    finance.post("receipts:not_arrived", transfer_of(order).pk)
    assert transfer_of(order).state == "awaiting"

    # A part comes: the page asks for the rest.
    finance.record(transfer_of(order), 50_000, "FT1")
    assert transfer_of(order).state == "under"
    assert f"{due - 50_000:,}".replace(",", ".") in buyer.pay_page()
    assert order.number not in desk.look("parcels")

    # Then too much: the order goes to the grower, the rest is owed back.
    finance.record(transfer_of(order), due, "FT2")
    assert transfer_of(order).state == "over"
    assert order.number in desk.look("parcels")
    buyer.post("refund", bank_bin="970436", account_no="0011", holder="TRAN VAN BAY")
    finance.post("refunds:send", order.pk, amount="50000", reference="R1")
    assert Refund.objects.get().amount == 50_000

    # Another comes too late: the goods are still there, so the order lives again.
    late = Buyer()
    other = late.buy(desk.mango, payment="vietqr")
    with clock.frozen(clock.now() + timedelta(days=5)):
        assert tasks.release_expired_reservations(0) == 1
        assert transfer_of(other).state == "expired"
        finance.record(transfer_of(other), due, "FT3")
        assert transfer_of(other).state == "received"
        assert other.number in desk.look("parcels")

        # And one when the goods are gone: all of it is owed back.
        third = Buyer()
        gone = third.buy((desk.mango, 4), payment="vietqr")
    with clock.frozen(clock.now() + timedelta(days=11)):
        assert tasks.release_expired_reservations(0) == 1
        quick = Buyer()
        quick.buy((desk.mango, 4))
        finance.record(transfer_of(gone), int(gone.total_incl_tax), "FT4")
        assert transfer_of(gone).state == "late"
        assert gone.number not in desk.look("parcels")
        assert gone.number in finance.look("refunds:index")
    assert Receipt.objects.count() == 4
    assert sum(ledger.balances(gone).values()) == 0


def test_nobody_else_walks_these_ways(desk, finance, officer):
    """The doors used above are shut for others."""
    buyer = Buyer()
    order = buyer.buy(desk.mango, payment="vietqr")
    stranger = Grower(sign_in(Client(), officer.user))
    number = order.consignments.get().number
    assert stranger.client.get(
        reverse("portal:parcels_one", args=[number])
    ).status_code == 403
    # Before it is paid it does not exist for its grower either.
    assert desk.client.get(reverse("portal:parcels_one", args=[number])).status_code == 404
    assert officer.client.post(
        reverse("office_receipts:record", args=[transfer_of(order).pk]), {}
    ).status_code == 403
    assert not forms_of(desk.client.get(reverse("portal:parcels")))
