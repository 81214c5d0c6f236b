"""Reading codes and their terms."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from oscar.apps.voucher.models import Voucher

from marketplace.vouchers import codes
from marketplace.vouchers.models import VoucherTerms

State = VoucherTerms.State


def _codes() -> QuerySet[Voucher]:
    """Codes of ours with all that judging reads; three queries for one code.

    A voucher that somebody made in Oscar's dashboard has no terms: it is none of ours.
    """
    return (
        Voucher.objects.filter(voucher_set__terms__isnull=False)
        .select_related("voucher_set__terms__producer")
        .prefetch_related("voucher_set__terms__listings", "voucher_set__terms__categories")
    )


def code_of(typed: str) -> Voucher | None:
    """The code that was typed, in whatever way; None when there is none."""
    code = codes.normalise(typed)
    return _joined(_codes().filter(code=code).first()) if code else None


def code_with(pk: int) -> Voucher | None:
    """The code with this id; None when it is none of ours."""
    return _joined(_codes().filter(pk=pk).first())


def _joined(voucher: Voucher | None) -> Voucher | None:
    """Let the terms read their days from the set that was read with them."""
    if voucher is not None:
        voucher.voucher_set.terms.voucher_set = voucher.voucher_set
    return voucher


def in_state(rows: QuerySet[VoucherTerms], state: str, now: datetime) -> QuerySet[VoucherTerms]:
    """Those of ``rows`` that stand there now, as ``VoucherTerms.state`` tells it."""
    stopped = Q(stopped_at__isnull=False)
    ended = Q(voucher_set__end_datetime__lt=now)
    used_up = Q(uses_max__isnull=False, uses__gte=F("uses_max"))
    early = Q(voucher_set__start_datetime__gt=now)
    return rows.filter(
        {
            State.STOPPED: stopped,
            State.ENDED: ~stopped & ended,
            State.USED_UP: ~stopped & ~ended & used_up,
            State.NOT_BEGUN: ~stopped & ~ended & ~used_up & early,
            State.LIVE: ~stopped & ~ended & ~used_up & ~early,
        }[State(state)]
    )


def with_code(rows: QuerySet[VoucherTerms]) -> QuerySet[VoucherTerms]:
    """``rows``, each with ``one_code``: its code, or the first of a batch."""
    first = Voucher.objects.filter(voucher_set=OuterRef("pk")).order_by("pk").values("code")[:1]
    return rows.select_related("voucher_set", "producer").annotate(one_code=Subquery(first))

