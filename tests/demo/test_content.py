"""The demo province's content files are complete and consistent, checked without a database."""

import csv
import re
import tomllib
import unicodedata
from datetime import date
from pathlib import Path

import pytest
from biip.gtin import Gtin

CONTENT = Path(__file__).resolve().parents[2] / "marketplace" / "demo" / "content"
SLUG = re.compile(r"^[a-z0-9]+(-[a-z0-9]+)*$")
LANGUAGES = ("vi", "en")

# Which product key answers each fact that product_sets.toml may require.
ANSWERED_BY = {
    "title": ("title_vi", "title_en"),
    "description": ("description_vi", "description_en"),
    "producer": ("producer",),
    "origin_commune": ("origin_commune_code",),
    "ingredients": ("ingredients_vi", "ingredients_en"),
    "materials": ("ingredients_vi", "ingredients_en"),
    "allergens_declared": ("allergens",),
    "storage": ("storage_vi", "storage_en"),
    "usage": ("usage_vi", "usage_en"),
    "shelf_life_days": ("shelf_life_days",),
    "warnings": ("warnings_vi", "warnings_en"),
    "images": ("drawings",),
    "vat_rate": ("vat_rate",),
    "price": ("variant",),
    "net_quantity": ("variant",),
}
HEALTH_CLAIMS = re.compile(
    r"chữa bệnh|trị bệnh|hạ huyết áp|giảm cân|ngừa ung thư|an thần|bổ dưỡng|tốt cho sức khỏe"
    r"|cures?\b|heals?\b|lowers? blood|lose weight|prevents? cancer|good for your health",
    re.IGNORECASE,
)


def load(name):
    return tomllib.loads((CONTENT / f"{name}.toml").read_text(encoding="utf-8"))


