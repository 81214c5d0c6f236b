"""The shelves and the products of the demo province, with variants, stock and sales."""

from datetime import timedelta
from decimal import Decimal

from oscar.apps.partner.models import StockRecord

from catalogue import actions
from catalogue.models import Category, Product, ProductClass, ProductImage, SalePrice
from marketplace.accounts.models import User
from marketplace.demo.loading import Tracker, drawings, read
from marketplace.kernel import clock
from marketplace.places.models import Commune
from marketplace.producers.models import Producer

TRANSLATED = (
    "title", "summary", "description", "ingredients", "may_contain", "storage", "usage", "warnings",
)


def load_categories(track: Tracker) -> None:
    """The tree of shelves, each with its drawing."""
    pictures = drawings.by_file()
    entries = read("categories.toml")["category"]
    for entry in track(entries, len(entries), "Shelves"):
        if Category.objects.filter(slug=entry["slug"]).exists():
            continue
        values = {
            "name_vi": entry["name_vi"],
            "name_en": entry["name_en"],
            "name": entry["name_vi"],
            "description_vi": entry.get("description_vi", ""),
            "description_en": entry.get("description_en", ""),
            "slug": entry["slug"],
            "picture": pictures.get(entry.get("drawing", "")),
        }
        if parent := entry.get("parent"):
            Category.objects.get(slug=parent).add_child(**values)
        else:
            Category.add_root(**values)


def load_products(track: Tracker) -> None:
    """Each product as an office clerk would enter it, then published through the real gate."""
    world = _World()
    entries = read("products.toml")["product"]
    known = set(Product.objects.exclude(structure=Product.CHILD).values_list("slug", flat=True))
    todo = [entry for entry in entries if entry["slug"] not in known]
    for entry in track(todo, len(todo), "Products"):
        _load_product(entry, world)


class _World:
    """What every product refers to, read once."""

    def __init__(self) -> None:
        self.pictures = drawings.by_file()
        self.communes = {c.code: c for c in Commune.objects.filter(valid_through=None)}
        self.producers = {p.slug: p for p in Producer.objects.select_related("partner")}
        self.classes = {c.set_number: c for c in ProductClass.objects.exclude(set_number=None)}
        self.categories = {c.slug: c for c in Category.objects.all()}
        self.clerk = User.objects.filter(groups__name="operator").order_by("pk").first()


def _load_product(entry: dict, world: _World) -> None:
    producer = world.producers[entry["producer"]]
    variants = entry["variant"]
    with_variants = len(variants) > 1
    listing = Product(
        structure=Product.PARENT if with_variants else Product.STANDALONE,
        slug=entry["slug"],
        product_class=world.classes[entry["ocop_set"]],
        producer=producer,
        origin_commune=world.communes[entry["origin_commune_code"]],
        allergens=entry.get("allergens", []),
        shelf_life_days=entry.get("shelf_life_days"),
        harvest_main=entry.get("harvest_main", []),
        harvest_side=entry.get("harvest_side", []),
        shipping_class=entry["shipping_class"],
        vat_rate=Decimal(str(entry["vat_rate"])),
        hs_code=entry.get("hs_code", ""),
        unit_price_basis=entry["unit_price_basis"],
        is_public=False,
        **{
            f"{field}_{language}": entry.get(f"{field}_{language}", "").strip()
            for field in TRANSLATED
            for language in ("vi", "en")
        },
        **({} if with_variants else _unit(variants[0])),
    )
    listing.save()
    for category in [entry["category"], *entry["more_categories"]]:
        listing.categories.add(world.categories[category])
    for order, file in enumerate(entry["drawings"]):
        ProductImage.objects.create(
            product=listing, original=world.pictures[file], display_order=order
        )
    for variant in variants:
        unit = listing
        if with_variants:
            unit = Product(
                structure=Product.CHILD,
                parent=listing,
                title_vi=variant["label_vi"],
                title_en=variant["label_en"],
                is_public=True,
                **_unit(variant),
            )
            unit.save()
        _put_on_sale(unit, variant, producer)
    # Whoever has not been identified keeps a draft, as the gate would have it.
    if producer.is_identified:
        actions.publish(product=listing, actor=world.clerk)


def _unit(variant: dict) -> dict:
    """The columns of a sellable unit."""
    return {
        "net_weight_g": variant.get("net_weight_g"),
        "net_volume_ml": variant.get("net_volume_ml"),
        "net_count": variant.get("net_count"),
        "count_unit_vi": variant.get("count_unit_vi", ""),
        "count_unit_en": variant.get("count_unit_en", ""),
        "gross_weight_g": variant.get("gross_weight_g"),
        "gtin": variant.get("gtin"),
        "upc": variant["sku"],
    }


def _put_on_sale(unit: Product, variant: dict, producer: Producer) -> None:
    record = StockRecord.objects.create(
        product=unit,
        partner=producer.partner,
        partner_sku=variant["sku"],
        price_currency="VND",
        price=Decimal(variant["price"]),
        num_in_stock=variant["stock"],
        num_allocated=0,
    )
    if sale := variant.get("sale"):
        SalePrice.objects.create(
            stockrecord=record,
            price_incl_tax=Decimal(sale["price"]),
            starts_at=clock.now() + timedelta(days=sale["from_days"]),
            ends_at=clock.now() + timedelta(days=sale["through_days"]),
        )
