"""Rows out of a file that a stranger sent: .xlsx and .csv, never executed, always bounded.

What a file may cost is bounded before it is opened: its size, what its parts unpack to, how
many rows they say they hold. ``defusedxml`` (which openpyxl uses when it is there) refuses
entities.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import IO, Any, BinaryIO
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from marketplace.imports.columns import Column
from marketplace.imports.errors import FileRefused
from marketplace.kernel.fold import fold

MAX_BYTES = 15 * 1024 * 1024
MAX_ROWS = 20_000
MAX_COLUMNS = 60
#: What all parts of a workbook may unpack to, and how much larger than packed a part may be.
MAX_UNPACKED = 250 * 1024 * 1024
MAX_RATIO = 250
MAX_PARTS = 300
#: What a sheet may hold of cells, the shared texts of pieces, and any other part of tags: far
#: more than a table has, and less than what takes minutes to understand.
MAX_CELLS = MAX_ROWS * MAX_COLUMNS
MAX_TAGS = 200_000
#: Titles, dates and logos may stand above the headings.
HEADER_WITHIN = 15
_ROW_TAG = re.compile(rb"<(?:\w+:)?row[\s/>]")
_CELL_TAG = re.compile(rb"<(?:\w+:)?c[\s/>]")
_MERGE_TAG = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*ref=\"([A-Z]+[0-9]+:[A-Z]+([0-9]+))\"")
_ENTITY = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
_CHUNK = 1024 * 1024
_OLE = b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True)
class Formula:
    """A cell that computes."""


@dataclass(frozen=True)
class Fault:
    """A cell that shows an error of Excel."""


@dataclass
class SheetRow:
    """One row: its number in the file, and its cells by column, empty ones left out."""

    number: int
    cells: dict[str, Any] = field(default_factory=dict)


@dataclass
class Sheet:
    """What was found: the rows, and headings that nobody asked for."""

    rows: list[SheetRow]
    unread: list[str]


def read(file: BinaryIO, name: str, columns: Sequence[Column]) -> Sheet:
    """The rows below the headings. Raises FileRefused.

    Our template's line of explanations and its example are passed over, empty rows too.
    """
    check(file, name)
    if name.lower().endswith(".csv"):
        return _rows(_csv_lines(file), columns, merged=[])
    file.seek(0)
    merged = _scan(file)
    return _rows(_xlsx_lines(file), columns, merged)


def check(file: BinaryIO, name: str) -> None:
    """Whether the file may be opened at all; cheap. Raises FileRefused."""
    file.seek(0, io.SEEK_END)
    size = file.tell()
    file.seek(0)
    if not size:
        raise FileRefused("empty")
    if size > MAX_BYTES:
        raise FileRefused("too_big", size=MAX_BYTES // 1024**2)
    start = file.read(8)
    file.seek(0)
    suffix = name.lower().rpartition(".")[2]
    if suffix in ("xlsm", "xltm", "xlam"):
        raise FileRefused("macros")
    if start[:4] == _OLE:
        raise FileRefused("old_excel")
    if suffix == "csv":
        if start[:4] == b"PK\x03\x04":
            raise FileRefused("not_a_table")
        return
    if suffix != "xlsx":
        raise FileRefused("old_excel" if suffix == "xls" else "not_a_table")
    if start[:2] != b"PK":
        raise FileRefused("broken")
    _scan(file)
    file.seek(0)


def _scan(file: BinaryIO) -> list[tuple[str, int]]:
    """Look at the parts of a workbook without understanding them.

    Returns the merged cells: their names and last rows.
    """
    merged: list[tuple[str, int]] = []
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
            _check_parts(parts)
            rows = cells = 0
            for part in parts:
                is_sheet = part.filename.startswith("xl/worksheets/")
                if not part.filename.endswith((".xml", ".rels")):
                    continue
                with archive.open(part) as stream:
                    if not is_sheet:
                        _scan_other(part.filename, stream)
                        continue
                    kept = b""
                    while chunk := stream.read(_CHUNK):
                        data = kept + chunk
                        # A tag that a chunk ends in is looked at with the next.
                        end = data.rfind(b"<") if len(chunk) == _CHUNK else len(data)
                        end = end if end > 0 else len(data)
                        whole, kept = data[:end], data[end:][:4096]
                        rows += len(_ROW_TAG.findall(whole))
                        cells += len(_CELL_TAG.findall(whole))
                        if _ENTITY.search(whole):
                            raise FileRefused("broken")
                        if rows > MAX_ROWS + HEADER_WITHIN:
                            raise FileRefused("too_many_rows", count=MAX_ROWS)
                        if cells > MAX_CELLS:
                            raise FileRefused("bomb")
                        if len(merged) < 50:
                            merged += [
                                (found[1].decode(), int(found[2]))
                                for found in _MERGE_TAG.finditer(whole)
                            ]
    except (
        zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError,
        ValueError,
    ) as error:  # fmt: skip
        raise FileRefused("broken") from error
    return merged


def _scan_other(name: str, stream: IO[bytes]) -> None:
    """Look at a part that is no sheet: shared texts, styles, what belongs to what."""
    tags, most = 0, 3 * MAX_CELLS if name.endswith("sharedStrings.xml") else MAX_TAGS
    kept = b""
    while chunk := stream.read(_CHUNK):
        # What a chunk ends in is looked at with the next.
        if _ENTITY.search(kept + chunk):
            raise FileRefused("broken")
        kept = chunk[-16:]
        tags += chunk.count(b"<")
        if tags > most:
            raise FileRefused("bomb")


def _check_parts(parts: list[zipfile.ZipInfo]) -> None:
    names = {part.filename.lower() for part in parts}
    if any("vbaproject" in name or name.startswith("xl/macrosheets/") for name in names):
        raise FileRefused("macros")
    if any(part.flag_bits & 0x1 for part in parts) or "encryptedpackage" in names:
        raise FileRefused("old_excel")
    if (
        len(parts) > MAX_PARTS
        or sum(part.file_size for part in parts) > MAX_UNPACKED
        or any(
            part.file_size > _CHUNK and part.file_size > MAX_RATIO * max(part.compress_size, 1)
            for part in parts
        )
    ):
        raise FileRefused("bomb")
    if "xl/workbook.xml" not in names:
        raise FileRefused("broken")


def _xlsx_lines(file: BinaryIO) -> Iterator[tuple[int, Sequence[Any]]]:
    file.seek(0)
    try:
        book = load_workbook(file, read_only=True, data_only=False, keep_links=False)
        try:
            shown = [s for s in book.worksheets if s.sheet_state == "visible"]
            if not shown:
                raise FileRefused("no_rows")
            last = MAX_ROWS + HEADER_WITHIN + 1
            for number, cells in enumerate(
                shown[0].iter_rows(max_row=last, max_col=MAX_COLUMNS + 1), 1
            ):
                yield number, [_plain(cell) for cell in cells]
        finally:
            book.close()
    except FileRefused:
        raise
    except (
        InvalidFileException, DefusedXmlException, ParseError, zipfile.BadZipFile, KeyError,
        ValueError, TypeError, AttributeError, IndexError, OSError, OverflowError, EOFError,
        NotImplementedError, RuntimeError, zlib.error,
    ) as error:  # fmt: skip
        raise FileRefused("broken") from error


def _plain(cell: Any) -> Any:
    kind = getattr(cell, "data_type", "n")
    if kind == "f":
        return Formula()
    if kind == "e":
        return Fault()
    return cell.value


def _csv_lines(file: BinaryIO) -> Iterator[tuple[int, Sequence[Any]]]:
    file.seek(0)
    text = _decoded(file.read())
    if "\x00" in text:
        raise FileRefused("encoding")
    head = text[:20_000]
    delimiter = max(";,\t", key=lambda sign: max(
        (line.count(sign) for line in head.splitlines()[:HEADER_WITHIN]), default=0
    ))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for cells in reader:
            if reader.line_num > 50 * MAX_ROWS:
                raise FileRefused("too_many_rows", count=MAX_ROWS)
            yield reader.line_num, [
                Formula() if cell.startswith("=") else cell for cell in cells
            ]
    except csv.Error as error:
        raise FileRefused("broken") from error


def _decoded(data: bytes) -> str:
    """Text of a CSV: with a mark, UTF-8 without, else the Windows encoding of Vietnamese."""
    try:
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            return data.decode("utf-16")
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        # Its tones are letters of their own: NFC joins them.
        return unicodedata.normalize("NFC", data.decode("cp1258"))
    except UnicodeDecodeError as error:
        raise FileRefused("encoding") from error


def _rows(
    lines: Iterator[tuple[int, Sequence[Any]]],
    columns: Sequence[Column],
    merged: list[tuple[str, int]],
) -> Sheet:
    known = {heading: column for column in columns for heading in column.headings}
    header_row, places, unread = _header(lines, columns, known)
    if cells := [name for name, last in merged if last >= header_row]:
        raise FileRefused("merged", cells=", ".join(cells[:5]))
    explained = {column.key: {fold(text) for text in column.helps} for column in columns}
    first = next(column.key for column in columns if column.is_key)
    rows: list[SheetRow] = []
    for number, cells in lines:
        row = SheetRow(number)
        for place, column in places.items():
            value = cells[place] if place < len(cells) else None
            if isinstance(value, str):
                value = value.strip()
            if value is not None and value != "":
                row.cells[column.key] = value
        if row.cells and not _is_ours(row, explained, first):
            rows.append(row)
            if len(rows) > MAX_ROWS:
                raise FileRefused("too_many_rows", count=MAX_ROWS)
    if not rows:
        raise FileRefused("no_rows")
    return Sheet(rows, unread)


def _is_ours(row: SheetRow, explained: dict[str, set[str]], key: str) -> bool:
    """Whether it is the template's line of explanations or its example."""
    value = row.cells.get(key)
    if not isinstance(value, str):
        return False
    folded = fold(value)
    return folded in explained[key] or folded.startswith(("vi-du-", "vi du:"))


