"""What a producer says of itself, its days of rest and its deliveries, and what buyers see."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import translation

from marketplace.accounts.roles import Role
from marketplace.kernel import clock
from marketplace.media.models import LibraryImage
from marketplace.platform.audit import AuditEntry
from marketplace.producers.delegation_actions import delegate, set_area
from marketplace.producers.models import Delegation, Membership, Producer
from marketplace.shipping.models import FreeThreshold
from marketplace.shipping.queries import free_thresholds
from tests.factories.accounts import make_staff, make_superuser, make_user, sign_in
from tests.factories.buying import form_with, send
from tests.factories.catalogue import make_producer, make_product
from tests.factories.orders import make_order, make_tariff
from tests.factories.pictures import photograph
from tests.media.conftest import _own_folders  # noqa: F401  (a fixture)
from tests.portal.test_desk import member

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
TODAY = NOON.date()


@pytest.fixture(autouse=True)
def english(db):
    make_tariff()
    with translation.override("en"), clock.frozen(NOON):
        yield


@pytest.fixture
def garden():
    return make_producer("Vườn Út Lành", story_vi="Từ năm 1998.", phone="+84912345678")


def said(producer, **changes):
    return {
        "producer": producer.pk, "story_vi": producer.story_vi or "", "story_en": "",
        "phone": "0912 345 678", "email": "", "established_year": "", "photo_alt": "", **changes,
    }


def shop_page(producer):
    """What a buyer without cookies gets, from the kept pages where there are any."""
    url = reverse("shop:producer", kwargs={"slug": producer.slug})
    return Client().get(url).content.decode()


# --- The profile ------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["owner", "staff"])
def test_what_is_written_is_read_by_the_next_buyer(garden, role):
    assert "Từ năm 1998." in shop_page(garden)
    desk = member(role, garden)
    page = desk.get(reverse("portal:profile"))
    body = page.content.decode()
    # Who it is before the law is shown, and can be typed nowhere.
    assert garden.registration_no in body
    assert 'name="registration_no"' not in body
    assert 'name="name_vi"' not in body
    answer = send(
        desk, page, form_with(page, "story_vi"),
        story_vi="Ba đời <b>trồng xoài</b>.", answers_on_zalo="on", phone="0909 111 222",
        established_year="1998",
    )
    assert answer.status_code == 302
    seen = shop_page(garden)
    assert "Ba đời trồng xoài." in seen
    assert "https://zalo.me/84909111222" in seen
    entry = AuditEntry.objects.get(action="producer.changed")
    assert entry.after["story_vi"] == "Ba đời <b>trồng xoài</b>."
    assert (entry.before["established_year"], entry.after["established_year"]) == (None, 1998)
    # An entry cannot be erased, so it names no number.
    assert entry.after["phone"] == "…"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"phone": ""}, "phone"),
        ({"phone": "12"}, "phone"),
        ({"email": "nobody"}, "email"),
        ({"established_year": "2027"}, "established_year"),
        ({"established_year": "old"}, "established_year"),
        ({"story_vi": "x" * 20_001}, "story_vi"),
    ],
)
def test_what_is_wrong_is_said_at_the_field_and_nothing_is_written(garden, changes, field):
    desk = member("owner", garden)
    answer = desk.post(reverse("portal:profile"), said(garden, **{"story_vi": "Mới", **changes}))
    assert answer.status_code == 422
    assert f'href="#id_{field}"' in answer.content.decode()
    garden.refresh_from_db()
    assert (garden.story_vi, garden.phone) == ("Từ năm 1998.", "+84912345678")
    assert not AuditEntry.objects.filter(action="producer.changed").exists()


def test_what_is_not_on_the_form_cannot_be_sent(garden):
    desk = member("owner", garden)
    forged = {"name_vi": "Kẻ khác", "tax_code": "1", "identity_verified_how": "x", "slug": "x"}
    assert desk.post(reverse("portal:profile"), said(garden, **forged)).status_code == 302
    garden.refresh_from_db()
    assert (garden.name_vi, garden.tax_code) == ("Vườn Út Lành", "")


def test_a_photo_with_its_words_and_away_again(garden):
    desk = member("owner", garden)
    url = reverse("portal:profile")

    def photo():
        return SimpleUploadedFile("a.jpg", photograph(), "image/jpeg")

    answer = desk.post(url, said(garden, photo=photo()))
    assert answer.status_code == 422
    assert 'href="#id_photo_alt"' in answer.content.decode()
    broken = SimpleUploadedFile("a.jpg", b"not a picture", "image/jpeg")
    answer = desk.post(url, said(garden, photo=broken, photo_alt="Cô Út", story_vi="Mới"))
    assert answer.status_code == 422
    garden.refresh_from_db()
    assert (garden.portrait, garden.story_vi) == (None, "Từ năm 1998.")
    assert not LibraryImage.objects.exists()
    desk.post(url, said(garden, photo=photo(), photo_alt="Cô Út bên gốc xoài"))
    garden.refresh_from_db()
    assert garden.portrait.alt_vi == "Cô Út bên gốc xoài"
    desk.post(url, said(garden, drop_photo="on"))
    garden.refresh_from_db()
    assert garden.portrait is None


def test_packers_and_strangers_stay_outside(garden):
    other = make_producer("Hương Sen")
    for name in ("profile", "profile_rest", "profile_delivery"):
        url = reverse(f"portal:{name}")
        assert member("packer", garden).get(url).status_code == 403
        assert member("packer", garden).post(url, said(garden)).status_code == 403
        owner = member("owner", garden)
        assert owner.get(f"{url}?producer={other.pk}").status_code == 404
        assert owner.post(url, said(other, do="end")).status_code == 404
        assert owner.get(f"{url}?producer=x").status_code == 404
        assert sign_in(Client(), make_user()).get(url).status_code == 403


def test_whoever_packs_for_one_and_owns_another_edits_the_other_only(garden):
    own = make_producer("Hương Sen")
    user = make_user()
    Membership.objects.create(producer=garden, user=user, role="packer")
    Membership.objects.create(producer=own, user=user, role="owner")
    desk = sign_in(Client(), user)
    url = reverse("portal:profile")
    assert "Hương Sen" in desk.get(url).content.decode()
    assert desk.get(f"{url}?producer={garden.pk}").status_code == 404


def test_an_officer_with_consent_edits_and_both_names_are_noted(garden):
    officer = make_staff(Role.AREA_OFFICER)
    boss = make_superuser()
    set_area(user=officer, commune_ids={garden.commune_id}, actor=boss)
    given = delegate(
        producer=garden, agent=officer, how=Delegation.How.IN_PERSON, consented_on=TODAY,
        actor=boss, now=NOON, today=TODAY,
    )
    client = sign_in(Client(), officer)
    url = reverse("portal:profile")
    client.post(reverse("portal:helping_start", args=[garden.pk]))
    assert client.post(url, said(garden, story_vi="Viết giúp.")).status_code == 302
    entry = AuditEntry.objects.get(action="producer.changed")
    assert (entry.user_id, entry.acting_for) == (officer.pk, "Vườn Út Lành")
    given.withdrawn_at, given.withdrawn_by = NOON, boss
    given.save()
    assert client.post(url, said(garden, story_vi="Lén sửa.")).status_code == 302
    garden.refresh_from_db()
    assert garden.story_vi == "Viết giúp."


# --- Days of rest -----------------------------------------------------------------------


def test_resting_is_asked_first_and_seen_by_the_next_buyer(garden):
    mango = make_product("Xoài cát", producer=garden)
    make_order(mango)
    desk = member("owner", garden)
    product_url = mango.get_absolute_url()
    assert "Closed" not in Client().get(product_url).content.decode()
    page = desk.get(reverse("portal:profile_rest"))
    form = form_with(page, "first_day")
    asked = send(
        desk, page, form, do="ask", first_day="2026-11-24", last_day="2026-11-30",
        reason_vi="Vườn nghỉ dưỡng cây.",
    )
    body = asked.content.decode()
    assert asked.status_code == 200
    assert "1 parcel is still to be sent" in body
    assert "stays there, but cannot be ordered" in body
    garden.refresh_from_db()
    assert garden.paused_from is None
    done = send(desk, asked, form_with(asked, "first_day"), do="save")
    assert done.status_code == 302
    for url in (product_url, reverse("shop:producer", kwargs={"slug": garden.slug})):
        seen = Client().get(url).content.decode()
        assert "Closed 24–30 Nov 2026" in seen
        assert "Vườn nghỉ dưỡng cây." in seen
    # One tap, and the next buyer can order.
    page = desk.get(reverse("portal:profile_rest"))
    assert "You rest through" in page.content.decode()
    desk.post(reverse("portal:profile_rest"), {"do": "end", "producer": garden.pk})
    assert "Closed" not in Client().get(product_url).content.decode()
    actions = AuditEntry.objects.filter(action__startswith="producer.pause").order_by("pk")
    assert [entry.action for entry in actions] == ["producer.pause_set", "producer.pause_ended"]


def test_a_kept_page_knows_when_a_rest_begins_and_ends(garden):
    mango = make_product("Xoài cát", producer=garden)
    desk = member("owner", garden)
    desk.post(reverse("portal:profile_rest"), {
        "producer": garden.pk, "do": "save", "first_day": "2026-11-26", "last_day": "2026-11-27",
    })
    garden.refresh_from_db()
    assert garden.paused_from.isoformat() == "2026-11-26"
    begins = datetime(2026, 11, 25, 17, 0, tzinfo=UTC)
    second = timedelta(seconds=1)
    for at, is_closed in (
        (NOON, False), (begins - second, False), (begins, True),
        (begins + timedelta(days=2) - second, True), (begins + timedelta(days=2), False),
    ):
        with clock.frozen(at):
            seen = Client().get(mango.get_absolute_url()).content.decode()
        assert ("Closed" in seen) is is_closed, at


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        ("", "", "first_day"),
        ("2026-11-23", "2026-11-30", "first_day"),
        ("2026-11-30", "2026-11-29", "last_day"),
        ("2026-11-30", "2027-12-30", "last_day"),
        ("2028-01-01", "2028-01-02", "first_day"),
        ("hôm nay", "mai", "first_day"),
        ("0000-00-00", "9999-12-31", "first_day"),
    ],
)
def test_wrong_days_are_refused(garden, first, last, field):
    desk = member("owner", garden)
    for do in ("ask", "save"):
        answer = desk.post(reverse("portal:profile_rest"), {
            "producer": garden.pk, "do": do, "first_day": first, "last_day": last,
        })
        assert answer.status_code == 422
        assert f'href="#id_{field}"' in answer.content.decode()
    assert not Producer.objects.exclude(paused_from=None).exists()


def test_a_rest_under_way_is_prolonged_from_its_first_day(garden):
    garden.paused_from, garden.paused_through = TODAY - timedelta(days=3), TODAY
    garden.save()
    desk = member("staff", garden)
    page = desk.get(reverse("portal:profile_rest"))
    form = form_with(page, "first_day")
    assert form.fields["first_day"] == "2026-11-21"
    asked = send(desk, page, form, do="ask", last_day="2026-12-24")
    send(desk, asked, form_with(asked, "first_day"), do="save")
    garden.refresh_from_db()
    assert garden.paused_through.isoformat() == "2026-12-24"


# --- Deliveries -------------------------------------------------------------------------


def test_days_and_free_delivery_are_the_producers_to_say(garden):
    desk = member("owner", garden)
    url = reverse("portal:profile_delivery")
    page = desk.get(url)
    send(desk, page, form_with(page, "free_from"), preparation_days="3", free_from="300.000")
    garden.refresh_from_db()
    assert garden.preparation_days == 3
    assert free_thresholds([garden.pk], TODAY) == {garden.pk: 300_000}
    # The same day again: no second row of one day.
    desk.post(url, {"producer": garden.pk, "preparation_days": "3", "free_from": "400000"})
    assert FreeThreshold.objects.get().amount_incl_tax == 400_000
    tomorrow = TODAY + timedelta(days=1)
    with clock.frozen(NOON + timedelta(days=1)):
        desk.post(url, {"producer": garden.pk, "preparation_days": "3", "free_from": ""})
    assert free_thresholds([garden.pk], tomorrow) == {}
    # What held before is history.
    assert free_thresholds([garden.pk], TODAY) == {garden.pk: 400_000}
    entry = AuditEntry.objects.filter(action="producer.free_threshold_set").latest("pk")
    assert (entry.before["amount"], entry.after["amount"]) == ("400000", None)


@pytest.mark.parametrize(
    ("days", "free_from", "field"),
    [
        ("", "", "preparation_days"), ("61", "", "preparation_days"),
        ("-1", "", "preparation_days"), ("2", "49999", "free_from"),
        ("2", "20000001", "free_from"), ("2", "many", "free_from"),
    ],
)
def test_bounds_of_deliveries(garden, days, free_from, field):
    desk = member("owner", garden)
    answer = desk.post(reverse("portal:profile_delivery"), {
        "producer": garden.pk, "preparation_days": days, "free_from": free_from,
    })
    assert answer.status_code == 422
    assert f'href="#id_{field}"' in answer.content.decode()
    garden.refresh_from_db()
    assert garden.preparation_days == 1
    assert not FreeThreshold.objects.exists()


# --- The menu ---------------------------------------------------------------------------


def test_the_bar_has_five_and_the_fifth_leads_to_the_rest(garden):
    desk = member("owner", garden)
    page = desk.get(reverse("portal:profile"))
    assert len(page.context["bar"]) == 5
    assert [item.is_current for item in page.context["bar"]] == [False] * 4 + [True]
    more = desk.get(reverse("portal:more")).content.decode()
    for item in page.context["side"][4:]:
        assert f'href="{item.url}"' in more
    packer = member("packer", garden).get(reverse("portal:home"))
    assert len(packer.context["bar"]) == 2
