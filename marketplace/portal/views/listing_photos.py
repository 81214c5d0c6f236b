"""The photos of a listing, as a phone sends them: several at once, each judged by itself."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalogue import listing_actions
from catalogue.errors import ListingIncomplete
from catalogue.models import Product
from marketplace.media import encoding
from marketplace.media.actions import describe_image, store_image
from marketplace.media.errors import ImageRefused
from marketplace.media.models import LibraryImage
from marketplace.media.queries import picture
from marketplace.platform.uploads import limit_uploads, token_judged_later
from marketplace.portal.listing_forms import MOST_PHOTOS, DescribeForm, PhotosForm
from marketplace.portal.queries import Desk
from marketplace.portal.views.common import at_desk, frame
from marketplace.portal.views.listing_steps import cannot_write, onwards, page
from marketplace.portal.views.listings import own_listing

#: Of all photos of one sending together; the proxy before the site takes as much.
MOST_AT_ONCE = 64 * 1024 * 1024
#: In the session: the photo that was taken away last.
REMOVED = "portal.photo_removed"


def too_much(request: HttpRequest, desk: Desk, pk: int) -> HttpResponse:
    """More than a sending may hold; nothing of it was read."""
    own_listing(desk, pk)
    return render(
        request,
        "portal/photos_too_much.html",
        {
            **frame(request, desk),
            "most": MOST_AT_ONCE // 1024**2, "each": encoding.MAX_BYTES // 1024**2,
            "back_url": reverse("portal:listings_photos", args=[pk]),
        },
        status=413,
    )


@token_judged_later
@at_desk
@limit_uploads(file=encoding.MAX_BYTES, body=MOST_AT_ONCE, refuse=too_much)
def photos(request: HttpRequest, desk: Desk, pk: int) -> HttpResponse:
    """Photos change at once: add some, order them, describe one, take one away, undo that."""
    listing = own_listing(desk, pk)
    if refused := cannot_write(request, listing):
        return refused
    if request.method != "POST":
        return _page(request, desk, listing, PhotosForm())
    if "go" in request.POST:
        return onwards(listing, "photos", request.POST)
    if "undo" in request.POST:
        _undo(request, listing)
        return redirect("portal:listings_photos", pk)
    for act in (_move, _remove, _describe):
        answer = act(request, desk, listing)
        if answer is not None:
            return answer
    return _add(request, desk, listing)


def _shown(listing: Product) -> list[LibraryImage]:
    images = listing.images.select_related("original").order_by("display_order", "pk")
    return [image.original for image in images]


def _held(listing: Product) -> list[LibraryImage]:
    """The same with the listing's row held, so that two tabs lose nothing."""
    Product.objects.select_for_update().get(pk=listing.pk)
    return _shown(listing)


def _chosen(request: HttpRequest, shown: list[LibraryImage], name: str) -> int | None:
    """The place of the photo that a button names; None when it names none of these."""
    asked = request.POST.get(name)
    return next((at for at, image in enumerate(shown) if str(image.pk) == asked), None)


@transaction.atomic
def _move(request: HttpRequest, desk: Desk, listing: Product) -> HttpResponse | None:
    """First, or one place nearer to the beginning or the end."""
    name = next((name for name in ("first", "up", "down") if name in request.POST), None)
    if name is None:
        return None
    shown = _held(listing)
    at = _chosen(request, shown, name)
    if at is not None:
        to = {"first": 0, "up": max(at - 1, 0), "down": at + 1}[name]
        shown.insert(to, shown.pop(at))
        _set(request, listing, shown)
    return redirect("portal:listings_photos", listing.pk)


@transaction.atomic
def _remove(request: HttpRequest, desk: Desk, listing: Product) -> HttpResponse | None:
    if "drop" not in request.POST:
        return None
    shown = _held(listing)
    at = _chosen(request, shown, "drop")
    if at is not None:
        gone = shown.pop(at)
        if _set(request, listing, shown):
            request.session[REMOVED] = {"listing": listing.pk, "image": gone.pk, "at": at}
    return redirect("portal:listings_photos", listing.pk)


@transaction.atomic
def _undo(request: HttpRequest, listing: Product) -> None:
    """Put back what was taken away last, at its place; its file was kept."""
    removed = request.session.pop(REMOVED, None)
    image = (
        LibraryImage.objects.filter(pk=removed["image"]).first()
        if removed and removed["listing"] == listing.pk
        else None
    )
    shown = _held(listing)
    if image is None or image in shown or len(shown) >= MOST_PHOTOS:
        messages.error(request, _("There is nothing to undo."))
        return
    shown.insert(removed["at"], image)
    if _set(request, listing, shown):
        messages.success(request, _("The photo is back."))


