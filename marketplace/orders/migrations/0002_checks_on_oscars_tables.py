"""Invariants of stock and money on Oscar's own tables, where Django has no constraint for us.

They are named ``orders_…``; a test asks the database for each.
"""

from django.db import migrations

CHECKS = {
    # Nothing is promised that is not there; a missing count counts as none.
    "orders_stock_allocated_within_stock": (
        "partner_stockrecord",
        "COALESCE(num_allocated, 0) >= 0"
        " AND COALESCE(num_allocated, 0) <= COALESCE(num_in_stock, 0)",
    ),
    # The đồng has no fraction.
    "orders_stock_whole_dong": (
        "partner_stockrecord",
        "price IS NULL OR price_currency <> 'VND' OR (price = trunc(price) AND price >= 0)",
    ),
    "orders_order_whole_dong": (
        "order_order",
        "currency <> 'VND' OR ("
        "total_incl_tax = trunc(total_incl_tax) AND total_excl_tax = trunc(total_excl_tax)"
        " AND shipping_incl_tax = trunc(shipping_incl_tax)"
        " AND shipping_excl_tax = trunc(shipping_excl_tax))",
    ),
    "orders_order_total_holds_shipping": (
        "order_order",
        "shipping_incl_tax >= 0 AND total_incl_tax >= shipping_incl_tax",
    ),
    # Domestic sales are in đồng only, and lines carry no currency of their own.
    "orders_line_whole_dong": (
        "order_line",
        "line_price_incl_tax = trunc(line_price_incl_tax)"
        " AND line_price_excl_tax = trunc(line_price_excl_tax)"
        " AND line_price_before_discounts_incl_tax = trunc(line_price_before_discounts_incl_tax)"
        " AND line_price_before_discounts_excl_tax = trunc(line_price_before_discounts_excl_tax)"
        " AND COALESCE(unit_price_incl_tax, 0) = trunc(COALESCE(unit_price_incl_tax, 0))"
        " AND COALESCE(unit_price_excl_tax, 0) = trunc(COALESCE(unit_price_excl_tax, 0))",
    ),
    "orders_line_quantity_positive": ("order_line", "quantity > 0"),
}


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0001_initial"),
        ("basket", "0012_line_code"),
        ("order", "0021_billingaddress_code_shippingaddress_code"),
        ("partner", "0007_partneraddress_code"),
    ]

    operations = [
        *(
            migrations.RunSQL(
                f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({condition})",
                f"ALTER TABLE {table} DROP CONSTRAINT {name}",
            )
            for name, (table, condition) in CHECKS.items()
        ),
        migrations.RunSQL(
            "CREATE UNIQUE INDEX orders_order_one_per_basket ON order_order (basket_id)",
            "DROP INDEX orders_order_one_per_basket",
        ),
    ]
