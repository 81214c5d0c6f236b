"""Which named values are about a person, and must not stay in logs and audit for ever."""

from __future__ import annotations

import re

#: Names of fields and of log values. Names of goods and places are called ``title`` or
#: ``name_vi`` and stay.
PERSONAL_NAMES = frozenset(
    {
        "account_no",
        "address",
        "body",
        "context",
        "email",
        "first_name",
        "full_name",
        "gift_text",
        "holder",
        "last_name",
        "line1",
        "line2",
        "line3",
        "line4",
        "name",
        "note",
        "notes",
        "password",
        "phone",
        "phone_number",
        "postcode",
        "recipient",
        "secret",
        "street",
        "subject",
        "tax_code",
        "to",
        "token",
        "zalo",
    }
)

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
#: Vietnamese numbers as people and E.164 write them: 9 or 10 digits after 0 or +84.
_PHONE = re.compile(r"(?<![\w.])(?:\+84|0)(?:[ .-]?\d){9,10}(?!\w)")


def mask(text: str) -> str:
    """The text with e-mail addresses and telephone numbers replaced by what they were."""
    return _PHONE.sub("[phone]", _EMAIL.sub("[email]", text))
