"""A parcel's whole way on the desk: found, stepped on, taken back, by whom and by whom not."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import translation
from oscar.apps.partner.models import StockRecord
from PIL import Image

from catalogue.models import ShippingClass
from marketplace.kernel import clock
from marketplace.orders import actions
from marketplace.orders.models import Consignment, Handover, ShortPack
from marketplace.platform.models import AuditEntry
from marketplace.producers.models import Membership
from tests.factories.accounts import make_user, sign_in
from tests.factories.buying import form_with, forms_of, send
from tests.factories.catalogue import make_producer, make_product
from tests.factories.orders import make_destination, make_order, make_tariff
from tests.orders.conftest import ANYBODY, bring

pytestmark = pytest.mark.django_db
LIST = "portal:parcels"


@pytest.fixture(autouse=True)
def english(db):
    make_tariff()
    with translation.override("en"):
        yield


@pytest.fixture
def mango():
    return make_product("Xoài cát", 100_000, 50, producer=make_producer("Vườn Út Lành"))


@pytest.fixture
def foreign():
    tea = make_product("Trà sen", 50_000, 50, producer=make_producer("Hương Sen"))
    return make_order(tea).consignments.get()


def member(role, producer):
    user = make_user()
    Membership.objects.create(producer=producer, user=user, role=role)
    return sign_in(Client(), user)


def new(mango, state="new", **given):
    return bring(make_order(mango, **given).consignments.get(), state, clock.now())


def url(parcel, name="one", *more):
    return reverse(f"portal:parcels_{name}", args=[parcel.number, *more])


def page(desk, parcel):
    return desk.get(url(parcel))


def picture() -> bytes:
    image, out = Image.new("RGB", (60, 40), "green"), BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "Secret phone"
    image.save(out, "JPEG", exif=exif)
    return out.getvalue()


@pytest.mark.parametrize("role", ["owner", "staff"])
def test_the_whole_way(mango, role):
    parcel, desk = new(mango), member(role, mango.producer)
    seen = []
    for _step in range(4):
        shown = page(desk, parcel)
        form = next(f for f in forms_of(shown) if f.fields.get("next") == "parcel")
        more = {}
        if form.fields["to"] == "handed_over":
            more = {"carrier": "Viettel Post", "tracking_number": " vtp 123-4 "}
        assert send(desk, shown, form, **more).url == url(parcel)
        parcel.refresh_from_db()
        seen.append(parcel.state)
    assert seen == ["confirmed", "packed", "handed_over", "delivered"]
    assert (parcel.handover.carrier, parcel.handover.tracking_number) == (
        "Viettel Post", "VTP123-4",
    )
    body = page(desk, parcel).content.decode()
    assert "VTP123-4" in body
    assert body.count("<time") == 5
    assert StockRecord.objects.get(product=mango).num_in_stock == 49


def test_a_photo_is_encoded_anew_and_shown_to_team_and_buyer_alone(
    mango, foreign, client, django_capture_on_commit_callbacks
):
    parcel, desk = new(mango, "packed"), member("packer", mango.producer)
    desk.post(
        url(parcel, "step"),
        {"to": "handed_over", "photo": SimpleUploadedFile("x.php", picture(), "text/html")},
    )
    kept = Handover.objects.get(pk=parcel.pk).photo
    data = kept.read()
    assert b"Secret phone" not in data
    assert data.startswith(b"\xff\xd8\xff")
    assert b"".join(desk.get(url(parcel, "photo")).streaming_content) == data
    secret = [parcel.order.number, parcel.order.details.secret, parcel.number]
    shown = client.get(reverse("orders:photo", args=secret))
    assert (shown.status_code, shown["Content-Type"]) == (200, "image/jpeg")
    stranger = member("owner", foreign.producer)
    assert stranger.get(url(parcel, "photo")).status_code == 404
    wrong = reverse("orders:photo", args=[parcel.order.number, "x", parcel.number])
    assert client.get(wrong).status_code == 404
    with django_capture_on_commit_callbacks(execute=True):
        desk.post(url(parcel, "undo"))
    assert not default_storage.exists(kept.name)


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"tracking_number": "<b>"}, "only letters, digits"),
        ({"tracking_number": "x" * 41}, "at most 40"),
        ({"carrier": "y" * 81}, "at most 80"),
        ({"photo": SimpleUploadedFile("a.jpg", b"<?php", "image/jpeg")}, "not a JPEG"),
        ({"photo": SimpleUploadedFile("a.jpg", b"", "image/jpeg")}, "is empty"),
    ],
)
def test_what_cannot_be_kept_is_said_at_the_field(mango, fields, error):
    parcel, desk = new(mango, "packed"), member("owner", mango.producer)
    answer = desk.post(url(parcel, "step"), {"to": "handed_over", "carrier": "GHN", **fields})
    body = answer.content.decode()
    assert answer.status_code == 422
    assert error in body
    assert "GHN" in body or "carrier" in fields
    parcel.refresh_from_db()
    assert parcel.state == "packed"
    assert not Handover.objects.exists()


@pytest.mark.parametrize("to", ["", "x", "new", "cancelled", "declined", "completed",
                                "short_packed", "\x00", "packed "])
def test_steps_that_are_none(mango, to):
    parcel, desk = new(mango, "confirmed"), member("owner", mango.producer)
    assert desk.post(url(parcel, "step"), {"to": to}).status_code == 404
    parcel.refresh_from_db()
    assert parcel.state == "confirmed"


def test_the_second_packer_is_told_kindly(mango):
    parcel = new(mango, "confirmed")
    first, second = (member("packer", mango.producer) for _n in range(2))
    shown = page(second, parcel)
    form = next(f for f in forms_of(shown) if f.fields.get("to") == "packed")
    first.post(url(parcel, "step"), {"to": "packed"})
    send(second, shown, form)
    assert "somebody was quicker" in page(second, parcel).content.decode()
    assert parcel.events.filter(to_state="packed").count() == 1


class TestTakingBack:
    """A step tapped by mistake leaves nothing behind, for some minutes."""

    def test_packed(self, mango):
        parcel, desk = new(mango, "packed"), member("packer", mango.producer)
        shown = page(desk, parcel)
        send(desk, shown, next(f for f in forms_of(shown) if "undo" in f.action))
        parcel.refresh_from_db()
        assert parcel.state == "confirmed"
        assert AuditEntry.objects.filter(
            action="consignment.confirmed"
        ).order_by("pk").last().before == {
            "state": "packed"
        }
        assert "Step taken back" in page(desk, parcel).content.decode()

    def test_handed_over(self, mango, client):
        parcel, desk = new(mango, "handed_over"), member("owner", mango.producer)
        record = StockRecord.objects.get(product=mango)
        assert (record.num_in_stock, record.num_allocated) == (49, 0)
        desk.post(url(parcel, "undo"))
        parcel.refresh_from_db()
        record.refresh_from_db()
        assert parcel.state == "packed"
        assert (record.num_in_stock, record.num_allocated) == (50, 1)
        assert parcel.lines.get().line.num_allocated == 1
        assert not Handover.objects.exists()
        # To the buyer it never left.
        order = parcel.order
        body = client.get(
            reverse("orders:track", args=[order.number, order.details.secret])
        ).content.decode()
        assert body.count("<time") == 3
        assert "Taken back" not in body and "Rút lại" not in body
        actions.move(consignment_id=parcel.pk, to="handed_over", actor=ANYBODY, now=clock.now())
        record.refresh_from_db()
        assert (record.num_in_stock, record.num_allocated) == (49, 0)

    def test_not_when_it_is_too_late(self, mango):
        parcel, desk = new(mango, "packed"), member("owner", mango.producer)
        Consignment.objects.update(state_changed_at=clock.now() - timedelta(minutes=10))
        assert "undo" not in page(desk, parcel).content.decode()
        desk.post(url(parcel, "undo"))
        assert "too late" in page(desk, parcel).content.decode()
        parcel.refresh_from_db()
        assert parcel.state == "packed"

    @pytest.mark.parametrize("state", ["new", "confirmed", "delivered", "refused", "declined"])
    def test_not_what_others_have_heard_of(self, mango, state):
        parcel, desk = new(mango, state), member("owner", mango.producer)
        desk.post(url(parcel, "undo"))
        parcel.refresh_from_db()
        assert parcel.state == state


@pytest.mark.parametrize(
    ("shipping_class", "said", "stock"),
    [
        (ShippingClass.FRESH, None, 9), (ShippingClass.FRESH, "yes", 10),
        (ShippingClass.AMBIENT, None, 10), (ShippingClass.AMBIENT, "no", 9),
    ],
)
@pytest.mark.parametrize("to", ["refused", "returned"])
def test_what_comes_back_is_written_off_if_it_spoils(shipping_class, said, stock, to):
    product = make_product("Cá", 90_000, 10, shipping_class=shipping_class)
    parcel, desk = new(product, "handed_over"), member("staff", product.producer)
    shown = page(desk, parcel)
    form = next(f for f in forms_of(shown) if f.fields.get("to") == to)
    assert ("Fresh goods are written off" in shown.content.decode()) == (
        shipping_class == ShippingClass.FRESH
    )
    send(desk, shown, form, reason="Không ai nhận", **({"put_back": said} if said else {}))
    parcel.refresh_from_db()
    assert parcel.state == to
    assert StockRecord.objects.get(product=product).num_in_stock == stock


def test_coming_back_needs_a_reason(mango):
    parcel, desk = new(mango, "handed_over"), member("owner", mango.producer)
    answer = desk.post(url(parcel, "step"), {"to": "refused", "reason": "\u200b", "put_back": "no"})
    assert answer.status_code == 422
    assert 'href="#id_reason"' in answer.content.decode()
    parcel.refresh_from_db()
    assert parcel.state == "handed_over"


class TestPackers:
    """Parcels, but no money and no talking to buyers."""

    def test_no_money_anywhere(self, mango):
        desk = member("packer", mango.producer)
        for state in ("new", "confirmed", "packed", "handed_over", "delivered"):
            body = page(desk, new(mango, state)).content.decode()
            assert "₫" not in body, state
        assert "₫" not in desk.get(reverse(LIST)).content.decode()

    def test_not_before_its_time(self, mango):
        parcel, desk = new(mango), member("packer", mango.producer)
        body = page(desk, parcel).content.decode()
        assert parcel.order.details.recipient not in body
        assert "Waits for the owner" in body
        assert desk.get(url(parcel, "paper", "label")).status_code == 404

    def test_no_priced_note_and_no_questions(self, mango):
        parcel, desk = new(mango, "confirmed"), member("packer", mango.producer)
        assert desk.get(url(parcel, "paper", "note")).status_code == 404
        assert desk.get(url(parcel, "missing")).url == url(parcel)
        desk.post(url(parcel, "missing"), {"reason": "x"})
        assert not ShortPack.objects.exists()


class TestMissing:
    """The producer says line by line what is missing."""

    def test_the_buyer_is_asked(self, mango, sent):
        parcel, desk = new((mango, 3), "confirmed"), member("owner", mango.producer)
        line = parcel.lines.get()
        question = desk.get(url(parcel, "missing"))
        answer = send(
            desk, question, form_with(question, "reason"),
            reason="Mưa <b>", **{f"can_send_{line.pk}": "1"},
        )
        assert answer.url == url(parcel)
        asked = ShortPack.objects.get()
        assert (asked.note, asked.lines.get().missing) == ("Mưa <b>", 2)
        body = page(desk, parcel).content.decode()
        assert "The buyer has been asked" in body
        shown = page(desk, parcel)
        send(desk, shown, next(f for f in forms_of(shown) if f.fields.get("to") == "confirmed"))
        parcel.refresh_from_db()
        assert parcel.state == "confirmed"

    @pytest.mark.parametrize(
        "typed", ["", "-1", "4", "1e9", "NaN", "\x00", "9" * 30, "1.5"]
    )
    def test_bad_numbers(self, mango, typed):
        parcel, desk = new((mango, 3), "confirmed"), member("owner", mango.producer)
        name = f"can_send_{parcel.lines.get().pk}"
        answer = desk.post(url(parcel, "missing"), {name: typed, "reason": "Mưa"})
        assert answer.status_code == 422
        assert f'href="#id_{name}"' in answer.content.decode()
        assert "Mưa" in answer.content.decode()
        assert not ShortPack.objects.exists()

    def test_nothing_missing_and_foreign_replacements(self, mango, foreign):
        parcel, desk = new((mango, 3), "confirmed"), member("owner", mango.producer)
        line = parcel.lines.get()
        answer = desk.post(url(parcel, "missing"), {f"can_send_{line.pk}": "3", "reason": "x"})
        assert "Nothing is missing" in answer.content.decode()
        make_product("Ổi", 50_000, 5, producer=mango.producer)
        theirs = foreign.lines.get().stockrecord_id
        answer = desk.post(
            url(parcel, "missing"),
            {f"can_send_{line.pk}": "1", "reason": "x", f"replacement_{line.pk}": theirs},
        )
        assert answer.status_code == 422
        assert not ShortPack.objects.exists()


class TestTheList:
    """Found by state, number, name and phone; never more than a page; never somebody else's."""

    def test_by_state(self, mango, foreign):
        desk = member("owner", mango.producer)
        fresh, packed = new(mango), new(mango, "packed")
        body = desk.get(reverse(LIST)).content.decode()
        assert fresh.number in body and packed.number in body
        assert foreign.number not in body
        body = desk.get(reverse(LIST), {"state": "packed"}).content.decode()
        assert packed.number in body and fresh.number not in body
        assert "Packed (1)" in body

    def test_by_words(self, mango):
        desk = member("owner", mango.producer)
        one = new(mango, "confirmed", destination=make_destination(
            recipient="Chị Hồng Đào", phone="+84987654321"))
        other = new(mango, "confirmed")
        unconfirmed = new(mango, destination=make_destination(
            recipient="Chị Hồng Đào", phone="+84987654321"))
        for words in ("hồng đào", "0987 654", one.number, one.number.lower()):
            body = desk.get(reverse(LIST), {"q": words}).content.decode()
            assert url(one) in body, words
            assert url(other) not in body, words
        # Who ordered is nobody's business before it is confirmed.
        for words in ("hồng đào", "0987654321"):
            body = desk.get(reverse(LIST), {"q": words}).content.decode()
            assert url(unconfirmed) not in body

    @pytest.mark.parametrize("junk", ["\x00", "x" * 5000, "%", "' OR 1", "９", "\u202e", "((("])
    def test_junk(self, mango, junk):
        desk = member("owner", mango.producer)
        for name in ("q", "state", "page"):
            assert desk.get(reverse(LIST), {name: junk}).status_code == 200

    def test_ten_thousand_parcels_cost_no_more_queries(
        self, mango, django_assert_max_num_queries
    ):
        desk = member("owner", mango.producer)
        first = new(mango)
        details = first.order.details
        many = [first.order.__class__(
            number=f"DTBULK{n:05}", currency="VND", total_incl_tax=1, total_excl_tax=1,
            site_id=first.order.site_id, date_placed=first.order.date_placed, status="placed",
        ) for n in range(10_000)]
        orders = first.order.__class__.objects.bulk_create(many, batch_size=2000)
        details.__class__.objects.bulk_create([details.__class__(
            order=order, secret=f"s{order.pk}", idempotency_key=f"k{order.pk}", language="vi",
            recipient="Khách", phone=details.phone, province=details.province,
            commune=details.commune,
        ) for order in orders], batch_size=2000)
        Consignment.objects.bulk_create([Consignment(
            order=order, producer=mango.producer, number=f"{order.number}-1", state="confirmed",
            state_changed_at=clock.now(), released_at=clock.now(), shipping_class="ambient",
            weight_g=1, goods_incl_tax=1, fee_incl_tax=0, handover_on=first.handover_on,
            promise_on=first.promise_on,
        ) for order in orders], batch_size=2000)
        with django_assert_max_num_queries(16):
            body = desk.get(reverse(LIST), {"page": "400", "q": "Khách"}).content.decode()
        assert body.count('class="task"') == 20
        with django_assert_max_num_queries(16):
            desk.get(reverse("portal:home"))


