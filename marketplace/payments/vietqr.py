"""VietQR: the text of a payment code, and its picture.

The text is EMV tag-length-value: a two-digit tag, a two-digit length, the value. Source:
NAPAS, "Specifications of QR code for payment, VietQR 1.5"; EMVCo, "Merchant-Presented QR 1.1".
"""

import binascii
import io
import re
from dataclasses import dataclass
from decimal import Decimal

import segno

_GUID = "A000000727"
_ACCOUNT = re.compile(r"[0-9A-Za-z]{1,19}")
_BIN = re.compile(r"[0-9]{6}")
_ASCII = re.compile(r"[ -~]*")
#: What banks pass on of the purpose.
PURPOSE_MAX = 25
#: Thirteen characters are all that tag 54 may hold.
AMOUNT_MAX = 9_999_999_999_999


class BadPayload(ValueError):
    """Something that no payment code can say."""


@dataclass(frozen=True)
class Payee:
    """Where the money goes: the bank's six-digit BIN with an account, or with a card."""

    bank_bin: str
    account_no: str
    is_card: bool = False


def payload(
    payee: Payee, *, amount: Decimal | int | None = None, purpose: str = "", bill: str = ""
) -> str:
    """The text of a code: dynamic when it names an amount in whole đồng, else static.

    ``purpose`` (at most 25) and ``bill`` are ASCII. Raises BadPayload.
    """
    if not _BIN.fullmatch(payee.bank_bin):
        raise BadPayload("bank")
    if not _ACCOUNT.fullmatch(payee.account_no):
        raise BadPayload("account")
    if len(purpose) > PURPOSE_MAX or len(bill) > PURPOSE_MAX:
        raise BadPayload("too long")
    if not _ASCII.fullmatch(purpose) or not _ASCII.fullmatch(bill):
        raise BadPayload("not ASCII")
    if amount is not None and (amount != int(amount) or not 0 < amount <= AMOUNT_MAX):
        raise BadPayload("amount")
    # The account is nested twice: tag 38 holds the network, and in its own 01 the account.
    beneficiary = _tlv("00", payee.bank_bin) + _tlv("01", payee.account_no)
    service = "QRIBFTTC" if payee.is_card else "QRIBFTTA"
    said = (_tlv("01", bill) if bill else "") + (_tlv("08", purpose) if purpose else "")
    text = (
        _tlv("00", "01")
        + _tlv("01", "11" if amount is None else "12")
        + _tlv("38", _tlv("00", _GUID) + _tlv("01", beneficiary) + _tlv("02", service))
        + _tlv("53", "704")
        + (_tlv("54", str(int(amount))) if amount is not None else "")
        + _tlv("58", "VN")
        + (_tlv("62", said) if said else "")
        + "6304"
    )
    return f"{text}{crc(text):04X}"


def crc(text: str) -> int:
    """CRC-16/CCITT-FALSE: polynomial 1021, begins with FFFF, nothing reflected."""
    return binascii.crc_hqx(text.encode("ascii"), 0xFFFF)


def _tlv(tag: str, value: str) -> str:
    return f"{tag}{len(value):02d}{value}"


def svg(text: str) -> bytes:
    """The picture of a payload, sharp at any size, with the quiet zone of four modules."""
    out = io.BytesIO()
    _code(text).save(
        out, kind="svg", border=4, scale=8, xmldecl=False, dark="#0b3b2e", light="#fff"
    )
    return out.getvalue()


def png(text: str) -> bytes:
    """The same as pixels, to be kept on a phone and chosen in the bank's app."""
    out = io.BytesIO()
    _code(text).save(out, kind="png", border=4, scale=10)
    return out.getvalue()


def _code(text: str) -> segno.QRCode:
    # Phones read a crowded code badly, and nobody prints this one: level M is enough.
    return segno.make(text, error="m", micro=False, boost_error=False)
