"""Rows that hold between two days, both inclusive; without the second, until replaced."""

from datetime import date

from django.db.models import Q


def in_force(on: date) -> Q:
    """Those of a model with ``effective_from`` and ``effective_through`` that hold on a day."""
    return Q(effective_from__lte=on) & (
        Q(effective_through__isnull=True) | Q(effective_through__gte=on)
    )


def in_force_sql(alias: str) -> str:
    """The same for a table of that alias in a written-out statement, with the day as ``on``."""
    return (
        f"{alias}.effective_from <= %(on)s"
        f" AND ({alias}.effective_through IS NULL OR {alias}.effective_through >= %(on)s)"
    )
