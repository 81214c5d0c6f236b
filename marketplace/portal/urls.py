"""Addresses of the producers' desk, below ``/portal/``."""

from django.urls import include, path
from django.utils.translation import gettext_lazy as _

from marketplace.portal.views import (
    helping,
    imports,
    invitations,
    letter,
    listing_photos,
    listing_preview,
    listing_steps,
    listings,
    missing,
    money,
    papers,
    parcels,
    prints,
    profile,
    team,
    today,
)

app_name = "portal"

urlpatterns = [
    path("", today.home, name="home"),
    path(_("money/"), money.money, name="money"),
    path(_("letter/"), letter.letter, name="letter"),
    path(_("more/"), profile.more, name="more"),
    path(_("profile/"), profile.profile, name="profile"),
    path(_("profile/rest/"), profile.rest, name="profile_rest"),
    path(_("profile/delivery/"), profile.delivery, name="profile_delivery"),
    path(_("team/"), team.team, name="team"),
    path(_("team/invite/"), team.invite, name="team_invite"),
    path(_("team/undo/"), team.undo, name="team_undo"),
    path(_("team/<int:pk>/"), team.one, name="team_member"),
    path(_("team/invitations/<int:pk>/again/"), team.send_again, name="team_again"),
    path(_("team/invitations/<int:pk>/withdraw/"), team.withdraw, name="team_withdraw"),
    path(_("invitations/"), invitations.invitations, name="invitations"),
    path(_("invitations/<str:key>/"), invitations.invitation, name="invitation"),
    path(_("papers/"), papers.papers, name="papers"),
    path(_("papers/<slug:code>/"), papers.hand_in, name="papers_hand_in"),
    path(_("listings/"), listings.listings, name="listings"),
    path(_("listings/new/"), listing_steps.new, name="listings_new"),
    path(_("listings/units/<int:pk>/stock/"), listings.stock, name="listings_stock"),
    path(_("listings/units/<int:pk>/price/"), listings.price, name="listings_price"),
    path(_("listings/<int:pk>/"), listings.listing, name="listing"),
    path(_("listings/<int:pk>/preview/"), listing_preview.preview, name="listings_preview"),
    path(_("listings/<int:pk>/photos/"), listing_photos.photos, name="listings_photos"),
    path(_("listings/<int:pk>/do/<slug:step>/"), listings.step_state, name="listings_do"),
    path(_("listings/<int:pk>/<slug:step>/"), listing_steps.step, name="listings_step"),
    path(_("helping/"), helping.helping, name="helping"),
    path(_("helping/<int:pk>/"), helping.start_helping, name="helping_start"),
    path(_("helping/stop/"), helping.stop_helping, name="helping_stop"),
    path(_("tables/"), imports.imports, name="imports"),
    path(_("tables/template/<slug:kind>/"), imports.template, name="imports_template"),
    path(_("tables/<int:pk>/"), imports.table, name="imports_table"),
    path(_("tables/<int:pk>/errors/"), imports.errors, name="imports_errors"),
    path(_("tables/<int:pk>/confirm/"), imports.confirm, name="imports_confirm"),
    path(_("tables/<int:pk>/undo/"), imports.undo, name="imports_undo"),
    path(_("tables/<int:pk>/discard/"), imports.discard, name="imports_discard"),
    path(
        _("parcels/"),
        include(
            [
                path("", parcels.index, name="parcels"),
                path(_("day/"), prints.of_day, name="parcels_day"),
            ]
        ),
    ),
    path(
        _("parcels/<str:number>/"),
        include(
            [
                path("", parcels.one, name="parcels_one"),
                path(_("confirm/"), parcels.confirm, name="confirm"),
                path(_("decline/"), missing.decline, name="decline"),
                path(_("step/"), parcels.step, name="parcels_step"),
                path(_("undo/"), parcels.undo, name="parcels_undo"),
                path(_("missing/"), missing.ask, name="parcels_missing"),
                path(_("invoice/"), parcels.note_invoice, name="parcels_invoice"),
                path(_("report/"), parcels.answer_report, name="parcels_report"),
                path(_("photo/"), parcels.photo, name="parcels_photo"),
                path(_("papers/<str:paper>/"), prints.of_parcel, name="parcels_paper"),
            ]
        ),
    ),
]
