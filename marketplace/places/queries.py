"""Which communes exist on a day, and which one somebody means by what he typed."""

from __future__ import annotations

import re
from datetime import date

from django.db.models import Q, QuerySet

from marketplace.kernel.fold import fold, sort_key
from marketplace.places.models import Commune, Province

#: How people write the kind of a unit before its name, after folding. Full words need a space
#: ("xa my tho"), abbreviations take a dot or a space ("p.cao lanh", "tt my tho").
_PREFIXES = (
    (re.compile(r"^(?:xa\s+|x\.\s*|x\s+)"), Commune.Kind.COMMUNE),
    (re.compile(r"^(?:phuong\s+|p\.\s*|p\s+|f\.\s*)"), Commune.Kind.WARD),
    (re.compile(r"^(?:thi tran\s+|tt\.\s*|tt\s+)"), Commune.Kind.TOWNSHIP),
    (re.compile(r"^(?:dac khu\s+|dk\.\s*)"), Commune.Kind.SPECIAL_ZONE),
)
#: The longest text worth looking at; longer ones name no commune.
MAX_TEXT = 120


def communes_on(day: date) -> QuerySet[Commune]:
    """The communes in force on ``day``, both ends of their time included."""
    return Commune.objects.filter(valid_from__lte=day).filter(
        Q(valid_through__isnull=True) | Q(valid_through__gte=day)
    )


def match_commune(text: str, province: Province | None, on: date) -> list[Commune]:
    """The communes that ``text`` may mean on ``on``, best first; one means it is certain.

    Marks, case and the kind before the name do not matter: "p. Cao Lãnh", "xa my tho",
    "MY THO". A kind that was written decides between a ward and a commune of one name.
    "Xã Mỹ Thọ, Đồng Tháp" may name the province behind a comma. When nothing living has the
    name, the units formed from an old one of that name are given (several, or one to be
    confirmed: the caller sees ``commune.folded`` differ); and last, names that begin so.
    ``province`` None looks everywhere. Empty or overlong text matches nothing.
    """
    folded = fold(text.split(",")[0])
    if not folded or len(text) > MAX_TEXT or "\x00" in text:
        return []
    units = communes_on(on).select_related("province")
    if province is not None:
        units = units.filter(province=province)
    elif "," in text:
        named = fold(text.rsplit(",", 1)[1])
        units = units.filter(province__folded=named) if named else units
    kind, name = _split_kind(folded)
    written = sort_key(" ".join(text.split(",")[0].split()[-len(name.split()) :]))
    # "Phường" may be part of no name, but "Xa" or "P" may: try the whole text first.
    exact = list(units.filter(folded=folded)) or list(units.filter(folded=name))
    if kind and len(exact) > 1:
        exact = [unit for unit in exact if unit.kind == kind] or exact
    if len(exact) > 1 and fold(text) != text.lower():
        # Marks were typed: "Tân Thạnh" is not "Tân Thành".
        exact = [unit for unit in exact if unit.sort_key == written] or exact
    if exact:
        return exact
    return suggest_from_old_name(name, units) or list(units.filter(folded__startswith=name)[:10])


def suggest_from_old_name(folded_name: str, units: QuerySet[Commune]) -> list[Commune]:
    """The units of today in which an old one of this (folded) name lies."""
    return [
        unit
        for unit in units.exclude(formed_from="")
        if folded_name in old_names(unit.formed_from)
    ]


def commune_options(text: str, province: Province, on: date, limit: int = 12) -> list[Commune]:
    """Communes for a type-ahead: matches first, then every name that contains the words."""
    matched = match_commune(text, province, on)
    name = _split_kind(fold(text))[1]
    if not name:
        return list(communes_on(on).filter(province=province)[:limit])
    taken = {unit.pk for unit in matched}
    more = communes_on(on).filter(province=province, folded__contains=name[:MAX_TEXT])
    return [*matched, *(unit for unit in more if unit.pk not in taken)][:limit]


def old_names(formed_from: str) -> set[str]:
    """The folded names in a list like ``p. 4 (thành phố Mỹ Tho), x. Đạo Thạnh``."""
    names = set()
    for part in re.sub(r"\([^)]*\)", "", formed_from).split(","):
        kind_and_name = fold(part)
        if kind_and_name:
            names.add(_split_kind(kind_and_name)[1])
    return names


def _split_kind(folded: str) -> tuple[str, str]:
    """The kind that was written before the name, or "", and the bare name."""
    for pattern, kind in _PREFIXES:
        bare, found = pattern.subn("", folded)
        if found and bare:
            return kind, bare.strip(" .")
    return "", folded.strip(" .")
