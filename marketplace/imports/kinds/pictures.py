"""An archive of pictures named by article number: ``SKU.jpg``, ``SKU-2.jpg``."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from oscar.apps.partner.models import StockRecord

from catalogue import listing_actions
from catalogue.models import Product, ProductImage
from marketplace.accounts.models import User
from marketplace.imports.errors import CannotUndo, FileRefused, WorldChanged
from marketplace.imports.kinds.base import Report, TableKind, Verdict
from marketplace.imports.models import ImportRow
from marketplace.imports.reading import SheetRow
from marketplace.kernel.fold import fold
from marketplace.media import actions, encoding
from marketplace.media.models import LibraryImage

MAX_BYTES = 100 * 1024 * 1024
MAX_FILES = 2000
#: Pictures hardly shrink: whatever unpacks to more than this is no archive of pictures.
MAX_UNPACKED = 400 * 1024 * 1024
_NUMBERED = re.compile(r"^(.+?)[-_ ]([0-9]{1,2})$")


def check(file: Any) -> None:
    """Whether the archive may be opened at all; nothing is unpacked. Raises FileRefused."""
    if file.size > MAX_BYTES:
        raise FileRefused("too_big", size=MAX_BYTES // 1024**2)
    try:
        with zipfile.ZipFile(file) as archive:
            infos = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError) as error:
        raise FileRefused("not_an_archive") from error
    finally:
        file.seek(0)
    if any(info.flag_bits & 0x1 for info in infos):
        raise FileRefused("not_an_archive")
    if len(infos) > MAX_FILES:
        raise FileRefused("too_many_files", count=MAX_FILES)
    if sum(info.file_size for info in infos) > MAX_UNPACKED:
        raise FileRefused("bomb")
    if not any(_is_meant(info.filename) for info in infos):
        raise FileRefused("no_rows")


def _is_meant(name: str) -> bool:
    """Leaves out folders and what computers add by themselves."""
    path = PurePosixPath(name.replace("\\", "/"))
    return not (
        name.endswith("/") or path.name.startswith(".") or "__MACOSX" in path.parts
        or path.name.lower() in ("thumbs.db", "desktop.ini")
    )  # fmt: skip


class Pictures(TableKind):
    """The picture belongs to the listing of the article; letters' case makes no difference.

    A folder named by a producer's code tells apart articles of the same number.
    """

    def read(self) -> tuple[list[SheetRow], list[str]]:
        with self.table.file.open("rb") as file:
            check(file)
            with zipfile.ZipFile(file) as archive:
                names = [info.filename for info in archive.infolist()]
        rows = [
            SheetRow(number, {"file": name})
            for number, name in enumerate(names, 1)
            if _is_meant(name)
        ]
        return rows, []

    def judge(self, rows: Sequence[SheetRow], report: Report) -> list[Verdict]:
        known = self._known()
        seen: dict[Any, int] = {}
        verdicts = []
        with self.table.file.open("rb") as file, zipfile.ZipFile(file) as archive:
            infos = archive.infolist()
            for row in rows:
                verdict = Verdict(row.number, cells=dict(row.cells))
                name = row.cells["file"].replace("\\", "/")
                verdict.key = PurePosixPath(name).name[:200]
                self._match(verdict, name, known, seen)
                if not verdict.problems:
                    _inspect(verdict, archive, infos[row.number - 1])
                verdict.settle(is_new=True)
                verdicts.append(verdict)
                report(1)
        return verdicts

    def _known(self) -> dict[str, list[StockRecord]]:
        """The articles by their folded numbers."""
        records = StockRecord.objects.filter(partner__producer__isnull=False)
        if self.producer is not None:
            records = records.filter(partner=self.producer.partner_id)
        known: dict[str, list[StockRecord]] = {}
        for record in records.select_related(
            "product__parent", "product", "partner__producer"
        ).order_by("pk"):
            known.setdefault(fold(record.partner_sku), []).append(record)
        return known

    def _match(
        self,
        verdict: Verdict,
        name: str,
        known: dict[str, list[StockRecord]],
        seen: dict[Any, int],
    ) -> None:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or ":" in name or "\x00" in name:
            verdict.fail("picture_path", "file")
            return
        stem = fold(path.name.rpartition(".")[0] or path.name)
        found, place = known.get(stem, []), 1
        if not found and (numbered := _NUMBERED.match(stem)):
            found, place = known.get(numbered[1], []), int(numbered[2])
        if len(found) > 1 and len(path.parts) > 1:
            folder = path.parts[-2].lower()
            found = [r for r in found if r.partner.producer.slug == folder] or found
        if len(found) != 1:
            verdict.fail("sku_several" if found else "picture_unknown", "file")
            return
        unit = found[0].product
        listing = unit.parent or unit
        verdict.name = (listing.title_vi or "")[:200]
        if (found[0].pk, place) in seen:
            verdict.fail("doubled", "file", row=seen[found[0].pk, place])
            return
        seen[found[0].pk, place] = verdict.number
        verdict.values = {"listing": listing.pk, "place": place, "sku": found[0].partner_sku}

    def write(self, rows: Sequence[ImportRow], actor: User, report: Report) -> None:
        """Behind the pictures that are shown already, in the order of their numbers."""
        kept: list[LibraryImage] = []
        try:
            with self.table.file.open("rb") as file, zipfile.ZipFile(file) as archive:
                infos = archive.infolist()
                by_listing: dict[int, list[ImportRow]] = {}
                for row in rows:
                    by_listing.setdefault(row.values["listing"], []).append(row)
                for pk in sorted(by_listing):
                    part = sorted(
                        by_listing[pk], key=lambda row: (row.values["place"], row.number)
                    )
                    self._add(pk, part, archive, infos, kept, actor)
                    report(len(part))
        except Exception:
            # The rows go with the transaction, the files would stay.
            for image in kept:
                image.file.delete(save=False)
            raise

    def _add(
        self,
        listing_id: int,
        rows: Sequence[ImportRow],
        archive: zipfile.ZipFile,
        infos: Sequence[zipfile.ZipInfo],
        kept: list[LibraryImage],
        actor: User,
    ) -> None:
        listing = Product.objects.filter(pk=listing_id).first()
        if listing is None:
            raise WorldChanged
        shown = [
            image.original
            for image in listing.images.select_related("original").order_by("display_order", "pk")
        ]
        for row in rows:
            image = actions.store_image(
                file=ContentFile(archive.read(infos[row.number - 1]), name="anh.jpg"),
                title=listing.title_vi, alt_vi=listing.title_vi, alt_en=listing.title_en or "",
                uploader=actor,
            )
            kept.append(image)
            row.written = {"listing": listing_id, "image": image.pk}
        listing_actions.change_listing(
            listing=listing, values={}, pictures=[*shown, *kept[-len(rows) :]], actor=actor
        )

    def undo(self, rows: Sequence[ImportRow], actor: User, report: Report) -> None:
        by_listing: dict[int, list[ImportRow]] = {}
        for row in rows:
            by_listing.setdefault(row.written["listing"], []).append(row)
        for pk in sorted(by_listing):
            part = by_listing[pk]
            listing = Product.objects.filter(pk=pk).first()
            if listing is None:
                raise CannotUndo(part[0].number, part[0].name, "undo_gone")
            gone = {row.written["image"] for row in part}
            shown = list(
                listing.images.select_related("original").order_by("display_order", "pk")
            )
            if not gone <= {image.original_id for image in shown}:
                raise CannotUndo(part[0].number, part[0].name, "undo_changed")
            if ProductImage.objects.filter(original__in=gone).exclude(product=pk).exists():
                raise CannotUndo(part[0].number, part[0].name, "undo_changed")
            listing_actions.change_listing(
                listing=listing,
                values={},
                pictures=[i.original for i in shown if i.original_id not in gone],
                actor=actor,
            )
            report(len(part))


def _inspect(verdict: Verdict, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> None:
    if info.file_size > encoding.MAX_BYTES:
        verdict.fail("picture_too_big", "file", size=encoding.MAX_BYTES // 1024**2)
        return
    try:
        encoding.check(ContentFile(archive.read(info)))
    except (
        ValidationError, zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError,
        EOFError, OSError,
    ):  # fmt: skip
        verdict.fail("picture", "file")
