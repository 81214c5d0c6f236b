"""How long a table of 10,000 listings takes to be checked and written.

    .venv/bin/python -m tests.benchmarks.imports [ROWS]

Works in a database of its own, as the tests do, and prints seconds and rows a second; the
promise is 60 seconds for each step on a quiet machine with two cores. "CPU" is the processor time
of the worker's process alone, which others on the machine do not lengthen much.
"""

from __future__ import annotations

import io
import resource
import sys
import time
from collections.abc import Callable

#: What a listing's label says in a table as the province's office keeps it.
HEAD = (
    "producer", "sku", "title_vi", "title_en", "product_class", "categories", "price",
    "in_stock", "vat_rate", "net_weight_g", "gross_weight_g", "shipping_class",
    "unit_price_basis", "origin_commune", "allergens", "shelf_life_days", "harvest_main",
    "summary_vi", "description_vi", "ingredients_vi", "storage_vi", "usage_vi",
)  # fmt: skip
BAD = 7


def table(slug: str, count: int) -> bytes:
    """A workbook of ``count`` listings, seven of which cannot be read."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(HEAD)
    for n in range(count):
        price = "chưa rõ" if n % (count // BAD) == 1 and n // (count // BAD) < BAD else "285.000"
        sheet.append(
            (
                slug, f"BM-{n:05d}", f"Xoài cát Hòa Lộc số {n}", f"Mango {n}", 1, "Trái cây", price,
                40, "5%", 3000, 3400, "fresh", "kg", "Cao Lãnh", "không", 7, "3, 4, 5",
                "Hái sáng sớm, chín cây", "Ngọt và thơm.\n\nGiao trong ngày.",
                "Xoài cát Hòa Lộc 100%", "Để nơi thoáng mát", "Rửa sạch trước khi ăn",
            )
        )  # fmt: skip
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def run(count: int, tell: Callable[[str], None] = print) -> dict[str, int]:
    """Check, write and take back; returns the counts."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    from catalogue.models import Product
    from marketplace.imports import actions, working
    from marketplace.imports.models import Import
    from tests.factories.accounts import make_user
    from tests.factories.catalogue import (
        make_category,
        make_commune,
        make_producer,
        make_product_class,
    )

    make_product_class(1)
    make_commune()
    make_category()
    producer, clerk = make_producer(), make_user()
    file = SimpleUploadedFile("goods.xlsx", table(producer.slug, count))
    made = actions.hand_in(kind="listings", file=file, producer=None, actor=clerk)

    def timed(name: str, step: Callable[[], None]) -> None:
        start, cpu = time.perf_counter(), time.process_time()
        step()
        took, cpu = time.perf_counter() - start, time.process_time() - cpu
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        rate = count / took
        tell(f"{name}: {took:.1f} s (CPU {cpu:.1f} s), {rate:.0f} rows/s, peak {peak} MB")

    timed("check", lambda: working.judge(table_id=made.pk))
    made = Import.objects.get(pk=made.pk)
    counts = {"new": made.n_new, "errors": made.n_errors}
    actions.confirm(table=made, without_errors=True, actor=clerk)
    timed("write", lambda: working.apply(table_id=made.pk))
    counts["written"] = Product.objects.filter(producer=producer).count()
    actions.take_back(table=Import.objects.get(pk=made.pk), actor=clerk)
    timed("take back", lambda: working.undo(table_id=made.pk))
    counts["left"] = Product.objects.filter(producer=producer).count()
    return counts


def main() -> None:
    """Make a test database, run, and drop it."""
    import os
    import tempfile

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.settings.test")
    import django

    django.setup()
    from django.conf import settings
    from django.test.utils import get_runner

    with tempfile.TemporaryDirectory() as folder:
        settings.STORAGES["default"]["OPTIONS"] = {"location": folder}
        settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = "bench_imports"
        runner = get_runner(settings)(verbosity=0, interactive=False)
        databases = runner.setup_databases()
        try:
            print(run(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000))
        finally:
            runner.teardown_databases(databases)


if __name__ == "__main__":
    main()