def _describe(request: HttpRequest, desk: Desk, listing: Product) -> HttpResponse | None:
    if "describe" not in request.POST:
        return None
    shown = _shown(listing)
    at = _chosen(request, shown, "describe")
    if at is None or not _is_own(listing, shown[at]):
        return redirect("portal:listings_photos", listing.pk)
    form = DescribeForm(request.POST, prefix=f"p{shown[at].pk}")
    if not form.is_valid():
        return _page(request, desk, listing, PhotosForm(), described=form)
    describe_image(image=shown[at], actor=request.user, **form.cleaned_data)
    messages.success(request, _("Saved."))
    return redirect("portal:listings_photos", listing.pk)


def _is_own(listing: Product, image: LibraryImage) -> bool:
    """Whether the words of a picture are this producer's: somebody sent it, and no other
    producer's goods show it."""
    return image.uploaded_by_user_id is not None and not image.product_images.exclude(
        product__producer=listing.producer_id
    ).exists()


def _add(request: HttpRequest, desk: Desk, listing: Product) -> HttpResponse:
    """Take the good ones; name each of the others with its reason."""
    files = request.FILES.getlist("photos")
    refused = [
        (name, _("It is larger than %(megabytes)s MB.") % {
            "megabytes": encoding.MAX_BYTES // 1024**2
        })
        for name in request.files_too_large
    ]
    form = PhotosForm()
    if not files and not refused:
        form = PhotosForm(request.POST)
        form.is_valid()
        form.add_error("photos", _("Please choose a photo."))
        return _page(request, desk, listing, form)
    room = max(MOST_PHOTOS - len(_shown(listing)), 0)
    taken = 0
    for file in files:
        if taken >= room:
            refused.append((file.name, _("A listing has at most %(most)s photos.") % {
                "most": MOST_PHOTOS
            }))
            continue
        try:
            _take(request, listing, file)
        except ImageRefused as error:
            refused.append((file.name, error.messages[0]))
        else:
            taken += 1
    if taken:
        messages.success(
            request,
            ngettext("%(count)s photo was added.", "%(count)s photos were added.", taken)
            % {"count": taken},
        )
    if not refused:
        return redirect("portal:listings_photos", listing.pk)
    return _page(request, desk, listing, form, refused=refused)


@transaction.atomic
def _take(request: HttpRequest, listing: Product, file: UploadedFile) -> None:
    """One photo; until somebody says more, it shows what the listing is called."""
    image = store_image(
        file=file, title=listing.title_vi or "", alt_vi=listing.title_vi or "", alt_en="",
        uploader=request.user,
    )
    listing_actions.change_listing(
        listing=listing, values={}, pictures=[*_held(listing), image], actor=request.user
    )


def _set(request: HttpRequest, listing: Product, pictures: list[LibraryImage]) -> bool:
    """Show these; False, with the reason told, when what is on sale would lose its last one."""
    try:
        listing_actions.change_listing(
            listing=listing, values={}, pictures=pictures, actor=request.user
        )
    except ListingIncomplete:
        messages.error(
            request, _("It is on sale, so one photo has to stay. Add another one first.")
        )
        return False
    return True


def _page(
    request: HttpRequest, desk: Desk, listing: Product, form: forms.Form, *,
    refused: list[tuple[str, str]] = (), described: DescribeForm | None = None,
) -> HttpResponse:
    shown = _shown(listing)
    removed = request.session.get(REMOVED)
    rows = []
    for image in shown:
        words = None
        if _is_own(listing, image):
            prefix = f"p{image.pk}"
            words = described if described and described.prefix == prefix else DescribeForm(
                prefix=prefix, initial={"alt_vi": image.alt_vi, "caption_vi": image.caption_vi}
            )
        rows.append((image, picture(image, "160px", caption="", small=True), words))
    return page(
        request, desk, "photos", form, listing=listing,
        status=422 if refused or described or form.errors else 200,
        photos=rows,
        refused=[(name[-60:], reason) for name, reason in refused],
        room=max(MOST_PHOTOS - len(shown), 0),
        may_undo=bool(removed and removed["listing"] == listing.pk),
        waits_for_sizes=any(not image.sources for image in shown),
        described=described,
    )
