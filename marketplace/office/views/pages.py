"""Pages that wait for somebody: one list for each way of waiting."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy

from marketplace.kernel import clock
from marketplace.office import page_queries
from marketplace.office.page_queries import WAITS
from marketplace.office.views.base import OfficeView
from theme.views import forbidden

PER_PAGE = 30


class WaitingPagesView(OfficeView):
    """What waits, the longest untouched first."""

    template_name = "office/waiting_pages.html"
    header_icon = "doc-full"
    page_title = gettext_lazy("Pages that wait")

    def get(self, request: HttpRequest) -> HttpResponse:
        if not page_queries.works_on_pages(request.user):
            return forbidden(request)
        wait = request.GET.get("wait", "")
        if wait not in WAITS:
            wait = next(iter(WAITS))
        mine = request.GET.get("mine") == "on"
        rows = page_queries.waiting(
            page_queries.pages_visible_to(request.user), wait, clock.now(),
            of=request.user if mine else None,
        )
        rows = rows.select_related("locale", "owner").order_by("latest_revision_created_at", "pk")
        page = Paginator(rows, PER_PAGE).get_page(request.GET.get("p"))
        query = f"wait={wait}&mine=on" if mine else f"wait={wait}"
        return self.render_to_response(
            self.get_context_data(
                page=page, query=query, wait=wait, waits=WAITS.items(), mine=mine,
            )
        )
