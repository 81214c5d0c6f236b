"""What a search engine answers; which one is asked is decided here alone."""

from search.engines.base import Engine, Facets, Query, Results, Sort, Suggestion
from search.engines.database import DatabaseEngine

__all__ = ["Engine", "Facets", "Query", "Results", "Sort", "Suggestion", "engine"]


def engine() -> Engine:
    """The engine that answers now."""
    return DatabaseEngine()
