"""Words for the index and out of what somebody typed: analysed once, here, for every engine."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

from django.utils.html import strip_tags

from marketplace.kernel.fold import clean_text, fold, tokens

#: More words than this narrow nothing down.
MAX_WORDS = 8
MAX_TEXT = 200
#: Longer runs of letters are no words (and PostgreSQL refuses lexemes above 2 KB).
MAX_WORD = 40
_WORD = re.compile(r"[^\W_]+")


def typed(text: str) -> str:
    """What somebody typed into the search field: clean, one line, not longer than is sensible."""
    return " ".join(clean_text(text.replace("\x00", "")).split())[:MAX_TEXT].strip()


def query_words(text: str) -> list[str]:
    """The folded words to look for, each once, in order, at most eight."""
    found = dict.fromkeys(word[:MAX_WORD] for word in tokens(text))
    return list(found)[:MAX_WORDS]


def marked_words(text: str) -> list[str]:
    """The words as written, small letters, of those that carry marks: "dừa" is not "dưa"."""
    text = unicodedata.normalize("NFC", text).lower()
    return [word[:MAX_WORD] for word in _WORD.findall(text)[:200] if word != fold(word)]


def index_words(*texts: str | None, limit: int = 6000) -> str:
    """The folded words of texts, tags taken out, ready for a word index."""
    joined = " ".join(strip_tags(text) for text in texts if text)[:limit]
    return " ".join(word[:MAX_WORD] for word in tokens(joined))


def title_words(*titles: str | None) -> str:
    """The folded words of titles and beside them the marked ones as written."""
    joined = " ".join(title for title in titles if title)
    return " ".join([index_words(joined), *marked_words(joined)])


def as_written(text: str, titles: Iterable[str]) -> str:
    """How the goods that were found write what was typed: "xoai cat" reads "xoài cát".

    Each word becomes the commonest one of the titles that folds to it; a word that no title
    has stays as typed. Empty when that changes nothing.
    """
    spellings: dict[str, Counter[str]] = {}
    for title in titles:
        for word in _WORD.findall(unicodedata.normalize("NFC", title).lower()):
            spellings.setdefault(fold(word), Counter())[word] += 1
    written = []
    for word in query_words(text):
        known = spellings.get(word)
        written.append(known.most_common(1)[0][0] if known else word)
    read = " ".join(written)
    return "" if read == text.lower() else read