PARCEL_ROUTES = [
    ("one", []), ("step", []), ("undo", []), ("missing", []), ("report", []), ("photo", []),
    *[("paper", [p]) for p in ("packing", "note", "note-without-prices", "label", "label-a4",
                               "card", "x")],
]


@pytest.mark.parametrize(("name", "more"), PARCEL_ROUTES)
@pytest.mark.parametrize("role", ["owner", "staff", "packer"])
def test_a_foreign_parcel_does_not_exist(mango, foreign, name, more, role):
    bring(foreign, "confirmed", clock.now())
    desk = member(role, mango.producer)
    for number in (foreign.number, "DT00000000-1", "%00", "x" * 300):
        address = url(foreign, name, *more).replace(foreign.number, number)
        assert desk.get(address).status_code == 404
        assert desk.post(address, {"to": "packed", "report": "1"}).status_code == 404
    foreign.refresh_from_db()
    assert foreign.state == "confirmed"


def test_reports_are_answered_on_the_desk(mango, foreign, sent):
    parcel, desk = new(mango, "delivered"), member("staff", mango.producer)
    report = actions.report_not_arrived(
        consignment_id=parcel.pk, reason="part", note="Thiếu 1 <i>", now=clock.now()
    )
    assert "the buyer reports" in desk.get(reverse("portal:home")).content.decode()
    shown = page(desk, parcel)
    assert "Thiếu 1 &lt;i&gt;" in shown.content.decode()
    form = form_with(shown, "answer")
    assert send(desk, shown, form, answer=" \u200b ").status_code == 422
    stranger = member("owner", foreign.producer)
    theirs = {"report": report.pk, "answer": "x"}
    assert stranger.post(url(foreign, "report"), theirs).status_code == 404
    packer = member("packer", mango.producer)
    packer.post(url(parcel, "report"), theirs)
    report.refresh_from_db()
    assert report.answered_at is None
    send(desk, shown, form, answer="Mai gửi bù")
    report.refresh_from_db()
    assert report.answer == "Mai gửi bù"
    assert "Mai gửi bù" in str([m["context"] for m in sent if m["to"] == "bay@example.test"])
    send(desk, shown, form, answer="Lần nữa")
    report.refresh_from_db()
    assert report.answer == "Mai gửi bù"
