"""Files that mean harm or are only strange, handed in at both desks over HTTP (R24): a clear word
at the field or on the table's page, at most two seconds of work, and nothing written."""

import io
import random
import re
import stat
import time
import unicodedata
import zipfile
from datetime import datetime

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from catalogue.models import Product
from marketplace.accounts.roles import Role
from marketplace.imports.models import Import
from marketplace.media.models import LibraryImage
from tests.doors import rows
from tests.factories.accounts import make_staff, sign_in
from tests.factories.catalogue import make_producer, make_product
from tests.factories.orders import make_destination, make_order
from tests.factories.pictures import photograph
from tests.imports.conftest import codes, upload, workbook
from tests.imports.test_pages import member, sku
from tests.imports.test_reading import repacked
from tests.imports.test_ten_thousand import office, work

pytestmark = pytest.mark.django_db

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHEET = "xl/worksheets/sheet1.xml"
GOOD = workbook(("producer", "sku", "price"), ("x", "X-1", 5))
LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


def sheet(inside: str, before: str = "") -> bytes:
    return (
        f'<?xml version="1.0"?>{before}<worksheet xmlns="{MAIN}"><sheetData>{inside}</sheetData>'
        "</worksheet>"
    ).encode()


def shared(before: str) -> bytes:
    return f'<?xml version="1.0"?>{before}<sst xmlns="{MAIN}"><si><t>&a;</t></si></sst>'.encode()


