"""Global Trade Item Numbers: optional, and never invented."""

from __future__ import annotations

import unicodedata

from biip import ParseError
from biip.gtin import Gtin

from catalogue.errors import GtinInvalid


def parse_gtin(text: str) -> str | None:
    """The digits of a GTIN-8, -12, -13 or -14 that somebody typed, or None for nothing.

    Spaces and hyphens between the digits and full-width digits are taken. Raises GtinInvalid
    for a wrong length or check digit (GS1 General Specifications, 7.9).
    """
    digits = unicodedata.normalize("NFKC", text or "").replace(" ", "").replace("-", "")
    if not digits:
        return None
    if not (digits.isascii() and digits.isdigit() and len(digits) in (8, 12, 13, 14)):
        raise GtinInvalid
    try:
        Gtin.parse(digits)
    except ParseError as error:
        raise GtinInvalid from error
    return digits
