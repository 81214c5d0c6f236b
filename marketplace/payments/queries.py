"""Reading payments."""

from datetime import datetime

from django.db.models import Q

from marketplace.kernel import clock
from marketplace.payments.models import MethodTerms


def methods_offered(now: datetime) -> list[MethodTerms]:
    """The ways of paying that may be chosen now, the newest terms of each. One query."""
    on = clock.local_date(now)
    newest: dict[str, MethodTerms] = {}
    for terms in MethodTerms.objects.filter(
        Q(effective_through__isnull=True) | Q(effective_through__gte=on), effective_from__lte=on
    ).order_by("effective_from"):
        newest[terms.method] = terms
    return [terms for terms in newest.values() if terms.is_offered]
