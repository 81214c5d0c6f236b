"""Any number of believable listings, for benchmarks: invented growers, real communes.

The same seed makes the same goods. Rows are written in bulk, so no signals are sent; the search
index is rebuilt at the end.
"""

from __future__ import annotations

import random
from datetime import timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Max
from oscar.apps.partner.models import Partner, StockRecord

from catalogue.loading import load_product_sets
from catalogue.models import Category, Product, ProductCategory, ProductClass, ProductImage
from catalogue.states import ListingState
from marketplace.accounts.models import User
from marketplace.kernel import clock
from marketplace.kernel.fold import slugify, sort_key
from marketplace.media.models import LibraryImage
from marketplace.places.loading import load_places
from marketplace.places.models import Commune
from marketplace.producers.models import Producer
from search.indexing import rebuild

#: (shelf, set, what, English, đồng for a kilogram or a piece, months of the main season)
FAMILIES = (
    ("Trái cây", 1, "Xoài cát Hòa Lộc", "Cát Hòa Lộc mango", 95_000, (3, 4, 5)),
    ("Trái cây", 1, "Xoài cát Chu", "Cát Chu mango", 45_000, (3, 4, 5)),
    ("Trái cây", 1, "Quýt hồng Lai Vung", "Lai Vung mandarin", 65_000, (12, 1)),
    ("Trái cây", 1, "Nhãn Châu Thành", "Châu Thành longan", 38_000, (7, 8)),
    ("Trái cây", 1, "Sầu riêng Ri6", "Ri6 durian", 140_000, (5, 6, 7)),
    ("Trái cây", 1, "Vú sữa Lò Rèn", "Lò Rèn star apple", 42_000, (11, 12, 1)),
    ("Trái cây", 1, "Thanh long ruột đỏ", "Red dragon fruit", 30_000, (5, 6, 7, 8)),
    ("Sen & trà", 7, "Hạt sen sấy giòn", "Crisp lotus seeds", 445_000, ()),
    ("Sen & trà", 12, "Trà tim sen", "Lotus heart tea", 1_200_000, ()),
    ("Sen & trà", 12, "Trà lá sen", "Lotus leaf tea", 480_000, ()),
    ("Gạo & bột", 3, "Gạo ST25", "ST25 rice", 38_000, ()),
    ("Gạo & bột", 6, "Bột gạo Sa Đéc", "Sa Đéc rice flour", 32_000, ()),
    ("Gạo & bột", 6, "Hủ tiếu khô", "Dried rice noodles", 48_000, ()),
    ("Khô & mắm", 8, "Khô cá lóc", "Dried snakehead fish", 260_000, ()),
    ("Khô & mắm", 9, "Mắm cá linh", "Linh fish sauce", 120_000, ()),
    ("Quà biếu", 5, "Nem Lai Vung", "Lai Vung fermented pork", 190_000, ()),
    ("Hàng thủ công", 21, "Giỏ lục bình đan tay", "Woven hyacinth basket", 210_000, ()),
    ("Hàng thủ công", 22, "Khăn rằn Long Khánh", "Long Khánh checked scarf", 90_000, ()),
    ("Hoa kiểng", 23, "Cúc mâm xôi", "Potted chrysanthemum", 150_000, (12, 1)),
    ("Hoa kiểng", 24, "Hoa giấy ghép", "Grafted bougainvillea", 240_000, ()),
)
_MANNERS = (
    "", "chọn trái", "loại một", "nhà làm", "hữu cơ", "vụ sớm", "chính vụ", "gói quà", "ăn liền",
    "mẻ mới", "vườn già", "đất cồn", "không phẩm màu", "theo lối xưa", "cho bé", "đặc biệt",
)
_KINDS = ("Vườn", "Cơ sở", "Nhà vườn", "Lò", "Tổ hợp tác", "Hợp tác xã")
_FIRST = ("Út", "Ba", "Tư", "Năm", "Sáu", "Bảy", "Tám", "Chín", "Mười", "Hai")
_LAST = (
    "Lành", "Hiền", "Thảo", "Đạt", "Khải", "Nghĩa", "Phước", "Lộc", "Thọ", "Hạnh", "Dung", "Mai",
    "Sen", "Lúa", "Sông", "Cồn", "Rạch", "Đồng", "Phèn", "Gò",
)
_WEIGHTS = (250, 500, 1000, 2000, 3000, 5000)
GOODS_PER_GROWER = 40
BATCH = 2000