def rows(name):
    lines = (CONTENT / f"{name}.csv").read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def strings(value, path=""):
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from strings(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from strings(inner, f"{path}[{index}]")


def words(text):
    return len(re.sub(r"<[^>]+>", " ", text).split())


PRODUCERS = load("producers")["producer"]
PRODUCTS = load("products")["product"]
CATEGORIES = load("categories")["category"]
SETS = {
    row["number"]: row
    for row in tomllib.loads(
        (CONTENT.parents[2] / "catalogue/data/product_sets.toml").read_text(encoding="utf-8")
    )["product_set"]
}
COMMUNES = {row["code"] for row in rows("communes")}
VARIANTS = [(product, variant) for product in PRODUCTS for variant in product["variant"]]
TOML_FILES = sorted(CONTENT.rglob("*.toml"))
STORIES = [
    tomllib.loads(path.read_text(encoding="utf-8"))
    for path in sorted((CONTENT / "stories").glob("*.toml"))
]


def by_slug(items):
    return pytest.mark.parametrize("item", items, ids=lambda item: item["slug"])


@pytest.mark.parametrize("path", TOML_FILES, ids=lambda path: path.name)
def test_text_is_nfc_trimmed_and_free_of_zero_width_characters(path):
    text = path.read_text(encoding="utf-8")
    assert text == unicodedata.normalize("NFC", text)
    assert not re.search("[\u200b-\u200f\u202a-\u202e\ufeff\u00ad]", text)
    assert "\t" not in text


@pytest.mark.parametrize(
    "path",
    # What growers are writing is as they left it.
    [path for path in TOML_FILES if path.name != "listings.toml"],
    ids=lambda path: path.name,
)
def test_every_text_exists_in_both_languages(path):
    def walk(value, where):
        if isinstance(value, dict):
            for key, inner in value.items():
                if key.endswith("_vi"):
                    twin = key[:-3] + "_en"
                    assert value.get(twin), f"{where}.{twin} is missing"
                    assert inner, f"{where}.{key} is empty"
                if key.endswith("_en") and key != "slug_en":
                    assert key[:-3] + "_vi" in value, f"{where}.{key} has no Vietnamese"
                walk(inner, f"{where}.{key}")
        elif isinstance(value, list):
            for index, inner in enumerate(value):
                walk(inner, f"{where}[{index}]")

    walk(tomllib.loads(path.read_text(encoding="utf-8")), path.name)


def test_no_text_claims_health_effects_or_stars():
    for path in TOML_FILES:
        if path.name == "pages.toml":
            continue
        for where, text in strings(tomllib.loads(path.read_text(encoding="utf-8"))):
            assert not HEALTH_CLAIMS.search(text), f"{path.name}{where}: {text}"
            assert not re.search(r"\b[345]\s*(sao|stars?)\b", text), f"{path.name}{where}"


def test_reference_communes_are_the_102_of_the_province():
    assert len(COMMUNES) == 102
    assert {row["code"] for row in rows("communes-formed-from")} == COMMUNES


# Producers


def test_producers_are_24_of_all_kinds_over_many_communes():
    assert len(PRODUCERS) == 24
    kinds = [producer["kind"] for producer in PRODUCERS]
    assert set(kinds) == {"household", "cooperative", "company", "group"}
    assert kinds.count("household") > kinds.count("cooperative") > kinds.count("group")
    assert len({producer["commune_code"] for producer in PRODUCERS}) >= 18


@pytest.mark.parametrize("key", ["slug", "code", "phone", "tax_code", "registration_no", "name_vi"])
def test_producers_share_no(key):
    values = [producer[key] for producer in PRODUCERS]
    assert len(values) == len(set(values))


@by_slug(PRODUCERS)
def test_producer_is_complete(item):
    assert SLUG.match(item["slug"])
    assert item["commune_code"] in COMMUNES
    assert re.fullmatch(r"\+849000001\d\d", item["phone"])
    assert re.fullmatch(r"99\d{8}", item["tax_code"])
    assert "DEMO" in item["registration_no"]
    assert (CONTENT / "drawings" / item["portrait"]).is_file()
    assert item["portrait"].startswith("people/")
    assert 1 <= item["prep_days"] <= 5
    for language in LANGUAGES:
        assert 80 <= words(item[f"story_{language}"]) <= 140
    if "free_delivery_from" in item:
        assert 200_000 <= item["free_delivery_from"] <= 1_000_000


def test_one_producer_is_unverified_and_one_is_paused_now():
    assert [p["identity_verified"] for p in PRODUCERS].count(False) == 1
    paused = [p for p in PRODUCERS if "paused_from_days" in p]
    assert len(paused) == 1
    assert paused[0]["paused_from_days"] <= 0 < paused[0]["paused_through_days"]
    for producer in PRODUCERS:
        assert producer["identity_verified"] == ("identity_verified_days" in producer)


# Categories, sets, allergens


def test_categories_form_two_levels():
    slugs = [category["slug"] for category in CATEGORIES]
    tops = {category["slug"] for category in CATEGORIES if "parent" not in category}
    assert len(slugs) == len(set(slugs))
    assert len({category["slug_en"] for category in CATEGORIES}) == len(CATEGORIES)
    assert len(tops) >= 12
    for category in CATEGORIES:
        assert SLUG.match(category["slug"]) and SLUG.match(category["slug_en"])
        assert category.get("parent", "trai-cay") in tops
        assert (CONTENT / "drawings" / category["drawing"]).is_file()


def test_no_shelf_is_empty():
    used = {product["category"] for product in PRODUCTS}
    used |= {slug for product in PRODUCTS for slug in product["more_categories"]}
    parents = {c["slug"]: c.get("parent") for c in CATEGORIES}
    used |= {parents[slug] for slug in used}
    assert set(parents) <= used


def test_product_sets_are_the_26_of_the_decision_in_six_groups():
    assert sorted(SETS) == list(range(1, 27))
    groups = {row["group"] for row in SETS.values()}
    assert groups == {"food", "drink", "medicinal", "craft", "ornamental", "tourism"}
    assert {n for n, row in SETS.items() if row.get("minimum_age") == 18} == {14, 15}
    for row in SETS.values():
        assert set(row["required"]) <= set(ANSWERED_BY)
        date.fromisoformat(row["effective_from"])
        assert row["source"]


# Products


def test_products_are_at_least_96_in_all_groups_from_every_producer():
    assert len(PRODUCTS) >= 96
    assert {SETS[product["ocop_set"]]["group"] for product in PRODUCTS} == {
        row["group"] for row in SETS.values()
    }
    assert {product["producer"] for product in PRODUCTS} == {p["slug"] for p in PRODUCERS}
    assert sum(len(product["variant"]) > 1 for product in PRODUCTS) >= 40


def test_slugs_titles_and_skus_are_unique():
    for values in (
        [product["slug"] for product in PRODUCTS],
        [product["title_vi"] for product in PRODUCTS],
        [product["title_en"] for product in PRODUCTS],
        [variant["sku"] for _, variant in VARIANTS],
    ):
        assert len(values) == len(set(values))


def test_gtins_are_unique_valid_and_in_the_demonstration_range():
    gtins = [variant["gtin"] for _, variant in VARIANTS if "gtin" in variant]
    assert len(gtins) == len(set(gtins))
    for value in gtins:
        assert len(value) == 13 and value.startswith("952")
        assert Gtin.parse(value).value == value
    with_gtin = sum(any("gtin" in v for v in product["variant"]) for product in PRODUCTS)
    assert 0.4 <= with_gtin / len(PRODUCTS) <= 0.6


@by_slug(PRODUCTS)
def test_product_carries_what_its_set_requires(item):
    required = SETS[item["ocop_set"]]["required"]
    for fact in required:
        for key in ANSWERED_BY[fact]:
            assert key in item, f"{fact}: {key} is missing"
            if key != "allergens":
                assert item[key] not in ("", []), f"{fact}: {key} is empty"


@by_slug(PRODUCTS)
def test_product_is_complete(item):
    from catalogue.models import Allergen

    assert SLUG.match(item["slug"])
    assert item["producer"] in {producer["slug"] for producer in PRODUCERS}
    leaves = {c["slug"] for c in CATEGORIES} - {c.get("parent") for c in CATEGORIES}
    assert item["category"] in leaves
    assert set(item["more_categories"]) <= leaves
    assert item["origin_commune_code"] in COMMUNES
    assert set(item["allergens"]) <= set(Allergen.values)
    assert item["drawings"]
    for drawing in item["drawings"]:
        assert drawing.startswith("goods/") and (CONTENT / "drawings" / drawing).is_file()
    for language in LANGUAGES:
        assert len(item[f"title_{language}"]) <= 70
        assert 30 <= len(item[f"summary_{language}"]) <= 160
    assert 38 <= words(item["description_vi"]) <= 95
    assert 30 <= words(item["description_en"]) <= 95
    months = item["harvest_main"] + item["harvest_side"]
    assert all(1 <= month <= 12 for month in months)
    assert len(months) == len(set(months))
    assert item["vat_rate"] in ("0", "5", "8", "10")
    assert item["unit_price_basis"] in ("kg", "100g", "l", "100ml", "piece")
    shipping = {row["code"] for row in load("shipping")["shipping_class"]}
    assert item["shipping_class"] in shipping
    assert (item["ocop_set"] == 26) == (item["shipping_class"] == "none")


@by_slug(PRODUCTS)
def test_variants_are_sane(item):
    labels = [variant["label_vi"] for variant in item["variant"]]
    assert labels and len(labels) == len(set(labels))
    for variant in item["variant"]:
        assert variant["price"] % 1000 == 0
        assert 15_000 <= variant["price"] <= 5_000_000
        assert variant["stock"] >= 0
        assert ("net_weight_g" in variant) != ("net_count" in variant)
        assert (item["unit_price_basis"] in ("l", "100ml")) == ("net_volume_ml" in variant)
        if "net_count" in variant:
            assert variant["count_unit_vi"] and variant["count_unit_en"]
        if item["shipping_class"] == "none":
            assert variant["gross_weight_g"] == 0
        else:
            assert variant.get("net_weight_g", 1) < variant["gross_weight_g"] <= 30_000
        if "sale" in variant:
            sale = variant["sale"]
            assert 0.08 <= 1 - sale["price"] / variant["price"] <= 0.26
            assert sale["price"] % 1000 == 0
            assert sale["from_days"] <= 0 < sale["through_days"]


@by_slug(PRODUCTS)
def test_a_larger_plain_pack_is_not_dearer_per_gram(item):
    special = re.compile(r"quà|biếu|hạng|cỡ lớn|túi lọc|vị ")
    plain = [
        (v["net_weight_g"], v["price"] / v["net_weight_g"])
        for v in item["variant"]
        if "net_weight_g" in v and not special.search(v["label_vi"].lower())
    ]
    plain.sort()
    for (_, smaller), (_, larger) in zip(plain, plain[1:], strict=False):
        assert larger <= smaller * 1.001


def test_alcohol_carries_the_age_warning_and_honey_the_infant_warning():
    for product in PRODUCTS:
        if product["ocop_set"] in (14, 15):
            assert "18" in product["warnings_vi"] and "18" in product["warnings_en"]
        if "mật ong" in product.get("ingredients_vi", "").lower():
            assert "12 tháng" in product["warnings_vi"]


def test_stock_and_sales_show_every_state():
    stocks = [variant["stock"] for _, variant in VARIANTS]
    assert sum(stock == 0 for stock in stocks) >= 5
    assert sum(1 <= stock <= 5 for stock in stocks) >= 5
    assert 10 <= sum("sale" in variant for _, variant in VARIANTS) <= 20
    assert any(product.get("shelf_life_days", 99) <= 3 for product in PRODUCTS)


# Provinces and delivery


def test_provinces_and_islands_match_the_public_list():
    vietnam_provinces = pytest.importorskip("vietnam_provinces")
    data = load("provinces")
    public = {f"{int(p.code):02d}" for p in vietnam_provinces.Province.iter_all()}
    assert {province["code"] for province in data["province"]} == public
    special = {
        f"{int(w.code):05d}"
        for w in vietnam_provinces.Ward.iter_all()
        if w.name.startswith("Đặc khu")
    }
    assert {island["commune_code"] for island in data["island"]} == special
    zones = {zone["code"] for zone in data["zone"]}
    assert {province["zone"] for province in data["province"]} <= zones
    assert [p["code"] for p in data["province"] if p["zone"] == "same"] == ["82"]


def test_every_class_has_a_tariff_or_a_reason_for_every_zone():
    data = load("shipping")
    zones = {zone["code"] for zone in load("provinces")["zone"]}
    offered = {(row["class"], row["zone"]) for row in data["tariff"]}
    refused = {(row["class"], row["zone"]) for row in data["refusal"]}
    classes = {row["code"] for row in data["shipping_class"]} - {"none"}
    assert not offered & refused
    assert offered | refused == {(c, zone) for c in classes for zone in zones}


def test_tariffs_rise_with_weight():
    for row in load("shipping")["tariff"]:
        weights = [band["up_to_g"] for band in row["bands"]]
        fees = [band["fee_incl_tax"] for band in row["bands"]]
        assert weights == sorted(set(weights)) and fees == sorted(set(fees))
        assert weights[-1] == 30_000
        assert all(fee % 1000 == 0 for fee in fees)
        assert 1 <= row["transit_days_min"] <= row["transit_days_max"] <= 8
        date.fromisoformat(row["effective_from"])


def test_some_goods_spoil_on_the_way_to_some_zone():
    transit = {
        (row["class"], row["zone"]): row["transit_days_max"] for row in load("shipping")["tariff"]
    }
    assert any(
        product["shelf_life_days"] < transit.get((product["shipping_class"], "north"), 0)
        for product in PRODUCTS
        if "shelf_life_days" in product
    )


# Stories, pages, orders, accounts


def test_stories_are_six_from_real_places():
    assert len(STORIES) == 6
    assert len({story["slug"] for story in STORIES}) == 6
    assert len({story["slug_en"] for story in STORIES}) == 6


@by_slug(STORIES)
def test_story_is_complete(item):
    products = {product["slug"] for product in PRODUCTS}
    producers = {producer["slug"] for producer in PRODUCERS}
    assert item["commune_code"] in COMMUNES
    assert (CONTENT / "drawings" / item["drawing"]).is_file()
    assert set(item["producers"]) <= producers
    kinds = [block["kind"] for block in item["block"]]
    assert "live_product" in kinds and "drawing" in kinds and "heading" in kinds
    for block in item["block"]:
        if block["kind"] == "live_product":
            assert block["product"] in products
        elif block["kind"] == "drawing":
            assert (CONTENT / "drawings" / block["drawing"]).is_file()
            # The page itself adds the word to every drawing.
            assert not block["caption_vi"].startswith(("Tranh vẽ", "Hình vẽ"))
            assert not block["caption_en"].startswith("Drawing")
        elif block["kind"] == "quote":
            assert block["producer"] in producers, "only invented producers are quoted"
        else:
            assert block["kind"] in ("heading", "paragraph")
    for language in LANGUAGES:
        text = " ".join(block.get(f"text_{language}", "") for block in item["block"])
        assert 350 <= words(text) <= 620
        tags = set(re.findall(r"</?([a-z0-9]+)", text))
        assert tags <= {"b", "i", "a"}
    assert len(item["fact"]) >= 3
    assert all(fact["source"] for fact in item["fact"])
    for person in item["person"]:
        assert person["producer"] in producers
        assert (CONTENT / "drawings" / person["drawing"]).is_file()


def test_pages_cover_the_legal_duties():
    data = load("pages")
    pages = {page["slug"]: page for page in data["page"]}
    assert {
        "gioi-thieu",
        "thong-tin-don-vi-van-hanh",
        "quy-che-hoat-dong",
        "giao-hang-va-phi",
        "doi-tra-va-hoan-tien",
        "quyen-rieng-tu",
        "thanh-toan",
        "khieu-nai",
    } <= set(pages)
    for page in pages.values():
        assert SLUG.match(page["slug_en"])
        for language in LANGUAGES:
            body = " ".join(section[f"body_{language}"] for section in page["section"])
            assert 200 <= words(body) <= 650, (page["slug"], language)
            tags = set(re.findall(r"</?([a-z0-9]+)", body))
            assert tags <= {"p", "ul", "ol", "li", "b", "i", "a"}
    purposes = {consent["purpose"] for consent in data["consent"]}
    assert {"terms", "privacy"} <= purposes
    for consent in data["consent"]:
        assert consent["version"]
        date.fromisoformat(consent["effective_from"])


def test_consents_are_those_that_the_shop_asks_for():
    file = CONTENT.parents[1] / "orders/data/reference.toml"
    theirs = tomllib.loads(file.read_text(encoding="utf-8"))["consent_text"]
    for row, twin in zip(load("pages")["consent"], theirs, strict=True):
        for field in set(twin) - {"source"}:
            assert str(row[field]) == str(twin[field]), field


def test_menus_and_footer_point_to_existing_places():
    data = load("pages")
    pages = {page["slug"] for page in data["page"]}
    categories = {category["slug"] for category in CATEGORIES}
    links = data["menu"] + [link for column in data["footer_column"] for link in column["link"]]
    for link in links:
        targets = [key for key in ("page", "category", "url", "special") if key in link]
        assert len(targets) == 1
        if "page" in link:
            assert link["page"] in pages
        if "category" in link:
            assert link["category"] in categories


def test_home_page_picks_exist():
    home = load("pages")["home"]
    products = {product["slug"] for product in PRODUCTS}
    categories = {c["slug"] for c in CATEGORIES if "parent" not in c}
    stories = {story["slug"] for story in STORIES}
    for block in home["block"]:
        assert set(block.get("products", [])) <= products
        assert set(block.get("categories", [])) <= categories
        assert set(block.get("stories", [])) <= stories


def test_orders_are_generated_from_known_buyers_and_products():
    data = load("orders")
    products = {product["slug"] for product in PRODUCTS}
    assert len(data["buyer"]) == 20
    assert len({buyer["phone"] for buyer in data["buyer"]}) == 20
    vietnam_provinces = pytest.importorskip("vietnam_provinces")
    wards = {
        f"{int(w.code):05d}": (w.name, f"{int(w.province_code):02d}")
        for w in vietnam_provinces.Ward.iter_all()
    }
    for buyer in data["buyer"]:
        assert re.fullmatch(r"\+849000002\d\d", buyer["phone"])
        name, province = wards[buyer["commune_code"]]
        assert province == buyer["province_code"]
        assert buyer["commune_name"] == name
    assert set(data["popularity"]) <= products
    assert all(weight > 0 for weight in data["popularity"].values())


def test_accounts_name_known_roles_and_producers():
    producers = {producer["slug"] for producer in PRODUCERS}
    accounts = load("accounts")["account"]
    emails = [account["email"] for account in accounts]
    assert len(emails) == len(set(emails))
    for account in accounts:
        assert account["email"].endswith((".test", "@example.com"))
        assert len(account["password"]) >= 12
        assert account.get("producer", "vuon-ut-lanh") in producers
        assert account["role"].startswith("producer_") == ("producer" in account)
