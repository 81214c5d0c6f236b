"""Files as Excel, LibreOffice and strangers make them: read right, or refused before they cost."""

import io
import zipfile
from decimal import Decimal

import pytest
from openpyxl import Workbook

from marketplace.imports import reading
from marketplace.imports.columns import columns_of
from marketplace.imports.errors import FileRefused
from marketplace.imports.models import Import
from marketplace.imports.numbers import parse_number
from marketplace.imports.workbooks import neutral
from tests.imports.conftest import workbook

PRICES = columns_of(Import.Kind.PRICES, for_office=False)
HEAD = ("Article number", "Article", "Price (₫)")


def read(data: bytes, name: str = "bang.xlsx"):
    return reading.read(io.BytesIO(data), name, PRICES)


def refusal(data: bytes, name: str = "bang.xlsx") -> str:
    with pytest.raises(FileRefused) as refused:
        read(data, name)
    assert str(refused.value)
    return refused.value.code


def repacked(data: bytes, changes: dict[str, bytes], **options) -> bytes:
    """The workbook with parts added or replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(
        out, "w", zipfile.ZIP_DEFLATED
    ) as new:
        for info in old.infolist():
            if info.filename not in changes:
                new.writestr(info.filename, old.read(info))
        for name, content in changes.items():
            new.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("12.000", 12000), ("12,000", 12000), ("1.234.567", 1234567), ("12,5", "12.5"),
        ("12.5", "12.5"), ("1.234,50", "1234.50"), ("1,234.50", "1234.50"), ("285 000 ₫", 285000),
        ("285.000đ", 285000), ("１２", 12), ("0.500", "0.5"), (12, 12), (12.0, 12), ("8%", 8),
        ("-5", -5), ("12.00", 12),
        ("", None), ("NaN", None), ("1e9", None), ("inf", None), (float("nan"), None),
        (float("inf"), None), (True, None), ("1.2.3", None), ("12.0000.000", None),
        ("9" * 41, None), (10**30, None), ("mười", None), ("1,23.456", None),
    ],
)  # fmt: skip
def test_numbers_as_people_write_them(typed, number):
    assert parse_number(typed) == (None if number is None else Decimal(str(number)))


CSV = "Article number;Article;Price (₫)\r\nX-1;Xoài cát;285.000\r\n"


@pytest.mark.parametrize(
    "data",
    [
        CSV.encode(), CSV.encode("utf-8-sig"), CSV.encode("utf-16"),
        CSV.replace(";", "\t").encode(), CSV.replace(";", ",").encode(),
        ("Bảng giá\n\n" + CSV).encode(),
    ],
    ids=["utf-8", "bom", "utf-16", "tab", "comma", "title"],
)  # fmt: skip
def test_csv_in_any_usual_writing(data):
    assert [row.cells for row in read(data, "gia.CSV").rows] == [
        {"sku": "X-1", "title": "Xoài cát", "price": "285.000"}
    ]


def test_windows_1258_whose_tones_are_letters_of_their_own():
    data = b"sku;title;price\nX-1;" + "So\u0300ng \u0110ô\u0300ng".encode("cp1258") + b";5\n"
    assert b"\xcc" in data
    rows = reading.read(io.BytesIO(data), "gia.csv", PRICES).rows
    assert rows[0].cells["title"] == "Sòng Đồng"


def test_headings_of_either_language_below_a_title_and_without_marks():
    data = workbook(
        ("HTX XOÀI",), (), ("", "MA HANG", "giá (₫) *", "Ghi chú"),
        ("", "X-1", 5, "nhớ hỏi"), (), ("", " X-2 ", 6), ("", None, None),
    )  # fmt: skip
    sheet = read(data)
    assert [(row.number, row.cells) for row in sheet.rows] == [
        (4, {"sku": "X-1", "price": 5}), (6, {"sku": "X-2", "price": 6}),
    ]  # fmt: skip
    assert sheet.unread == ["Ghi chú"]


def test_what_is_no_table_is_refused():
    good = workbook(HEAD, ("X-1", "", 5))
    assert refusal(b"") == "empty"
    assert refusal(b"hello") == "broken"
    assert refusal(good, "bang.xlsm") == "macros"
    assert refusal(good, "bang.pdf") == "not_a_table"
    assert refusal(good, "bang.csv") == "not_a_table"
    assert refusal(b"\xd0\xcf\x11\xe0" + b"\0" * 600) == "old_excel"
    assert refusal(b"\xd0\xcf\x11\xe0" + b"\0" * 600, "cu.xls") == "old_excel"
    assert refusal(repacked(good, {"xl/vbaProject.bin": b"x"})) == "macros"
    assert refusal(good[: len(good) // 2]) == "broken"
    assert refusal(workbook(("A", "B"), (1, 2))) == "no_header"
    assert refusal(workbook(HEAD)) == "no_rows"
    assert refusal(workbook((*HEAD, "Price (₫)"), ("X", "", 1, 2))) == "doubled_column"
    assert refusal(workbook((*HEAD, *(f"c{n}" for n in range(70))))) == "too_many_columns"
    assert refusal(b"\xff\xfe\x00", "x.csv") == "encoding"
    assert refusal(b"Article number;price\nX\x00;5\n", "x.csv") == "encoding"
    assert refusal(b"x" * (reading.MAX_BYTES + 1), "x.csv") == "too_big"


def test_bombs_and_entities_are_refused_before_they_are_opened():
    good = workbook(HEAD, ("X-1", "", 5))
    zeros = b"0" * (30 * 1024 * 1024)
    assert refusal(repacked(good, {"xl/worksheets/sheet1.xml": zeros})) == "bomb"
    assert refusal(repacked(good, {"xl/media/x.bin": zeros})) == "bomb"
    laughs = (
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        b"<sheetData><row><c><v>&b;</v></c></row></sheetData></worksheet>"
    )
    assert refusal(repacked(good, {"xl/worksheets/sheet1.xml": laughs})) == "broken"
    assert refusal(repacked(good, {"xl/sharedStrings.xml": laughs})) == "broken"
    many = {f"xl/x{n}.xml": b"<a/>" for n in range(reading.MAX_PARTS + 1)}
    assert refusal(repacked(good, many)) == "bomb"


def test_fifty_thousand_rows_are_counted_not_read(monkeypatch):
    good = workbook(HEAD, ("X-1", "", 5))
    rows = b"".join(b'<row r="%d"><c><v>1</v></c></row>' % n for n in range(1, 50_001))
    sheet = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        b"<sheetData>" + rows + b"</sheetData></worksheet>"
    )
    monkeypatch.setattr(reading, "load_workbook", None)
    assert refusal(repacked(good, {"xl/worksheets/sheet1.xml": sheet})) == "too_many_rows"
    lines = b"sku,price\n" + b"X,1\n" * 50_000
    assert refusal(lines, "x.csv") == "too_many_rows"


def test_merged_cells_below_the_headings_are_refused_above_they_do_not_matter():
    book = Workbook()
    for row in (("Bảng giá",), HEAD, ("X-1", "", 5), ("X-2", "", 6)):
        book.active.append(row)
    book.active.merge_cells("A1:C1")
    out = io.BytesIO()
    book.save(out)
    assert len(read(out.getvalue()).rows) == 2
    book.active.merge_cells("C3:C4")
    out = io.BytesIO()
    book.save(out)
    assert refusal(out.getvalue()) == "merged"


@pytest.mark.parametrize("text", ["=1+1", "+84", "-1", "@x", "\tx", "\rx"])
def test_what_we_hand_out_is_never_computed(text):
    assert neutral(text) == "'" + text
    assert neutral("x" + text) == "x" + text
