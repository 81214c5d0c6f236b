"""Tables handed in: one that a grower's owner has taken over, one of the office that waits."""

from __future__ import annotations

from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import QuerySet
from openpyxl import Workbook
from oscar.apps.partner.models import StockRecord

from marketplace.accounts.models import User
from marketplace.accounts.roles import Role
from marketplace.demo.loading import Tracker
from marketplace.imports import actions, working
from marketplace.imports.models import Import
from marketplace.producers.models import Membership, Producer


def load(track: Tracker) -> None:
    """Through the real actions; the worker's part is done at once."""
    if Import.objects.exists():
        return
    for make in track([_counted, _prices], 2, "Tables"):
        make()


def _counted() -> None:
    """A grower counted the shelves, and twelve more of each lie there."""
    membership = (
        Membership.objects.filter(role=Membership.Role.OWNER)
        .select_related("producer__partner", "user")
        .order_by("pk")
        .first()
    )
    records = _records().filter(partner__producer=membership.producer)[:8]
    rows = [("sku", "seen", "in_stock")]
    rows += [(r.partner_sku, r.num_in_stock, r.num_in_stock + 12) for r in records]
    table = _judged(
        Import.Kind.STOCK, rows, "dem-kho.xlsx", membership.user, membership.producer
    )
    actions.confirm(table=table, without_errors=False, actor=membership.user)
    working.apply(table_id=table.pk)


def _prices() -> None:
    """The office's new prices, three rows of which cannot be read."""
    officer = User.objects.filter(groups__name=Role.OCOP_OFFICER).order_by("pk").first()
    rows: list[tuple] = [("Bảng giá mùa Tết",), ("producer", "sku", "price", "Ghi chú")]
    for record in _records().order_by("-pk")[:30]:
        price = int(record.price) + 5000
        rows.append((record.partner.producer.slug, record.partner_sku, f"{price:,}", ""))
    slug = rows[2][0]
    rows[5] = (slug, "KHONG-CO-MA-NAY", "45.000", "hỏi lại nhà vườn")
    rows[9] = (*rows[9][:2], "chín mươi ngàn", "")
    rows[14] = (*rows[14][:2], "=B3*1.1", "")
    _judged(Import.Kind.PRICES, rows, "gia-tet.xlsx", officer, None)


def _records() -> QuerySet[StockRecord]:
    return (
        StockRecord.objects.filter(price__isnull=False, partner__producer__isnull=False)
        .select_related("partner__producer")
        .order_by("pk")
    )


def _judged(
    kind: str, rows: list[tuple], name: str, actor: User, producer: Producer | None
) -> Import:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    out = BytesIO()
    book.save(out)
    table = actions.hand_in(
        kind=kind, file=SimpleUploadedFile(name, out.getvalue()), producer=producer, actor=actor
    )
    working.judge(table_id=table.pk)
    return Import.objects.get(pk=table.pk)
