"""The engine that is always there: PostgreSQL's word index over the folded documents.

Every word must begin a word of the listing. Ranked: the title begins with the words, contains
them as a phrase, contains them all; then the names of grower, commune and shelf; then the rest.
Words typed with marks lift listings that write them so. Without words, what is in season this
month comes first.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from django.core.cache import caches
from django.db import connection

from catalogue.models import Category
from marketplace.kernel import clock
from marketplace.places.models import Commune
from marketplace.producers.models import Producer
from search import seasons
from search.engines.base import PRICE_STEPS, Choice, Facets, Query, Results, Sort, Suggestion
from search.indexing import refresh_due
from search.models import ProductDocument
from search.words import marked_words, query_words

_TABLE = ProductDocument._meta.db_table
_CATEGORIES = Category._meta.db_table
_COMMUNES = Commune._meta.db_table
_PRODUCERS = Producer._meta.db_table
#: More choices than this are no help in choosing.
_MOST_CHOICES = "60"
#: Whoever looks at listings behind this many has lost his way, and the database its patience.
DEEPEST = 12_000
_ORDERS = {
    Sort.NEWEST: "published_at DESC, product_id DESC",
    Sort.CHEAPEST: "price_from, product_id DESC",
    Sort.DEAREST: "price_from DESC, product_id",
}


@dataclass(frozen=True)
class Sql:
    """A piece of SQL with its values."""

    text: str
    values: tuple[Any, ...] = ()

    def __and__(self, other: Sql) -> Sql:
        return Sql(f"{self.text} AND {other.text}", self.values + other.values)


_TRUE = Sql("TRUE")


class DatabaseEngine:
    """Answers in three queries; counts are kept until something that is counted changes."""

    def search(self, query: Query) -> Results:
        """Answer ``query`` from documents that are true at ``query.now``."""
        words = query_words(query.text)
        if query.text and not words:
            return Results(hits=(), facets=Facets())
        next_change, version = refresh_due(query.now)
        scope = _scope(query, words)
        filters = _filters(query)
        facets = _kept_facets(query, version, scope, filters)
        page_count = max(1, -(-min(facets.total, DEEPEST) // query.page_size))
        page = min(query.page, page_count)
        hits: list[int] = []
        if facets.total:
            hits = _hits(query, words, _all(scope, *filters.values()), page)
        return Results(
            hits=hits,
            facets=facets,
            page=page,
            page_count=page_count,
            suggestions=() if facets.total else _suggestions(words),
            valid_until=next_change,
        )


def _scope(query: Query, words: list[str]) -> Sql:
    """What holds for the page and every count on it: its words and its shelf."""
    scope = _TRUE
    if words:
        scope &= Sql("vector @@ to_tsquery('simple', %s)", (_prefixes(words),))
    if query.shelf_id is not None:
        scope &= Sql("category_ids @> ARRAY[%s]::bigint[]", (query.shelf_id,))
    return scope


def _filters(query: Query) -> dict[str, Sql]:
    """What the reader chose, by kind."""
    price = _TRUE
    if query.price_from is not None:
        price &= Sql("price_from >= %s", (query.price_from,))
    if query.price_through is not None:
        price &= Sql("price_from <= %s", (query.price_through,))
    return {
        "category": _TRUE
        if query.category_id is None
        else Sql("category_ids @> ARRAY[%s]::bigint[]", (query.category_id,)),
        "commune": Sql(
            f"commune_id IN (SELECT id FROM {_COMMUNES}"  # noqa: S608
            " WHERE code = ANY(%s) AND valid_through IS NULL)",
            (list(query.communes),),
        )
        if query.communes
        else _TRUE,
        "producer": Sql(
            f"producer_id IN (SELECT id FROM {_PRODUCERS} WHERE slug = ANY(%s))",  # noqa: S608
            (list(query.producers),),
        )
        if query.producers
        else _TRUE,
        "price": price,
        "season": _TRUE if query.month is None else _in_season(query.month),
    }


def _in_season(month: int) -> Sql:
    return Sql("season_months & %s <> 0", (1 << month,))


def _all(*conditions: Sql) -> Sql:
    whole = _TRUE
    for condition in conditions:
        whole &= condition
    return whole


def _hits(query: Query, words: list[str], where: Sql, page: int) -> list[int]:
    order = _order(query, words)
    # Every piece comes from this module; what people typed travels as values.
    sql = (
        f"SELECT product_id FROM {_TABLE} WHERE {where.text}"  # noqa: S608
        f" ORDER BY {order.text} LIMIT %s OFFSET %s"
    )
    values = [*where.values, *order.values, query.page_size, (page - 1) * query.page_size]
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [row[0] for row in cursor.fetchall()]


def _order(query: Query, words: list[str]) -> Sql:
    if query.sort in _ORDERS:
        return Sql(_ORDERS[query.sort])
    season = seasons.rank_sql(_month_of(query))
    if not words:
        return Sql(f"{season}, spread")
    relevance = _relevance(words, query.text)
    if query.sort == Sort.SEASON:
        return Sql(f"{season}, {relevance.text}", relevance.values)
    return relevance


def _relevance(words: list[str], text: str) -> Sql:
    phrase = " ".join(words)
    marked = " | ".join(f"'{word}':A" for word in marked_words(text))
    return Sql(
        "CASE WHEN title LIKE %s OR title_en LIKE %s THEN 3"
        " WHEN ' ' || title LIKE %s OR ' ' || title_en LIKE %s THEN 2"
        " WHEN vector @@ to_tsquery('simple', %s) THEN 1 ELSE 0 END DESC,"
        + (" ts_rank(vector, to_tsquery('simple', %s)) DESC," if marked else "")
        + " can_be_bought DESC, popularity DESC,"
        " ts_rank('{0.05, 0.2, 0.5, 1.0}', vector, to_tsquery('simple', %s)) DESC,"
        " product_id DESC",
        (
            f"{phrase}%", f"{phrase}%", f"% {phrase}%", f"% {phrase}%",
            _prefixes(words, in_title=True),
            *([marked] if marked else []),
            _prefixes(words),
        ),
    )


def _prefixes(words: list[str], *, in_title: bool = False) -> str:
    """A ``tsquery`` wanting a word that begins with each; words are letters and digits only."""
    return " & ".join(f"'{word}':*{'A' if in_title else ''}" for word in words)


def _kept_facets(query: Query, version: int, scope: Sql, filters: dict[str, Sql]) -> Facets:
    """The counts, out of the cache while nothing that is counted has changed.

    The version was read before counting, so counts kept under it are never older than it.
    """
    question = (version, _month_of(query), scope, tuple(filters.values()))
    key = f"facets:{blake2b(repr(question).encode(), digest_size=16).hexdigest()}"
    facets = caches["pages"].get(key)
    if facets is None:
        facets = _count(query, scope, filters)
        caches["pages"].set(key, facets)
    return facets


def _count(query: Query, scope: Sql, filters: dict[str, Sql]) -> Facets:
    """Count all facets in one pass over the scope, each without its own filter."""
    season = _in_season(_month_of(query))
    columns = ", ".join(f"({sql.text}) AS by_{kind}" for kind, sql in filters.items())

    def others(kind: str) -> str:
        return " AND ".join(f"by_{other}" for other in filters if other != kind)

    def counted(
        kind: str, column: str, table: str, names: str, limit: str = _MOST_CHOICES
    ) -> str:
        return (
            f" UNION ALL (SELECT '{kind}', n, {names} FROM (SELECT {column} AS id, count(*) AS n"  # noqa: S608
            f" FROM found WHERE {others(kind)} GROUP BY 1 ORDER BY 2 DESC, 1"
            f" LIMIT {limit}) AS counted JOIN {table} AS named USING (id)"
            f" ORDER BY n DESC, id)"
        )

    sql = (
        "WITH found AS MATERIALIZED ("  # noqa: S608
        "SELECT commune_id, producer_id, price_from, category_ids,"
        f" ({season.text}) AS now_in_season, {columns} FROM {_TABLE} WHERE {scope.text})"
        " SELECT 'total' AS kind, count(*) AS n, '' AS key, '' AS vi, '' AS en, '' AS path,"
        f" '' AS slug FROM found WHERE {others('')}"
        " UNION ALL SELECT 'in_season', count(*), '', '', '', '', '' FROM found"
        f" WHERE now_in_season AND {others('season')}"
        " UNION ALL SELECT 'price', count(*),"
        " width_bucket(price_from, %s::bigint[])::text AS step, '', '', '', ''"
        f" FROM found WHERE {others('price')} GROUP BY step"
        + counted(
            "category", "unnest(category_ids)", _CATEGORIES,
            "id::text, name_vi, coalesce(name_en, ''), path, slug", limit="ALL",
        )
        + counted("commune", "commune_id", _COMMUNES, "code, kind || ' ' || name, '', '', ''")
        + counted(
            "producer", "producer_id", _PRODUCERS, "slug, name_vi, coalesce(name_en, ''), '', ''"
        )
    )
    values = [
        *season.values,
        *(value for filter_ in filters.values() for value in filter_.values),
        *scope.values,
        list(PRICE_STEPS),
    ]
    choices: dict[str, list[Choice]] = {}
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        for kind, count, key, vi, en, path, slug in cursor.fetchall():
            if kind == "commune":
                commune_kind, _, name = vi.partition(" ")
                vi = f"{Commune.KIND_PREFIX[commune_kind]} {name}"
            choices.setdefault(kind, []).append(Choice(key, count, vi, en, path, slug))
    return Facets(
        total=choices["total"][0].count,
        in_season=choices["in_season"][0].count,
        categories=choices.get("category", ()),
        communes=choices.get("commune", ()),
        producers=choices.get("producer", ()),
        prices=sorted(choices.get("price", ()), key=lambda choice: choice.key),
    )


def _suggestions(words: list[str]) -> list[Suggestion]:
    """The same words with one left out, or one alone, that would find something; best two."""
    if len(words) < 2:
        return []
    choices = [[word for word in words if word != left_out] for left_out in words]
    if len(words) > 2:
        choices += [[word] for word in words]
    counts = ", ".join(
        "count(*) FILTER (WHERE vector @@ to_tsquery('simple', %s))" for _ in choices
    )
    sql = f"SELECT {counts} FROM {_TABLE} WHERE vector @@ to_tsquery('simple', %s)"  # noqa: S608
    any_word = " | ".join(f"'{word}':*" for word in words)
    with connection.cursor() as cursor:
        cursor.execute(sql, [*(_prefixes(choice) for choice in choices), any_word])
        totals = cursor.fetchone()
    found = [
        Suggestion(" ".join(choice), total)
        for choice, total in zip(choices, totals, strict=True)
        if total
    ]
    # The more words are kept, the nearer to what was meant.
    found.sort(key=lambda suggestion: (-suggestion.text.count(" "), -suggestion.total))
    return found[:2]


def _month_of(query: Query) -> int:
    return clock.local_date(query.now).month
