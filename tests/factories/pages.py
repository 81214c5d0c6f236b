"""A small site in two languages with one story that sells something."""

from __future__ import annotations

import tomllib
from pathlib import Path
from types import SimpleNamespace

from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield

from catalogue.models import Product
from cms.actions import Material, build_site
from cms.models import HomePage, StoryIndexPage, StoryPage
from marketplace.media.models import LibraryImage
from tests.factories.catalogue import make_category, make_commune, make_producer, make_product

CONTENT = Path(__file__).resolve().parents[2] / "marketplace" / "demo" / "content"

SITE = {
    "site": {"tagline_vi": "Sản vật Đồng Tháp", "tagline_en": "Goods of Đồng Tháp",
             "phone": "+84900000100", "email": "ho-tro@example.com"},
    "operator": {"name_vi": "Hợp tác xã Đất Sen", "name_en": "Đất Sen Co-operative",
                 "registration_no": "HTX-1", "tax_code": "9900000001",
                 "representative": "Trương Quốc Bảo", "street": "Bờ Kè Mới",
                 "commune_code": "29869"},
    "home": {
        "title_vi": "Đất Sen – sản vật Đồng Tháp",
        "title_en": "Đất Sen: goods of Đồng Tháp",
        "block": [
            {"kind": "hero", "title_vi": "Sản vật đất sen", "title_en": "Goods of the lotus land",
             "button_vi": "Mua sản vật", "button_en": "Shop", "button_special": "products"},
            {"kind": "categories", "title_vi": "Danh mục", "title_en": "Shelves"},
            {"kind": "picks", "title_vi": "Đang vào mùa", "title_en": "In season",
             "products": ["tra-tim-sen"]},
            {"kind": "stories", "title_vi": "Chuyện làng", "title_en": "Stories"},
        ],
    },
    "menu": [{"label_vi": "Trái cây", "label_en": "Fruit", "category": "trai-cay"},
             {"label_vi": "Chuyện làng", "label_en": "Stories", "special": "stories"}],
    "footer_column": [
        {"title_vi": "Mua hàng", "title_en": "Shopping",
         "link": [{"label_vi": "Quyền riêng tư", "label_en": "Privacy",
                   "page": "quyen-rieng-tu"}]},
    ],
    "page": [
        {"slug": "quyen-rieng-tu", "slug_en": "privacy", "title_vi": "Quyền riêng tư",
         "title_en": "Privacy", "standfirst_vi": "Dữ liệu của bạn", "effective_from": "2026-01-01",
         "section": [{"heading_vi": "Chúng tôi giữ gì", "heading_en": "What we keep",
                      "body_vi": "<p>Tên và số điện thoại.</p>",
                      "body_en": "<p>Name and phone.</p>"}]},
        {"slug": "gioi-thieu", "slug_en": "about", "title_vi": "Giới thiệu", "title_en": "About",
         "section": [{"body_vi": "<p>Một cái chợ.</p>", "body_en": "<p>A market.</p>"}]},
    ],
}
STORY = {
    "slug": "mot-dem-tach-tim-sen",
    "slug_en": "a-night-of-coring-lotus",
    "kicker_vi": "Người làm ra sản phẩm",
    "title_vi": "Một đêm tách tim sen",
    "title_en": "A night of coring lotus",
    "standfirst_vi": "Hạt sen hái ban ngày phải tách tim trong đêm.",
    "standfirst_en": "Seeds picked by day must be cored by night.",
    "byline_vi": "Ban biên tập",
    "place_vi": "Đồng sen Tháp Mười",
    "place_en": "The lotus fields of Tháp Mười",
    "commune_code": "29869",
    "drawing": "scenes/tach-tim-sen.svg",
    "published_days": -3,
    "producers": ["vuon-sen"],
    "block": [
        {"kind": "paragraph", "text_vi": "Hai giờ sáng.", "text_en": "Two in the morning."},
        {"kind": "heading", "text_vi": "Từ bùn", "text_en": "From the mud"},
        {"kind": "drawing", "drawing": "scenes/tach-tim-sen.svg", "caption_vi": "Tách tim"},
        {"kind": "quote", "name_vi": "Cô Sương", "text_vi": "Sen không chờ mình."},
        {"kind": "live_product", "product": "tra-tim-sen"},
    ],
    "fact": [{"text_vi": "Trồng 3 tháng", "text_en": "Three months", "source": "nongthon.vn"}],
}


def make_tea() -> Product:
    """What the story sells: 64 boxes at 120,000 đồng, of the story's producer."""
    producer = make_producer("Vườn Sen", slug="vuon-sen", commune=make_commune())
    category = make_category("Trái cây", slug="trai-cay")
    return make_product(
        "Trà tim sen", 120_000, 64, producer=producer, slug="tra-tim-sen", category=category
    )


def make_site(
    picture: LibraryImage, *, stories: tuple[dict, ...] = (STORY,), content: dict = SITE
) -> SimpleNamespace:
    """Build the site; its pages by name, Vietnamese ones unless the name says ``_en``."""
    material = Material.at_hand({"scenes/tach-tim-sen.svg": picture})
    build_site(content=content, stories=stories, material=material)
    return SimpleNamespace(
        home=HomePage.objects.get(locale__language_code="vi"),
        home_en=HomePage.objects.get(locale__language_code="en"),
        index=StoryIndexPage.objects.get(locale__language_code="vi"),
        story=StoryPage.objects.filter(locale__language_code="vi").first(),
        story_en=StoryPage.objects.filter(locale__language_code="en").first(),
    )


def demo_content() -> tuple[dict, list[dict]]:
    """The real files of the demo."""
    pages = tomllib.loads((CONTENT / "pages.toml").read_text(encoding="utf-8"))
    stories = [
        tomllib.loads(path.read_text(encoding="utf-8"))
        for path in sorted((CONTENT / "stories").glob("*.toml"))
    ]
    return pages, stories


def story_form(tea: Product, picture: LibraryImage, **changes: object) -> dict:
    """What the page editor posts."""
    return nested_form_data(
        {
            "title": "Đi coi sen nở",
            "slug": "",
            "kicker": "Chuyện nghề",
            "byline": "Lê Trúc Mai",
            "standfirst": "Ba giờ sáng, xóm kinh Tư Mới còn tối mịt.",
            "cover": picture.pk,
            "body": streamfield(
                [
                    ("text", rich_text("<p>Chỉ nhà cô Ba Sương sáng đèn.</p>")),
                    ("heading", "Tim nhỏ, công lớn"),
                    ("product", {"product": tea.pk}),
                ]
            ),
            "people": streamfield([]),
            "place": "Đồng sen Mỹ Quí",
            "place_text": "",
            "commune": "",
            "seo_title": "",
            "search_description": "",
            "social_image": "",
            "comments-TOTAL_FORMS": 0,
            "comments-INITIAL_FORMS": 0,
            "comments-MIN_NUM_FORMS": 0,
            "comments-MAX_NUM_FORMS": "",
            **changes,
        }
    )
