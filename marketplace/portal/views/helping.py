"""Doing a grower's desk's work for them, with their recorded consent."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from marketplace.kernel import clock
from marketplace.kernel.fold import fold
from marketplace.orders.states import State
from marketplace.platform import audit
from marketplace.portal.forms import SearchForm
from marketplace.portal.queries import desk_of
from marketplace.portal.views.common import HELPING
from marketplace.producers.queries import delegated_to
from theme.components import Pager

PER_PAGE = 30


@never_cache
@login_required
def helping(request: HttpRequest) -> HttpResponse:
    """The growers who have agreed, those with new parcels first."""
    growers = delegated_to(request.user, clock.today())
    if not growers.exists():
        return render(request, "portal/not_a_member.html", status=403)
    form = SearchForm(request.GET)
    words = fold(form.cleaned_data["q"]) if form.is_valid() else ""
    if words:
        known = growers.values_list("pk", "name_vi")
        growers = growers.filter(pk__in=[pk for pk, name in known if words in fold(name)])
    rows = (
        growers.select_related("commune")
        .annotate(
            new_parcels=Count(
                "consignments",
                filter=Q(
                    consignments__state=State.NEW, consignments__released_at__isnull=False
                ),
            )
        )
        .order_by("-new_parcels", "sort_key")
    )
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("p"))
    return render(
        request,
        "portal/helping.html",
        {
            "form": form,
            "page": page,
            "pager": Pager.of(
                page.number,
                page.paginator.num_pages,
                lambda number: "?" + urlencode({"q": form.data.get("q", ""), "p": number}),
            ),
            "producer_name": _("Helping growers"),
            "helped": request.session.get(HELPING),
            "has_own_desk": desk_of(request.user) is not None,
        },
    )


@never_cache
@login_required
@require_POST
def start_helping(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a grower's desk. Who opened it, and whose, is written down."""
    grower = get_object_or_404(delegated_to(request.user, clock.today()), pk=pk)
    request.session[HELPING] = grower.pk
    with audit.acting_for(grower.name):
        audit.record(action="producer.desk_opened", actor=request.user, target=grower)
    messages.info(
        request,
        _("You now work for %(name)s. Everything you do is noted with both names.")
        % {"name": grower.name},
    )
    return redirect("portal:home")


@never_cache
@login_required
@require_POST
def stop_helping(request: HttpRequest) -> HttpResponse:
    """Close the grower's desk."""
    request.session.pop(HELPING, None)
    return redirect("portal:helping")
