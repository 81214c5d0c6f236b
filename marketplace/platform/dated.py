"""Rows that hold between two days, both inclusive; without the second, until replaced.

Rows that replace each other are a *strand*: all fees of one kind, all prices of one zone and
class. On one day at most one version of a strand holds (``one_at_a_time`` in the database).
``dated_actions`` changes them.
"""

from __future__ import annotations

from datetime import date

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db.models import F, Func, Q, Value


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


def same_number(column: str) -> tuple[Func, str]:
    """Equality of a whole-number column in an exclusion constraint (no btree_gist there)."""
    return (
        Func(F(column), F(column), Value("[]"), function="int8range"),
        RangeOperators.OVERLAPS,
    )


def same_text(column: str) -> tuple[Func, str]:
    """Equality of a text column in an exclusion constraint, by its 64-bit hash."""
    value = Func(F(column), Value(0), function="hashtextextended")
    return Func(value, value, Value("[]"), function="int8range"), RangeOperators.OVERLAPS


def days_overlap() -> tuple[Func, str]:
    """Two rows that are in force on one and the same day."""
    return (
        Func(F("effective_from"), F("effective_through"), Value("[]"), function="daterange"),
        RangeOperators.OVERLAPS,
    )


def one_at_a_time(name: str, *same: tuple[Func, str]) -> ExclusionConstraint:
    """On no day do two rows hold that are the same in these columns (in none: of the table)."""
    return ExclusionConstraint(name=name, expressions=[*same, days_overlap()])