def generate(count: int, *, seed: int = 82) -> int:
    """Make ``count`` listings, one in five with three sizes, and index them."""
    dice = random.Random(seed)  # noqa: S311
    load_places()
    load_product_sets()
    shelves = _shelves()
    growers = _growers(max(1, count // GOODS_PER_GROWER), dice)
    classes = {row.set_number: row for row in ProductClass.objects.exclude(set_number=None)}
    images = list(LibraryImage.objects.order_by("pk").values_list("pk", flat=True)[:70])
    for start in range(0, count, BATCH):
        _batch(min(BATCH, count - start), dice, shelves, growers, classes, images)
    rebuild()
    return count


def _shelves() -> dict[str, Category]:
    shelves = {row.name_vi: row for row in Category.get_root_nodes()}
    for name in dict.fromkeys(family[0] for family in FAMILIES):
        if name not in shelves:
            shelves[name] = Category.add_root(name_vi=name, is_public=True)
    return shelves


@transaction.atomic
def _growers(count: int, dice: random.Random) -> list[Producer]:
    """Identified growers all over the province."""
    communes = list(Commune.objects.filter(province="82", valid_through=None).order_by("code"))
    clerk = User.objects.order_by("pk").first() or User.objects.create_user("clerk@example.test")
    offset = (Partner.objects.aggregate(most=Max("pk"))["most"] or 0) + 1
    names = [
        f"{dice.choice(_KINDS)} {dice.choice(_FIRST)} {dice.choice(_LAST)}" for _ in range(count)
    ]
    partners = Partner.objects.bulk_create(
        Partner(name=name, code=f"gen-{offset + at}") for at, name in enumerate(names)
    )
    return Producer.objects.bulk_create(
        Producer(
            partner=partner,
            slug=f"{slugify(partner.name)}-{offset + at}",
            kind=dice.choice(list(Producer.Kind)),
            name_vi=partner.name,
            representative=f"Nguyễn Thị {dice.choice(_LAST)}",
            registration_no=f"GEN-{offset + at:06d}",
            street=f"Ấp {dice.randint(1, 9)}",
            commune=dice.choice(communes),
            phone=f"+8490{offset + at:07d}"[:13],
            identity_verified_at=clock.now(),
            identity_verified_by=clerk,
            identity_verified_how="Sinh ra để đo tốc độ",
            sort_key=sort_key(partner.name),
            story_vi="Nhà trồng ba đời, hái sáng giao chiều.",
        )
        for at, partner in enumerate(partners)
    )


@transaction.atomic
def _batch(
    count: int,
    dice: random.Random,
    shelves: dict[str, Category],
    growers: list[Producer],
    classes: dict[int, ProductClass],
    images: list[int],
) -> None:
    now = clock.now()
    families = [dice.choice(FAMILIES) for _ in range(count)]
    listings = []
    for at, (_shelf, set_number, what, english, _price, months) in enumerate(families):
        grower = growers[dice.randrange(len(growers))]
        manner = dice.choice(_MANNERS)
        place = grower.commune.name
        has_sizes = at % 5 == 0
        grams = dice.choice(_WEIGHTS)
        title = " ".join(part for part in (what, manner, place) if part)
        listings.append(
            Product(
                structure=Product.PARENT if has_sizes else Product.STANDALONE,
                title=title,
                title_vi=title,
                title_en=f"{english}, {place}",
                slug=slugify(title),
                product_class=classes[set_number],
                producer=grower,
                origin_commune=grower.commune,
                is_public=True,
                state=ListingState.PUBLISHED,
                published_at=now - timedelta(minutes=dice.randint(0, 300_000)),
                summary_vi=f"{what} của {grower.name_vi}, {place}.",
                summary_en=f"{english} from {place}.",
                description_vi=f"<p>{what} làm ở {place}, từng mẻ nhỏ, ghi ngày, ghi người làm."
                f" {grower.name_vi} giao trong tuần, đóng gói kỹ để đi xa.</p>",
                ingredients_vi=f"{what} 100%",
                allergens=[],
                storage_vi="Để nơi khô mát, tránh nắng.",
                usage_vi="Rửa sạch hoặc mở gói là dùng.",
                shelf_life_days=dice.choice((7, 30, 180, 365)),
                harvest_main=list(months),
                vat_rate=Decimal(5),
                unit_price_basis=Product.UnitPriceBasis.KG,
                net_weight_g=None if has_sizes else grams,
                gross_weight_g=None if has_sizes else grams + 120,
                date_updated=now,
            )
        )
    Product.objects.bulk_create(listings)
    ProductCategory.objects.bulk_create(
        ProductCategory(product=listing, category=shelves[family[0]])
        for listing, family in zip(listings, families, strict=True)
    )
    units = [
        (listing, family, listing.net_weight_g)
        for listing, family in zip(listings, families, strict=True)
        if listing.structure == Product.STANDALONE
    ]
    sizes = [
        (
            Product(
                structure=Product.CHILD, parent=listing, is_public=True,
                title=f"{grams} g", title_vi=f"{grams} g", title_en=f"{grams} g",
                slug=f"{listing.slug}-{grams}", net_weight_g=grams, gross_weight_g=grams + 120,
            ),
            family,
            grams,
        )
        for listing, family in zip(listings, families, strict=True)
        if listing.structure == Product.PARENT
        for grams in (500, 1000, 3000)
    ]
    Product.objects.bulk_create(size for size, _family, _grams in sizes)
    StockRecord.objects.bulk_create(
        StockRecord(
            product=unit,
            partner=unit.listing.producer.partner,
            partner_sku=f"GEN-{unit.pk}",
            price_currency="VND",
            price=max(Decimal(round(family[4] * grams / 1000 * dice.uniform(0.8, 1.3), -3)), 1000),
            num_in_stock=dice.choice((0, 3, 20, 60, 200)),
            num_allocated=0,
        )
        for unit, family, grams in units + sizes
    )
    if images:
        ProductImage.objects.bulk_create(
            ProductImage(product=listing, original_id=images[at % len(images)], display_order=0)
            for at, listing in enumerate(listings)
        )
