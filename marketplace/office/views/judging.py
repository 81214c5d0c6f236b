"""Judging what growers hand in: a first listing, and changes of what is on sale."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalogue import revision_actions, state_actions
from catalogue.errors import CatalogueError
from catalogue.models import Revision
from catalogue.requirements import label
from catalogue.revision_words import differences_of
from marketplace.kernel.fold import clean_text
from marketplace.office import queries
from marketplace.office.views.base import OfficeView

NEEDS = ["catalogue.view_product", "catalogue.change_product", "catalogue.add_product"]
ABOVE = [("office_listings:index", gettext_lazy("Listings"))]
#: What a grower types, in the order of the steps.
REMARKED = (
    "title", "category", "images", "net_quantity", "gross_weight_g", "price", "ingredients",
    "allergens", "may_contain", "storage", "shelf_life_days", "usage", "warnings",
    "origin_commune", "harvest_main", "harvest_side", "shipping_class", "vat_rate", "summary",
    "description",
)  # fmt: skip
LONGEST = 300


class ListingReturnView(OfficeView):
    """Give a submitted listing back, with what to mend at each field."""

    needs = NEEDS
    template_name = "office/listing_return.html"
    header_icon = "tag"
    above = ABOVE
    page_title = gettext_lazy("Return to the grower")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.page(pk)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        listing = self.find(queries.listings_visible_to(request.user), pk)
        typed = {name: _typed(request, name) for name in (*REMARKED, "reason")}
        try:
            state_actions.send_back(
                listing=listing, remarks={name: typed[name] for name in REMARKED},
                reason=typed["reason"], actor=request.user,
            )
        except CatalogueError as refused:
            messages.error(request, str(refused))
            return self.page(pk, typed, status=422)
        messages.success(request, _("The grower has it back, with your remarks."))
        return redirect("office_listings:edit", pk)

    def page(
        self, pk: int, typed: dict[str, str] | None = None, status: int = 200
    ) -> HttpResponse:
        listing = self.find(queries.listings_visible_to(self.request.user), pk)
        typed = typed or {}
        return self.render_to_response(
            self.get_context_data(
                listing=listing,
                rows=[(name, label(name), typed.get(name, "")) for name in REMARKED],
                reason=typed.get("reason", ""),
            ),
            status=status,
        )


class RevisionsView(OfficeView):
    """Changes that wait, first come first: old and new side by side; yes, or no and why."""

    needs = NEEDS
    template_name = "office/revisions.html"
    header_icon = "edit"
    above = ABOVE
    page_title = gettext_lazy("Changes of listings")

    def get(self, request: HttpRequest) -> HttpResponse:
        waiting = queries.revisions_visible_to(request.user).filter(
            state=Revision.State.PENDING
        )
        page = Paginator(
            waiting.select_related("listing__producer").order_by("proposed_at", "pk"), 20
        ).get_page(request.GET.get("p"))
        return self.render_to_response(
            self.get_context_data(
                page=page, rows=list(zip(page, differences_of(list(page)), strict=True))
            )
        )


class RevisionJudgeView(OfficeView):
    """The answer to one change."""

    needs = NEEDS
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        revision = self.find(queries.revisions_visible_to(request.user), pk)
        try:
            if request.POST.get("answer") == "yes":
                revision_actions.accept(revision=revision, actor=request.user)
                messages.success(request, _("Accepted. Buyers see it now."))
            else:
                revision_actions.decline(
                    revision=revision, reason=_typed(request, "reason"), actor=request.user
                )
                messages.success(request, _("Not accepted. The grower reads why."))
        except CatalogueError as refused:
            messages.error(request, str(refused))
        return redirect("office_listings:revisions")


def _typed(request: HttpRequest, name: str) -> str:
    return clean_text(request.POST.get(name, "")).replace("\x00", "").strip()[:LONGEST]