def _header(
    lines: Iterator[tuple[int, Sequence[Any]]],
    columns: Sequence[Column],
    known: dict[str, Column],
) -> tuple[int, dict[int, Column], list[str]]:
    """The row of headings among the first: where each column stands, and who is unknown."""
    required = {column.key for column in columns if column.is_heading_required}
    for number, cells in lines:
        texts = [_heading(cell) for cell in cells]
        found = [(place, known[text]) for place, text in enumerate(texts) if text in known]
        if required <= {column.key for _place, column in found}:
            if sum(bool(text) for text in texts) > MAX_COLUMNS:
                raise FileRefused("too_many_columns", count=MAX_COLUMNS)
            places: dict[int, Column] = {}
            for place, column in found:
                if column in places.values():
                    raise FileRefused("doubled_column", column=str(cells[place])[:60])
                places[place] = column
            unread = [
                str(cells[place])[:60]
                for place, text in enumerate(texts)
                if text and text not in known
            ]
            return number, places, unread
        if number >= HEADER_WITHIN:
            break
    wanted = [str(column.label) for column in columns if column.is_heading_required]
    raise FileRefused("no_header", columns=", ".join(wanted))


def _heading(cell: Any) -> str:
    return fold(cell[:200]).rstrip(" *:") if isinstance(cell, str) else ""


def as_text(value: Any) -> str:
    """A cell as it may be shown and handed back."""
    if isinstance(value, Formula):
        return "=…"
    if isinstance(value, Fault):
        return "#N/A"
    if isinstance(value, datetime | date | time | timedelta):
        return str(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)[:1000]