def bent(data: bytes) -> bytes:
    """A workbook whose sheet cannot be unpacked, though its directory is whole."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        info = archive.getinfo(SHEET)
    at = info.header_offset + 30 + len(SHEET)
    return data[:at] + b"\xff" * info.compress_size + data[at + info.compress_size :]


def hidden() -> bytes:
    book = load_workbook(io.BytesIO(GOOD))
    book.create_sheet("Ghi chú")
    book.worksheets[0].sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def merged() -> bytes:
    book = load_workbook(io.BytesIO(GOOD))
    book.active.merge_cells("A2:B2")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def stored(name: str, data: bytes) -> bytes:
    """A part that is packed well and small beside the bound on parts, but full of tags."""
    return repacked(GOOD, {name: data})


ONE_TABLE_OF = "producer,sku,price\r\n"
FILES = {
    "macros by name": ("a.xlsm", lambda: GOOD, "macros"),
    "macros inside": ("a.xlsx", lambda: repacked(GOOD, {"xl/vbaProject.bin": b"x"}), "macros"),
    "old macros": ("a.xlsx", lambda: repacked(GOOD, {"xl/macrosheets/a.xml": b"x"}), "macros"),
    "encrypted": ("a.xlsx", lambda: b"\xd0\xcf\x11\xe0" + b"\0" * 999, "password"),
    "old Excel": ("a.xls", lambda: b"\xd0\xcf\x11\xe0" + b"\0" * 999, "old"),
    "a page as a table": ("a.xlsx", lambda: b"<html><table></table></html>", "damaged"),
    "a table as CSV": ("a.csv", lambda: GOOD, "Excel file"),
    "a program": ("a.exe", lambda: b"MZ", "Excel file"),
    "nothing": ("a.xlsx", lambda: b"", "empty"),
    "half": ("a.xlsx", lambda: GOOD[: len(GOOD) // 2], "damaged"),
    "bent": ("a.xlsx", lambda: bent(GOOD), "damaged"),
    "no workbook": ("a.xlsx", lambda: zipped({"a.txt": b"x"}), "damaged"),
    "bomb": ("a.xlsx", lambda: repacked(GOOD, {SHEET: b"0" * 2**25}), "unpacks"),
    "bomb beside": ("a.xlsx", lambda: repacked(GOOD, {"xl/a.bin": b"0" * 2**25}), "unpacks"),
    "many parts": (
        "a.xlsx", lambda: repacked(GOOD, {f"xl/{n}.xml": b"<a/>" for n in range(400)}), "unpacks",
    ),
    "laughs": ("a.xlsx", lambda: repacked(GOOD, {SHEET: sheet("&b;", LAUGHS)}), "damaged"),
    "laughs in texts": (
        "a.xlsx", lambda: repacked(GOOD, {"xl/sharedStrings.xml": shared(LAUGHS)}), "damaged",
    ),
    "entity far behind": (
        "a.xlsx",
        lambda: repacked(
            GOOD, {"xl/sharedStrings.xml": shared(f"<!--{'x' * 9000}-->{OUTSIDE}")}
        ),
        "damaged",
    ),
    "a file from outside": (
        "a.xlsx", lambda: repacked(GOOD, {SHEET: sheet("&a;", OUTSIDE)}), "damaged",
    ),
    "an entity in two-byte letters": (
        "a.xlsx",
        lambda: repacked(
            GOOD,
            {SHEET: sheet("<row><c><v>&a;</v></c></row>", OUTSIDE).decode().encode("utf-16")},
        ),
        "damaged",
    ),
    "50,000 rows": (
        "a.xlsx",
        lambda: repacked(
            GOOD,
            {SHEET: sheet("".join(f"<row><c><v>{n * n}</v></c></row>" for n in range(50_000)))},
        ),
        "more than 20,000 rows",
    ),
    "50,000 lines": (
        "a.csv", lambda: (ONE_TABLE_OF + "x,X,1\r\n" * 50_000).encode(), "more than 20,000 rows",
    ),
    "a row of two million cells": (
        "a.xlsx", lambda: repacked(GOOD, {SHEET: sheet(f"<row>{noise('<c/>', 2_000_000)}</row>")}),
        "unpacks",
    ),
    "a million styles": (
        "a.xlsx",
        lambda: stored("xl/styles.xml", f"<s>{noise('<xf/>', 1_000_000)}</s>".encode()),
        "unpacks",
    ),
    "no headings": ("a.xlsx", lambda: workbook(("A", "B"), (1, 2)), "No row with these headings"),
    "headings alone": ("a.xlsx", lambda: workbook(("producer", "sku", "price")), "no rows"),
    "a column twice": (
        "a.xlsx", lambda: workbook(("producer", "sku", "price", "price"), ("x", "X", 1, 2)),
        "there twice",
    ),
    "merged": ("a.xlsx", merged, "merged"),
    "all is hidden": ("a.xlsx", hidden, "No row with these headings"),
    "letters of nobody": ("a.csv", lambda: b"sku,price\r\n\xff\xfe\x81\x9d,1\r\n", "letters"),
    "half a two-byte letter": ("a.csv", lambda: b"\xff\xfe\x00", "letters"),
    "an endless cell": ("a.csv", lambda: b'sku,price\r\n"' + b"x" * 500_000, "damaged"),
}  # fmt: skip


def zipped(files: dict[str, bytes], **options) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def noise(tag: str, count: int) -> str:
    """Many tags that do not pack so well that the bound on packing stops them first."""
    chance = random.Random(7)
    parts = [tag.replace("/>", f' s="{chance.getrandbits(24)}"/>') for _ in range(count // 8)]
    return "".join(parts) + tag * (count - count // 8)


def portal():
    return member("owner", make_product("Xoài", 100_000, 5).producer), "portal:imports"


def desk():
    return office(), "office_imports:index"


def hand_in(who, kind, name, data):
    """Hand a file in and let the worker judge it; the page that says what became of it."""
    client, home = who
    answer = client.post(reverse(home), {"kind": kind, "file": upload(data, name)})
    if answer.status_code == 302:
        work()
        return client.get(answer.url).content.decode()
    assert answer.status_code == 422
    return answer.content.decode()


@pytest.mark.parametrize("where", [portal, desk])
@pytest.mark.parametrize("case", FILES)
def test_refused_in_words_with_little_work_and_nothing_written(where, case):
    name, make, words = FILES[case]
    data, who = make(), where()
    before = rows.digest()
    start = time.process_time()
    body = hand_in(who, "prices", name, data)
    assert time.process_time() - start < 2
    assert words in body, re.sub(r"<[^>]+>|\s+", " ", body)[:1500]
    table = Import.objects.first()
    assert table is None or (table.state, table.rows.count()) == ("refused", 0)
    changed = rows.changed(before, rows.digest())
    assert changed <= {
        "imports_import", "imports_importprogress", "platform_auditentry", "accounts_user",
    }  # fmt: skip


CELLS = {
    "formula": ("=1+1", "formula"),
    "a date": (datetime(2026, 1, 2), "a_date"),
    "negative": (-5, "number"),
    "nothing": (0, "number"),
    "huge": (10**17, "number"),
    "half": (12.5, "number"),
    "not a number": ("NaN", "number"),
    "endless": ("inf", "number"),
    "scientific": ("1e9", "number"),
    "thousands": ("285k", "number"),
    "words": ("hai trăm", "number"),
    "a truth": (True, "number"),
}


@pytest.mark.parametrize("where", [portal, desk])
@pytest.mark.parametrize("case", CELLS)
def test_a_cell_that_is_no_price_is_said_at_its_row(where, case):
    value, code = CELLS[case]
    who = where()
    mango = make_product("Xoài", 100_000, 5) if where is desk else Product.objects.get()
    hand_in(
        who, "prices", "a.xlsx",
        workbook(("producer", "sku", "price"), (mango.producer.slug, sku(mango), value)),
    )
    table = Import.objects.get()
    assert codes(table) == {2: [("price", code)]}
    client, home = who
    space = home.split(":")[0]
    step = "imports_confirm" if space == "portal" else "confirm"
    client.post(reverse(f"{space}:{step}", args=[table.pk]), {"without_errors": "on"})
    work()
    assert mango.stockrecords.get().price == 100_000


@pytest.mark.parametrize("raw", ["NaN", "INF", "1e400", "-1e400", "1" * 5000, "x"])
def test_what_no_spreadsheet_writes_into_a_number_is_refused(raw):
    who = portal()
    mango = Product.objects.get()
    cell = f'<c t="inlineStr"><is><t>{sku(mango)}</t></is></c><c><v>{raw}</v></c>'
    head = "".join(f'<c t="inlineStr"><is><t>{h}</t></is></c>' for h in ("sku", "price"))
    data = repacked(GOOD, {SHEET: sheet(f"<row>{head}</row><row>{cell}</row>")})
    body = hand_in(who, "prices", "a.xlsx", data)
    assert "damaged" in body or "Enter a whole number" in body
    assert not Import.objects.get().n_to_write


@pytest.mark.parametrize(
    "written", ["285.000", "285,000", "285 000 ₫", "285.000đ", "２８５０００", 285_000, 285_000.0]
)
def test_a_price_as_people_write_it(written):
    who = portal()
    mango = Product.objects.get()
    hand_in(who, "prices", "a.xlsx", workbook(("sku", "price"), (sku(mango), written)))
    assert Import.objects.get().rows.get().values["to"] == 285_000


@pytest.mark.parametrize(
    "encoded",
    [
        lambda text: text.encode("utf-16"), lambda text: text.encode("utf-8-sig"),
        lambda text: text.encode(), lambda text: text.replace(",", ";").encode(),
        lambda text: text.replace(",", ";").encode("cp1258"),
        lambda text: unicodedata.normalize("NFD", text).encode(),
    ],
    ids=["utf-16", "bom", "utf-8", "semicolons", "windows-1258", "NFD"],
)
def test_csv_from_any_spreadsheet(encoded):
    who = portal()
    mango = Product.objects.get()
    mango.stockrecords.update(partner_sku="XOÀI-1")
    hand_in(who, "prices", "gia.csv", encoded("sku,price\r\nXOÀI-1,120000\r\n"))
    table = Import.objects.get()
    assert (table.n_changed, table.n_errors) == (1, 0)


def test_one_number_twice_is_found_however_its_letters_are_composed():
    who = portal()
    mango = Product.objects.get()
    mango.stockrecords.update(partner_sku="XOÀI-1")
    twice = [("XOÀI-1", 5), (unicodedata.normalize("NFD", "XOÀI-1"), 6), (" XOÀI-1 ", 7)]
    hand_in(who, "prices", "a.xlsx", workbook(("sku", "price"), *twice))
    assert codes(Import.objects.get()) == {
        3: [("sku", "doubled")], 4: [("sku", "doubled")],
    }


def archive(*members) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, data, mode in members:
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            made.writestr(info, data)
    return out.getvalue()


@pytest.mark.parametrize("where", [portal, desk])
def test_an_archive_of_pictures_that_means_harm(where, tmp_path):
    who = where()
    mango = Product.objects.first() or make_product("Xoài", 100_000, 5)
    name, photo = sku(mango), photograph(400, 300)
    file, link = stat.S_IFREG | 0o644, stat.S_IFLNK | 0o777
    huge = photograph(40, 30, "PNG")
    huge = huge[:16] + (60_000).to_bytes(4, "big") * 2 + huge[24:]
    body = hand_in(
        who, "pictures", "a.zip",
        archive(
            ("../../../../tmp/evil.jpg", photo, file),
            ("/etc/evil.jpg", photo, file),
            (f"..\\..\\{name}.jpg", photo, file),
            (f"{name}.jpg", b"/etc/passwd", link),
            (f"{name}-2.jpg", archive(("a.jpg", photo, file)), file),
            (f"{name}-3.jpg", b"<svg onload='alert(1)'/>", file),
            ("KHONG-CO.jpg", photo, file),
            (f"{name}-4.jpg", huge, file),
            (f"{name}-5.jpg", photo, file),
            (f"{name}-5.JPEG", photo, file),
            (f"{name}-6.jpg", b"", file),
            ("__MACOSX/._a.jpg", b"x", file),
        ),
    )
    table = Import.objects.get()
    assert [problem[0][1] for problem in codes(table).values()] == [
        "picture_path", "picture_path", "picture_path", "picture", "picture", "picture",
        "picture_unknown", "picture", "doubled", "picture",
    ]
    assert (table.n_new, table.n_errors) == (1, 10)
    assert "leads out of the archive" in body
    assert not LibraryImage.objects.exists()
    assert not list(tmp_path.parent.rglob("evil.jpg"))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: b"hello", "ZIP file"),
        (lambda: archive(*((f"{n}.jpg", b"x", 0) for n in range(2001))), "more than 2,000 files"),
        (lambda: zipped({f"{n}.jpg": b"0" * 2**24 for n in range(26)}), "unpacks"),
        (lambda: archive(("a/", b"", 0), (".DS_Store", b"x", 0)), "no rows"),
        (lambda: bent_picture(), "not a picture"),
    ],
    ids=["no archive", "too many", "bomb", "nothing", "bent"],
)
@pytest.mark.parametrize("where", [portal, desk])
def test_what_is_no_archive_of_pictures(where, make, words):
    data, who = make(), where()
    if where is desk:
        make_product("Xoài", 100_000, 5)
    Product.objects.first().stockrecords.update(partner_sku="X-1")
    body = hand_in(who, "pictures", "a.zip", data)
    assert words in body
    assert not LibraryImage.objects.exists()


def bent_picture() -> bytes:
    data = zipped({"X-1.jpg": photograph(400, 300)})
    with zipfile.ZipFile(io.BytesIO(data)) as made:
        info = made.infolist()[0]
    at = info.header_offset + 30 + len("X-1.jpg")
    return data[:at] + b"\xff" * info.compress_size + data[at + info.compress_size :]


def test_exports_hold_nothing_that_computes():
    clerk = sign_in(Client(), make_staff(Role.OPERATOR))
    bad = ["=HYPERLINK(1)", "+84", "-1+1", "@SUM(A1)", "\tx"]
    for text in bad:
        make_product(text, 90_000, 9, producer=make_producer("Vườn", name_en=text))
    make_order(
        Product.objects.first(), destination=make_destination(recipient="=1+1", street="@x")
    )
    for name in ("office_producers:index", "office_listings:index", "office_orders:index"):
        text = b"".join(
            clerk.get(reverse(name), {"export": "csv"}).streaming_content
        ).decode()
        cells = [cell.strip('"') for line in text.splitlines() for cell in line.split(",")]
        assert len(cells) > 5
        assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t"))] == [], name
        answer = clerk.get(reverse(name), {"export": "xlsx"})
        data = b"".join(answer.streaming_content) if answer.streaming else answer.content
        book = load_workbook(io.BytesIO(data))
        found = [cell for row in book.worksheets[0] for cell in row]
        assert {cell.data_type for cell in found} <= {"s", "n", "d", "b"}
        assert not [
            cell.value for cell in found
            if isinstance(cell.value, str) and cell.value.startswith(("=", "+", "-", "@", "\t"))
        ]


