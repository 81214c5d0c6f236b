"""Places, producers and goods.

Everything a published listing needs is there unless a test says otherwise: an identified
producer, the label's fields, one price, some stock. What is made is saved; nothing is cached.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import count

from oscar.apps.partner.models import Partner, StockRecord

from catalogue.models import Category, Product, ProductClass, SalePrice, ShippingClass
from marketplace.accounts.models import User
from marketplace.kernel import clock
from marketplace.kernel.fold import slugify
from marketplace.places.models import Commune, Province
from marketplace.producers.models import Producer

_number = count(1)

#: A commune and its province that most tests can use: where the mangoes grow.
CAO_LANH = {"code": "29869", "name": "Cao Lãnh", "kind": Commune.Kind.WARD}
REFORM = date(2025, 7, 1)


def make_province(code: str = "82", name: str = "Đồng Tháp", **fields: object) -> Province:
    """The province with this code, made if it does not exist yet."""
    fields = {
        "name": name,
        "kind": Province.Kind.PROVINCE,
        "region": Province.Region.MEKONG,
        **fields,
    }
    return Province.objects.get_or_create(code=code, defaults=fields)[0]


def make_commune(
    name: str = CAO_LANH["name"],
    code: str | None = None,
    province: Province | None = None,
    **fields: object,
) -> Commune:
    """A living commune; with the same code again, the same one."""
    province = province or make_province()
    if code is None:
        code = CAO_LANH["code"] if name == CAO_LANH["name"] else f"9{next(_number):04d}"
    fields = {
        "name": name,
        "kind": CAO_LANH["kind"] if name == CAO_LANH["name"] else Commune.Kind.COMMUNE,
        "valid_from": REFORM,
        "source": "tests",
        **fields,
    }
    return Commune.objects.get_or_create(
        code=code, province=province, valid_through=None, defaults=fields
    )[0]


def make_producer(
    name: str | None = None,
    *,
    verified: bool = True,
    paused: tuple[date, date] | None = None,
    commune: Commune | None = None,
    **fields: object,
) -> Producer:
    """A household business, identified unless told not; ``paused`` is (from, through)."""
    number = next(_number)
    name = name or f"Vườn Số {number}"
    values = {
        "name_vi": name,
        "slug": f"{slugify(name)}-{number}",
        "kind": Producer.Kind.HOUSEHOLD,
        "representative": "Nguyễn Thị Lành",
        "registration_no": f"HKD-TEST-{number:04d}",
        "street": "Tổ 7",
        "commune": commune or make_commune(),
        "phone": f"+8491{number:07d}",
    }
    if verified:
        values |= {
            "identity_verified_at": clock.now(),
            "identity_verified_by": _clerk(),
            "identity_verified_how": "Xem giấy chứng nhận đăng ký hộ kinh doanh",
        }
    if paused:
        values |= {"paused_from": paused[0], "paused_through": paused[1]}
    values |= fields
    partner = values.pop("partner", None) or Partner.objects.create(
        name=values["name_vi"], code=f"P{number:05d}"
    )
    return Producer.objects.create(partner=partner, **values)


def make_category(
    name: str = "Trái cây", parent: Category | None = None, **fields: object
) -> Category:
    """A shelf; with the same name under the same parent again, the same one."""
    siblings = parent.get_children() if parent else Category.get_root_nodes()
    found = siblings.filter(name_vi=name).first()
    if found:
        return found
    fields = {"name_vi": name, "is_public": True, **fields}
    return parent.add_child(**fields) if parent else Category.add_root(**fields)


def make_product_class(set_number: int = 1, **fields: object) -> ProductClass:
    """The product type of one OCOP set, without requirements; 14 and 15 are for adults."""
    fields = {
        "name_vi": f"Bộ sản phẩm {set_number}",
        "slug": f"bo-{set_number}",
        "group": _group(set_number),
        "minimum_age": 18 if set_number in (14, 15) else 0,
        "requires_shipping": set_number != 26,
        "track_stock": True,
        **fields,
    }
    return ProductClass.objects.get_or_create(set_number=set_number, defaults=fields)[0]


def make_product(
    title: str = "Xoài cát Hòa Lộc",
    price: Decimal | int | str = 285_000,
    stock: int = 10,
    *,
    producer: Producer | None = None,
    variants: Sequence[tuple | dict] = (),
    category: Category | None = None,
    product_class: ProductClass | None = None,
    set_number: int = 1,
    published: bool = True,
    **fields: object,
) -> Product:
    """A listing with price and stock, published as it stands (``is_public``).

    ``variants``: (title, price, stock) each, or dicts with these and further fields; then the
    returned listing is a parent and price and stock belong to ``product.children``. Further
    ``fields`` go to the listing. The search index, when it is installed, follows by signal.
    """
    producer = producer or make_producer()
    number = next(_number)
    values = {
        "title_vi": title,
        "slug": slugify(title),
        "structure": Product.PARENT if variants else Product.STANDALONE,
        "product_class": product_class or make_product_class(set_number),
        "producer": producer,
        "origin_commune": producer.commune,
        "is_public": published,
        "published_at": clock.now() if published else None,
        "summary_vi": "Hái sáng sớm, chín cây",
        "ingredients_vi": f"{title} 100%",
        "allergens": [],
        "storage_vi": "Để nơi thoáng mát",
        "usage_vi": "Rửa sạch trước khi ăn",
        "shelf_life_days": 7,
        "warnings_vi": "",
        "shipping_class": ShippingClass.AMBIENT,
        "vat_rate": Decimal(5),
        "unit_price_basis": Product.UnitPriceBasis.KG,
        **fields,
    }
    if not variants:
        values = {"net_weight_g": 3000, "gross_weight_g": 3400, **values}
    product = Product.objects.create(**values)
    product.categories.add(category or make_category())
    if not variants:
        make_stockrecord(product, price, stock, sku=f"SKU-{number}")
    for index, variant in enumerate(variants):
        if not isinstance(variant, dict):
            variant = dict(zip(("title", "price", "stock"), variant, strict=True))
        _make_variant(product, number, index, **variant)
    return product


def make_stockrecord(
    product: Product, price: Decimal | int | str, stock: int, *, sku: str, allocated: int = 0
) -> StockRecord:
    """Price (VAT included) and stock of a sellable unit."""
    return StockRecord.objects.create(
        product=product,
        partner=product.listing.producer.partner,
        partner_sku=sku,
        price_currency="VND",
        price=Decimal(price),
        num_in_stock=stock,
        num_allocated=allocated,
    )


def make_sale(
    product: Product, price: Decimal | int | str, starts_at: datetime, ends_at: datetime
) -> SalePrice:
    """A dated lower price of a sellable unit."""
    return SalePrice.objects.create(
        stockrecord=product.stockrecords.get(),
        price_incl_tax=Decimal(price),
        starts_at=starts_at,
        ends_at=ends_at,
    )


def _make_variant(
    parent: Product,
    number: int,
    index: int,
    title: str,
    price: Decimal | int | str,
    stock: int,
    **fields: object,
) -> Product:
    values = {
        "title_vi": title,
        "slug": f"{parent.slug}-{slugify(title)}",
        "structure": Product.CHILD,
        "parent": parent,
        "is_public": True,
        "net_weight_g": 500 * (index + 1),
        "gross_weight_g": 500 * (index + 1) + 100,
        **fields,
    }
    child = Product.objects.create(**values)
    make_stockrecord(child, price, stock, sku=f"SKU-{number}-{index}")
    return child


def _clerk() -> User:
    """Who checks identities in tests."""
    email = "clerk@example.test"
    return User.objects.filter(email=email).first() or User.objects.create_user(email)


def _group(set_number: int) -> str:
    group = ProductClass.Group
    for last, value in (
        (13, group.FOOD),
        (17, group.DRINK),
        (20, group.MEDICINAL),
        (22, group.CRAFT),
        (25, group.ORNAMENTAL),
    ):
        if set_number <= last:
            return value
    return group.TOURISM
