"""Which commune somebody means, and that the files hold every one."""

from datetime import date, timedelta

import pytest
from django.core.management import call_command

from marketplace.places import queries
from marketplace.places.models import Commune, Province
from tests.factories.catalogue import REFORM, make_commune, make_province

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 24)


def names(found: list[Commune]) -> list[str]:
    return [unit.full_name for unit in found]


@pytest.fixture
def reference(db):
    call_command("load_reference", verbosity=0)


def test_all_units_are_loaded_once(reference, django_assert_max_num_queries):
    # 26 sets are looked up one by one; the communes must not be.
    with django_assert_max_num_queries(120):
        call_command("load_reference", verbosity=0)

    assert Province.objects.count() == 34
    assert Commune.objects.filter(valid_through=None).count() == 3321
    assert Commune.objects.filter(province="82").count() == 102
    assert Commune.objects.filter(kind="special_zone").count() == 13
    assert set(Commune.objects.values_list("valid_from", flat=True)) == {REFORM}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Mỹ Thọ", ["xã Mỹ Thọ"]),
        ("xã Mỹ Thọ", ["xã Mỹ Thọ"]),
        ("XA MY THO", ["xã Mỹ Thọ"]),
        ("x. mỹ thọ", ["xã Mỹ Thọ"]),
        ("p.Cao Lãnh", ["phường Cao Lãnh"]),
        ("  phường   cao lãnh ", ["phường Cao Lãnh"]),
        ("P Sa Đéc", ["phường Sa Đéc"]),
        ("sa đéc, Đồng Tháp", ["phường Sa Đéc"]),
        ("Sa De\u0301c", ["phường Sa Đéc"]),
        ("", []),
        ("\x00", []),
        ("xã", []),
        ("không có xã này", []),
        ("ấ" * 500, []),
    ],
)
def test_what_people_type(reference, typed, meant):
    province = Province.objects.get(code="82")
    assert names(queries.match_commune(typed, province, TODAY)) == meant


def test_two_units_of_one_name_are_both_offered_unless_the_kind_is_said():
    make_commune("Cao Lãnh", code="29869", kind=Commune.Kind.WARD)
    make_commune("Cao Lãnh", code="30001", kind=Commune.Kind.COMMUNE)
    province = make_province()

    assert len(queries.match_commune("cao lanh", province, TODAY)) == 2
    assert names(queries.match_commune("phường Cao Lãnh", province, TODAY)) == ["phường Cao Lãnh"]
    assert names(queries.match_commune("xa cao lanh", province, TODAY)) == ["xã Cao Lãnh"]


def test_marks_decide_when_they_were_typed():
    make_commune("Tân Thành", code="90001")
    make_commune("Tân Thạnh", code="90002")
    province = make_province()

    assert names(queries.match_commune("Tân Thạnh", province, TODAY)) == ["xã Tân Thạnh"]
    assert len(queries.match_commune("tan thanh", province, TODAY)) == 2


def test_an_old_name_leads_to_the_units_of_today():
    make_commune("Đạo Thạnh", code="28249", formed_from="p. 4 (thành phố Mỹ Tho), x. Bình Thạnh")
    make_commune("Thới Sơn", code="28270", formed_from="x. Bình Thạnh")
    province = make_province()

    assert names(queries.match_commune("xã Bình Thạnh", province, TODAY)) == [
        "xã Đạo Thạnh",
        "xã Thới Sơn",
    ]
    assert names(queries.match_commune("phường 4", province, TODAY)) == ["xã Đạo Thạnh"]


def test_a_unit_is_found_only_on_the_days_it_existed():
    make_commune(
        "Mỹ An", code="90003", valid_from=date(2000, 1, 1),
        valid_through=REFORM - timedelta(days=1),
    )
    province = make_province()

    assert queries.match_commune("Mỹ An", province, TODAY) == []
    assert len(queries.match_commune("Mỹ An", province, date(2025, 6, 30))) == 1


def test_type_ahead_offers_what_contains_the_words(reference):
    province = Province.objects.get(code="82")

    assert "phường Cao Lãnh" in names(queries.commune_options("lanh", province, TODAY))
    assert len(queries.commune_options("", province, TODAY)) == 12
    assert len(queries.commune_options("a", province, TODAY, limit=5)) == 5
