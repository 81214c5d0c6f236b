"""Search in the admin, with words as people type them: without marks, đ as d.

Wagtail's database backend with both sides folded; nothing else differs. PostgreSQL's own
``unaccent`` is missing from the embedded server and does not reach half-typed words.
"""

from typing import Any

from modelsearch.backends.database.postgres import postgres
from modelsearch.query import Phrase, PlainText, SearchQuery

from marketplace.kernel.fold import fold


class FoldingIndexer(postgres.ObjectIndexer):
    """Puts folded words into the index."""

    def prepare_value(self, value: object) -> str:
        """The text of a field, folded."""
        return fold(super().prepare_value(value))


# Wagtail's index makes its indexers by this name and offers no other way to give it one.
postgres.ObjectIndexer = FoldingIndexer


class FoldingSearchBackend(postgres.PostgresSearchBackend):
    """The backend for ``WAGTAILSEARCH_BACKENDS``."""

    def __init__(self, params: dict[str, Any]) -> None:
        # PostgreSQL knows no Vietnamese; its default would cut English endings off.
        super().__init__({"SEARCH_CONFIG": "simple", **params})

    def _search(
        self, query_compiler_class: type, query: str | SearchQuery, model: Any, **kwargs: Any
    ) -> Any:
        # A search in named columns does not look into the index, whose words are folded.
        if kwargs.get("fields") is None:
            query = folded(query)
        return super()._search(query_compiler_class, query, model, **kwargs)


def folded(query: str | SearchQuery) -> str | SearchQuery:
    """The words of a query, folded; composed queries are left as they are."""
    if isinstance(query, str):
        return fold(query)
    if isinstance(query, PlainText):
        return PlainText(fold(query.query_string), operator=query.operator, boost=query.boost)
    if isinstance(query, Phrase):
        return Phrase(fold(query.query_string))
    return query


SearchBackend = FoldingSearchBackend
