"""A listing's page as a buyer would see it, for its grower alone."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from catalogue import previewing, revision_actions
from catalogue.errors import RevisionInvalid
from catalogue.models import Revision
from catalogue.states import ListingState
from marketplace.kernel import clock
from marketplace.portal.listings import listings_of, still_missing
from marketplace.portal.queries import Desk
from marketplace.portal.views.common import at_desk, frame


@at_desk
@require_safe
def preview(request: HttpRequest, desk: Desk, pk: int) -> HttpResponse:
    """The shop's page of one listing, with the change that waits for the office, if any."""
    listing = get_object_or_404(
        listings_of(desk).select_related(
            "producer__commune__province", "producer__portrait", "origin_commune__province"
        ),
        pk=pk,
    )
    back_url = reverse("portal:listing", args=[pk])
    missing = still_missing(listing, clock.today()) if not listing.is_public else []
    revision = listing.revisions.filter(state=Revision.State.PENDING).first()
    context = previewing.page(
        listing, _changes(revision), asked=request.GET, path=request.path, now=clock.now()
    )
    is_draft = listing.state == ListingState.DRAFT
    response = render(
        request,
        "portal/listing_preview.html",
        {
            **frame(request, desk),
            **context,
            "listing": listing,
            "word": listing.get_state_display(),
            "is_change": revision is not None,
            "shop_url": listing.get_absolute_url() if listing.is_public else "",
            "back_url": back_url,
            "missing": missing,
            "unprepared": sum(not image.sources for image in listing.shown_pictures),
            "next_url": missing[0][1] if missing else back_url,
            "next_label": _("Fill in what is missing")
            if missing
            else _("Good: hand it in")
            if is_draft
            else _("Back to the listing"),
        },
    )
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response


def _changes(revision: Revision | None) -> dict[str, object]:
    """What a waiting change wants; one whose values fit no longer shows the old page."""
    if revision is None:
        return {}
    try:
        return revision_actions.parse(revision.values)
    except RevisionInvalid:
        return {}

