"""The producers' desk: adding, identifying, pausing, and what each of it leaves behind."""

from datetime import timedelta

import pytest
from django.urls import reverse

from catalogue import queries as catalogue
from marketplace.accounts.roles import Role
from marketplace.kernel import clock
from marketplace.platform.audit import AuditEntry
from marketplace.producers.models import Producer
from tests.factories.catalogue import make_commune, make_producer, make_product

PROFILE = {
    "do": "profile",
    "name_vi": "Vườn xoài Sáu Thảnh",
    "name_en": "Sáu Thảnh mango garden",
    "kind": "household",
    "representative": "Nguyễn Văn Thảnh",
    "registration_no": "51A8000123",
    "tax_code": "",
    "street": "Ấp Tịnh Châu",
    "commune": "p. Cao Lanh",
    "phone": "０９１２ 345 678",
    "email": "",
    "established_year": "1998",
    "preparation_days": "2",
    "portrait": "",
    "story_vi": "",
    "story_en": "",
}


def entries(producer, action):
    return AuditEntry.objects.filter(object_id=str(producer.pk), action=action)


def profile_of(producer, **changed):
    values = {name: getattr(producer, name, "") or "" for name in PROFILE if name != "do"}
    values["commune"] = "phường Cao Lãnh, Đồng Tháp"
    values["portrait"] = ""
    return {"do": "profile", **values, **changed}


def test_an_officer_adds_identifies_and_the_goods_appear(officer):
    make_commune()
    page = officer.post(reverse("office_producers:add"), PROFILE)
    producer = Producer.objects.get()
    assert page.url == reverse("office_producers:edit", args=(producer.pk,))
    assert producer.phone == "+84912345678"
    assert producer.slug == "vuon-xoai-sau-thanh"
    assert producer.partner.name == "Vườn xoài Sáu Thảnh"
    assert not producer.is_identified
    listing = make_product(producer=producer)
    assert not catalogue.public_listings().filter(pk=listing.pk).exists()

    url = reverse("office_producers:edit", args=(producer.pk,))
    refused = officer.post(url, {"do": "verify", "how": "  "})
    assert refused.status_code == 422
    producer.refresh_from_db()
    assert not producer.is_identified

    officer.post(url, {"do": "verify", "how": "Xem giấy đăng ký hộ kinh doanh"})
    producer.refresh_from_db()
    assert producer.identity_verified_by == officer.user
    assert catalogue.public_listings().filter(pk=listing.pk).exists()
    (entry,) = entries(producer, "producer.identity_verified")
    assert entry.user_id == officer.user.pk
    assert entry.before["verified_at"] is None
    assert entry.after["how"] == "Xem giấy đăng ký hộ kinh doanh"

    officer.post(url, {"do": "withdraw", "reason": "Giấy đã hết hạn"})
    assert not catalogue.public_listings().filter(pk=listing.pk).exists()
    assert entries(producer, "producer.verification_withdrawn").get().reason == "Giấy đã hết hạn"


def test_what_was_typed_wrongly_is_said_and_kept(officer):
    make_commune()
    page = officer.post(
        reverse("office_producers:add"),
        {**PROFILE, "phone": "12", "commune": "Xứ Lạ", "registration_no": ""},
    )
    text = page.content.decode()
    assert page.status_code == 422
    assert "Vườn xoài Sáu Thảnh" in text
    assert "Xứ Lạ" in text
    assert set(page.context["form"].errors) == {"phone", "commune", "__all__"}
    assert not Producer.objects.exists()


def test_a_change_is_audited_with_before_and_after_and_without_a_phone(operator):
    producer = make_producer("Vườn Cũ", email="cu@example.test")
    url = reverse("office_producers:edit", args=(producer.pk,))
    page = operator.post(
        url, profile_of(producer, name_vi="Vườn Mới", phone="0987654321", answers_on_zalo="on")
    )
    assert page.status_code == 302, page.context["form"].errors
    entry = entries(producer, "producer.changed").get()
    assert entry.before["name_vi"] == "Vườn Cũ"
    assert entry.after["name_vi"] == "Vườn Mới"
    assert entry.after["answers_on_zalo"] is True
    assert "0987654321" not in str(entry.after)
    assert "987654321" not in str(entry.after)
    history = operator.get(reverse("office_producers:history", args=(producer.pk,)))
    assert "Vườn Cũ" in history.content.decode()

    operator.post(url, profile_of(Producer.objects.get(pk=producer.pk), answers_on_zalo="on"))
    assert entries(producer, "producer.changed").count() == 1


