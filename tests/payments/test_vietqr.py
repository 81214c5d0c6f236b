"""The text of a payment code against worked examples, and its picture against another reader."""

import io

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from marketplace.payments import vietqr
from marketplace.payments.vietqr import BadPayload, Payee

EXAMPLES = [
    (
        "00020101021238570010A00000072701270006970415011300110019324180208QRIBFTTA"
        "530370454061200005802VN62170813ung ho lu lut6304C15C",
        Payee("970415", "0011001932418"),
        {"amount": 120_000, "purpose": "ung ho lu lut"},
    ),
    (
        "00020101021238540010A00000072701240006970436011010234567890208QRIBFTTA"
        "5303704540719430005802VN62120808TT0000696304A8E5",
        Payee("970436", "1023456789"),
        {"amount": 1_943_000, "purpose": "TT000069"},
    ),
    (
        "00020101021238600010A00000072701300006970403011697040311012345670208QRIBFTTC"
        "530370454061800005802VN62340107NPS68690819thanh toan don hang6304A203",
        Payee("970403", "9704031101234567", is_card=True),
        {"amount": 180_000, "bill": "NPS6869", "purpose": "thanh toan don hang"},
    ),
]
ASCII = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=25)
PAYEES = st.builds(
    Payee,
    st.from_regex(r"[0-9]{6}", fullmatch=True),
    st.from_regex(r"[0-9A-Za-z]{1,19}", fullmatch=True),
    st.booleans(),
)


def read(text: str) -> dict[str, str]:
    """An independent reader of tag-length-value; every character has its place."""
    found: dict[str, str] = {}
    while text:
        tag, length, text = text[:2], int(text[2:4]), text[4:]
        assert tag not in found and len(text) >= length
        found[tag], text = text[:length], text[length:]
    return found


def crc_by_table(text: str) -> int:
    """The same sum done the other way: bytes looked up in a table."""
    table = []
    for byte in range(256):
        value = byte << 8
        for _bit in range(8):
            value = (value << 1) ^ (0x1021 if value & 0x8000 else 0)
        table.append(value & 0xFFFF)
    value = 0xFFFF
    for byte in text.encode():
        value = ((value << 8) & 0xFFFF) ^ table[(value >> 8) ^ byte]
    return value


@pytest.mark.parametrize(("text", "payee", "said"), EXAMPLES)
def test_worked_examples(text, payee, said):
    assert vietqr.payload(payee, **said) == text


def test_the_check_value_of_the_sum():
    # The published check value of CRC-16/CCITT-FALSE.
    assert vietqr.crc("123456789") == 0x29B1


@settings(deadline=None)
@given(PAYEES, st.none() | st.integers(1, vietqr.AMOUNT_MAX), ASCII, ASCII)
def test_another_reader_finds_what_was_said(payee, amount, purpose, bill):
    text = vietqr.payload(payee, amount=amount, purpose=purpose, bill=bill)
    tags = read(text)
    network = read(tags["38"])
    assert list(tags) == sorted(tags) and tags["00"] == "01"
    assert tags["01"] == ("11" if amount is None else "12")
    assert network["00"] == "A000000727"
    assert read(network["01"]) == {"00": payee.bank_bin, "01": payee.account_no}
    assert network["02"] == ("QRIBFTTC" if payee.is_card else "QRIBFTTA")
    assert (tags["53"], tags["58"]) == ("704", "VN")
    assert tags.get("54") == (None if amount is None else str(amount))
    said = read(tags.get("62", ""))
    assert (said.get("08", ""), said.get("01", "")) == (purpose, bill)
    assert tags["63"] == f"{crc_by_table(text[:-4]):04X}"


@pytest.mark.parametrize(
    ("payee", "said"),
    [
        (Payee("97043", "1"), {}),
        (Payee("97043６", "1"), {}),
        (Payee("970436", ""), {}),
        (Payee("970436", "12 34"), {}),
        (Payee("970436", "1" * 20), {}),
        (Payee("970436", "1"), {"amount": 0}),
        (Payee("970436", "1"), {"amount": -5}),
        (Payee("970436", "1"), {"amount": vietqr.AMOUNT_MAX + 1}),
        (Payee("970436", "1"), {"purpose": "x" * 26}),
        (Payee("970436", "1"), {"purpose": "Cảm ơn"}),
        (Payee("970436", "1"), {"bill": "a\x00"}),
    ],
)
def test_what_no_code_can_say_is_refused(payee, said):
    with pytest.raises(BadPayload):
        vietqr.payload(payee, **said)


@pytest.mark.parametrize("text", [example[0] for example in EXAMPLES])
def test_another_library_reads_the_picture(text):
    picture = Image.open(io.BytesIO(vietqr.png(text))).convert("L")
    found = zxingcpp.read_barcodes(picture)
    assert [code.text for code in found] == [text]
    # Four modules of ten pixels around it stay white.
    assert min(picture.crop((0, 0, picture.width, 40)).getdata()) == 255


def test_the_drawing_is_plain():
    drawn = vietqr.svg(EXAMPLES[0][0]).decode()
    assert drawn.startswith("<svg") and "<script" not in drawn and "style=" not in drawn
