"""Words without their marks, addresses made of words, and Vietnamese alphabetical order."""

from __future__ import annotations

import re
import unicodedata

from anyascii import anyascii

#: Characters that show nothing and change what a text is taken for: zero-width signs, soft
#: hyphens and the controls of writing direction (which can make a name read backwards).
_INVISIBLE = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_WHITESPACE = re.compile(r"\s+")

#: The Vietnamese alphabet with the foreign letters f, j, w, z in their usual places.
_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
#: Keys are made of the digits and small Latin letters only, which every collation orders
#: alike. "0" ends a syllable, "1" begins a number, "2" to "y" are the 33 letters, "z" is
#: whatever comes after them.
_LETTER_KEYS = dict(zip(_ALPHABET, "23456789abcdefghijklmnopqrstuvwxy", strict=True))
_SHAPE_MARKS = {"\u0306": "breve", "\u0302": "circumflex", "\u031b": "horn"}
_SHAPED = {
    ("a", "breve"): "ă",
    ("a", "circumflex"): "â",
    ("e", "circumflex"): "ê",
    ("o", "circumflex"): "ô",
    ("o", "horn"): "ơ",
    ("u", "horn"): "ư",
}
#: Tones in the order of dictionaries: level, huyền, hỏi, ngã, sắc, nặng.
_TONES = {"\u0300": "1", "\u0309": "2", "\u0303": "3", "\u0301": "4", "\u0323": "5"}
_SYLLABLE_OR_NUMBER = re.compile(r"\d+|[^\W\d_]+")


def clean_text(text: str) -> str:
    """What somebody typed, as composed Unicode (NFC), without invisible characters.

    Removes zero-width signs, controls of writing direction and other controls; tabs and line
    ends stay (as "\\n"). Forms pass all free text through this.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _CONTROL.sub("", _INVISIBLE.sub("", text))
    return unicodedata.normalize("NFC", text)


def fold(text: str) -> str:
    """The text as people type it in a hurry: small letters, no marks, đ as d.

    Full-width and other compatibility forms become ordinary ones, runs of white space one
    space. Both sides of a comparison must be folded. ``fold("Xoài  Cát Hòa Lộc")`` is
    ``"xoai cat hoa loc"``.
    """
    text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).lower().replace("đ", "d")
    bare = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return _WHITESPACE.sub(" ", bare).strip()


def tokens(text: str) -> list[str]:
    """The folded words and numbers of a text, in order."""
    return re.findall(r"[^\W_]+", fold(text))


def slugify(text: str, allow_unicode: bool = False) -> str:
    """A part of an address made of words: ``"Đặc sản Đồng Tháp"`` is ``"dac-san-dong-thap"``.

    Scripts other than Latin are written in Latin letters. ``allow_unicode`` is part of what
    Oscar passes (``OSCAR_SLUG_FUNCTION``) and changes nothing: our addresses are ASCII.
    """
    return re.sub(r"[^a-z0-9]+", "-", anyascii(fold(text)).lower()).strip("-")


def sort_key(text: str, max_length: int = 200) -> str:
    """A string whose plain order is the order of a Vietnamese dictionary.

    Syllable by syllable: first the letters (a ă â b …), then the tone (level, huyền, hỏi, ngã,
    sắc, nặng), so that ba, ba ba, bà, bác follow each other. Numbers come before letters, by
    value. Case, punctuation and where the tone mark sits (hòa, hoà) make no difference. The
    key holds only 0–9 and a–z, so that it sorts alike in every collation, C included; it is
    cut at ``max_length``.
    """
    text = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)))
    parts = []
    for token in _SYLLABLE_OR_NUMBER.findall(text.lower()):
        parts.append(_number_key(token) if token[0].isdecimal() else _syllable_key(token))
    return "".join(parts)[:max_length]


def _number_key(digits: str) -> str:
    value = str(int(digits[:99]))
    return f"1{len(value):02d}{value}"


def _syllable_key(syllable: str) -> str:
    letters, tone = [], "0"
    for letter in syllable:
        base, *marks = unicodedata.normalize("NFD", letter)
        for mark in marks:
            base = _SHAPED.get((base, _SHAPE_MARKS.get(mark, "")), base)
            if tone == "0":
                tone = _TONES.get(mark, "0")
        letters.append(_LETTER_KEYS.get(base) or f"z{ord(base):05x}")
    return "".join(letters) + "0" + tone