def test_a_pause_has_two_ends_and_opens_by_itself(operator):
    producer = make_producer()
    url = reverse("office_producers:edit", args=(producer.pk,))
    today = clock.today()
    for first, last in (
        (today, ""), ("", today), (today, today - timedelta(days=1)), ("hôm nay", today),
    ):  # fmt: skip
        page = operator.post(url, {"do": "pause", "paused_from": first, "paused_through": last})
        assert page.status_code == 422, (first, last)
    operator.post(
        url,
        {
            "do": "pause", "paused_from": today, "paused_through": today + timedelta(days=3),
            "reason_vi": "Nghỉ giỗ",
        },
    )  # fmt: skip
    producer.refresh_from_db()
    assert producer.is_paused(today)
    assert not producer.is_paused(today + timedelta(days=4))
    assert entries(producer, "producer.pause_set").get().after["reason_vi"] == "Nghỉ giỗ"
    operator.post(url, {"do": "pause", "paused_from": "", "paused_through": ""})
    producer.refresh_from_db()
    assert producer.paused_from is None
    assert entries(producer, "producer.pause_ended").exists()


def test_posted_owner_verification_and_address_are_ignored(operator):
    producer = make_producer(verified=False)
    other = make_producer()
    slug = producer.slug
    operator.post(
        reverse("office_producers:edit", args=(producer.pk,)),
        profile_of(
            producer,
            identity_verified_at="2026-01-01",
            identity_verified_by=operator.user.pk,
            identity_verified_how="x",
            partner=other.partner_id,
            slug="khac",
            paused_from="2026-01-01",
            paused_through="2030-01-01",
            sort_key="zzz",
        ),
    )
    producer.refresh_from_db()
    assert not producer.is_identified
    assert producer.partner_id != other.partner_id
    assert producer.slug == slug
    assert producer.paused_from is None


def test_a_translator_writes_english_and_nothing_else(desk):
    translator = desk(Role.TRANSLATOR)
    producer = make_producer("Vườn Cũ", verified=False)
    url = reverse("office_producers:edit", args=(producer.pk,))
    translator.post(
        url, profile_of(producer, name_vi="Đổi", name_en="Old garden", phone="0987654321")
    )
    producer.refresh_from_db()
    assert producer.name_en == "Old garden"
    assert producer.name_vi == "Vườn Cũ"
    assert producer.phone != "+84987654321"
    for do in ("verify", "withdraw", "pause"):
        assert translator.post(url, {"do": do, "how": "x", "reason": "x"}).status_code == 403
    producer.refresh_from_db()
    assert not producer.is_identified


@pytest.mark.parametrize("do", ["profile", "verify", "withdraw", "pause"])
def test_finance_looks_and_changes_nothing(finance, do):
    producer = make_producer("Vườn Cũ", verified=False)
    url = reverse("office_producers:edit", args=(producer.pk,))
    page = finance.get(url)
    assert page.status_code == 200
    assert 'value="verify"' not in page.content.decode()
    before = AuditEntry.objects.count()
    assert finance.post(url, {**profile_of(producer), "do": do, "how": "x"}).status_code == 403
    assert AuditEntry.objects.count() == before


def test_an_unknown_part_changes_nothing(operator):
    producer = make_producer()
    url = reverse("office_producers:edit", args=(producer.pk,))
    assert operator.post(url, {"do": "delete"}).status_code == 422


def test_the_list_filters(operator):
    make_producer("Vườn Đã Kiểm", kind=Producer.Kind.COOPERATIVE)
    make_producer("Vườn Chưa Kiểm", verified=False)
    today = clock.today()
    make_producer("Vườn Nghỉ", paused=(today, today))
    for parameters, found in (
        ({"verified": "no"}, {"Vườn Chưa Kiểm"}),
        ({"paused": "yes"}, {"Vườn Nghỉ"}),
        ({"kind": "cooperative"}, {"Vườn Đã Kiểm"}),
        ({"q": "nghi"}, {"Vườn Nghỉ"}),
    ):
        rows = operator.get(reverse("office_producers:index"), parameters).context["object_list"]
        assert {producer.name_vi for producer in rows} == found, parameters
