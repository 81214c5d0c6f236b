"""Many goods at once, without the shop looking at each."""

from __future__ import annotations

from oscar.apps.partner.models import StockRecord

from catalogue.models import Product


def many_records(like: Product, count: int) -> list[str]:
    """``count`` drafts like a listing, with stock; returns their article numbers."""
    products = Product.objects.bulk_create(
        Product(
            structure=Product.STANDALONE, title_vi=f"Xoài {n}", slug=f"xoai-{n}",
            product_class=like.product_class, producer=like.producer, is_public=False,
        )
        for n in range(count)
    )  # fmt: skip
    records = StockRecord.objects.bulk_create(
        StockRecord(
            product=product, partner=like.producer.partner, partner_sku=f"NHIEU-{n}",
            price_currency="VND", price=100_000, num_in_stock=5, num_allocated=0,
        )
        for n, product in enumerate(products)
    )  # fmt: skip
    return [record.partner_sku for record in records]
