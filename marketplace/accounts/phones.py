"""Phone numbers as people type them, and as they are stored (E.164, like +84912345678)."""

import re
import unicodedata

import phonenumbers
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

#: More than anybody needs to type one number with spaces and dots.
MAX_TYPED = 40

_SEPARATORS = re.compile(r"[\s.\-–—()/]+")
_DIALLABLE = re.compile(r"\+?[0-9]{6,18}")


def normalise(text: str) -> str:
    """Return ``text`` as E.164.

    Accepts Vietnamese mobile and landline numbers with 0, 84, +84 or 0084 in front, foreign
    numbers with + and country code, full-width digits, spaces, dots, dashes and brackets, and
    ignores what has no width. Raises ValidationError (code ``invalid_phone``) with a message
    that shows how a number looks.
    """
    refusal = ValidationError(
        _(
            "Enter a phone number like 0912 345 678. With a foreign number, start with + and the"
            " country code."
        ),
        code="invalid_phone",
    )
    if not text or len(text) > MAX_TYPED:
        raise refusal
    # NFKC turns "０９１２" into "0912"; category Cf is what has no width (joiners, direction
    # marks), which comes along when a number is copied from a chat.
    plain = "".join(
        char for char in unicodedata.normalize("NFKC", text) if unicodedata.category(char) != "Cf"
    )
    plain = _SEPARATORS.sub("", plain)
    if not _DIALLABLE.fullmatch(plain):
        raise refusal
    try:
        number = phonenumbers.parse(plain, "VN")
    except phonenumbers.NumberParseException:
        raise refusal from None
    if not phonenumbers.is_valid_number(number):
        raise refusal
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
