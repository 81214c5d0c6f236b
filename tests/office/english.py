"""English words in what somebody reads in Vietnamese.

Only words that are no Vietnamese syllable without marks, and no name: "to", "an", "can" and the
like prove nothing. One of the frequent words of English and of its user interfaces stands in
nearly every English sentence or label.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

_WORDS = """
about above account action actions active add added address after again alias all already also
always amount and any apply approve are article ascending aside assigned author avatar avoid away
back been before below between block browse bulk button buttons caption change changed changes
character characters check children choose chosen clear close code collapse collection
collections column columns comment comments compare complete confirm contain content contents
control copied copy could create created crop current currently custom cut dashboard date day days
default delete deleted descending description details disable disabled discard display document
documents does done download draft drafts drop each edit edited editing editor email empty enable
enabled enter entries error errors every everyone expand expired expires explore export external
failed false field fields file files filter filters find first focal for form forgot format forms
found from general get give given global group groups has have heading height help hide history
home host hour hours how image images import inherit inside into invalid item items its keep key
keyboard know label language languages last later latest left length less level like link links
list live load loading locale locales lock locked log login logout long look lost made main make
many match maximum may media menu message method might minimum minute minutes missing modal mode
model moderation month months more most move moved must navigation need never new newest next none
not note nothing notification notifications number object objects off oldest once only open
opens option optional options order other our output over overwrite owner page pages parent
password past people permission permissions phone pick picture pictures place please point
position preferences press preview previous primary privacy private problem profile provide public
publish published publisher publishing purge quality query quick rather read reason receive recent
record records redirect redirects reference refresh reject related release reload remember remove
removed rename reorder replace reply report reports request required reset resolve restore result
results resume return review revision revisions right role root row rows run running same save
saved schedule scheduled search second section see select selected selection send sent series set
setting settings several share should show sidebar sign site sites size skip slug some something
sort source spam start started state status step still stop storage style subject submit submitted
success successfully summary switch synced system table tag tags target task tasks team text than
that the their theme them then there these they thing this those through time timezone title today
toggle too tools top total translate translated translation translations tree true try two type
types undo unknown unlock unpublish unpublished until unsaved untranslated upload uploaded uploads
usage use used user username users using valid value values verify version view views visible
want warning was way website were what when where whether which while who whose will window with
within without word work workflow workflows would write written wrong year years yes yesterday you
your yourself
"""
_SYLLABLES = frozenset({"add"})
ENGLISH = frozenset(_WORDS.split()) - _SYLLABLES
#: Proper names, and words that Vietnamese has taken over as they are.
NAMES = re.compile(
    r"e-?mail|Enter|TOTP|Zalo|VietQR|Excel|Google|Authenticator|Wagtail|Oscar|Django|Facebook|YouTube"
    r"|[\w.+-]+@[\w.-]+|https?://\S+|/[\w/.-]+|\b[\w-]+\.(?:html|xlsx|csv|jpe?g|png|svg)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[A-Za-z]+(?:'[a-z]+)?")
_SAID = ("title", "aria-label", "placeholder", "alt")
_VOID = frozenset({"input", "img", "link", "meta", "br", "hr", "source", "col", "wbr"})
_SILENT = frozenset({"script", "style", "template", "code", "svg", "noscript"})


class _Texts(HTMLParser):
    """What of a page is read or read aloud, unless it is marked as another language's."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []
        self.silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if "hidden" in given and tag not in _VOID:
            self.silent.append(tag)
            return
        is_foreign = tag not in ("html", "body") and given.get("lang", "vi") != "vi"
        if tag not in _VOID and (
            tag in _SILENT or is_foreign or (self.silent and tag == self.silent[-1])
        ):
            self.silent.append(tag)
        if self.silent or is_foreign:
            return
        self.texts += [given[name] for name in _SAID if given.get(name)]
        if tag == "input" and given.get("type") in ("submit", "button", "reset"):
            self.texts.append(given.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        if self.silent and tag == self.silent[-1]:
            self.silent.pop()

    def handle_data(self, data: str) -> None:
        if not self.silent and data.strip():
            self.texts.append(data.strip())


def english_in(html: str, known: frozenset[str] = frozenset()) -> list[str]:
    """The texts of a page with English words in them; ``known`` are people's own words."""
    reader = _Texts()
    reader.feed(html)
    found = []
    for text in reader.texts:
        for phrase in known:
            text = text.replace(phrase, " ")
        words = {word.lower() for word in _WORD.findall(NAMES.sub(" ", text))}
        if words & ENGLISH:
            found.append(" ".join(text.split())[:160])
    return found
