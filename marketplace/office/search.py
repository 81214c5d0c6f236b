"""Finding rows by words as people type them: without marks, in any order."""

from __future__ import annotations

from django.db.models import CharField, Func, QuerySet, Value

from cms.choosers import Folded
from marketplace.kernel.fold import fold

#: Longer searches are nobody's.
LONGEST = 100


def with_words(rows: QuerySet, query: str, *columns: str) -> QuerySet:
    """Those of ``rows`` in whose Vietnamese ``columns`` together every word of ``query`` occurs."""
    words = fold(query[:LONGEST]).split()
    if not words:
        return rows
    rows = rows.annotate(
        found_in=Func(
            Value(" "), *map(Folded, columns), function="concat_ws", output_field=CharField()
        )
    )
    for word in words:
        rows = rows.filter(found_in__contains=word)
    return rows
