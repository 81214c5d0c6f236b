"""Telling growers what the office did with a listing: by e-mail, else by SMS, in their language.

The owner and the staff of the producer hear of it, packers do not. One act is told once.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from catalogue.models import ListingEvent, Product, Revision
from catalogue.revision_words import differences, label_of
from catalogue.states import ListingActor, ListingState
from marketplace.accounts.models import User
from marketplace.platform import outbox
from marketplace.producers.models import Membership

#: (subject, paragraphs, [(field, what of it)]) in the active language.
Words = tuple[str, list[str], list[tuple[str, str]]]


def tell_of_step(event: ListingEvent) -> None:
    """What the office did: put on sale, gave back with reasons, took off sale, put back."""
    if event.acted_as == ListingActor.OFFICE:
        _tell(event.listing, lambda: _step_words(event), f"listing-event:{event.pk}")


def tell_of_revision(revision: Revision) -> None:
    """That the office accepted or declined a change; not what passed by a rule of trust."""
    if revision.trust_rule_id is None and revision.state in (
        Revision.State.ACCEPTED, Revision.State.DECLINED
    ):
        _tell(
            revision.listing, lambda: _revision_words(revision),
            f"revision:{revision.pk}:{revision.state}",
        )


def _tell(listing: Product, words: Callable[[], Words], key: str) -> None:
    told = set()
    for user in _people(listing):
        # Two accounts may name one address that neither has confirmed yet.
        if (address := user.email or user.phone) in told:
            continue
        told.add(address)
        with override(user.language):
            subject, paragraphs, facts = words()
            outbox.tell(
                email=user.email or "",
                phone=user.phone or "",
                template="listing_news",
                language=user.language,
                context={
                    "subject": subject,
                    "paragraphs": paragraphs,
                    "facts": facts,
                    "button_url": settings.SITE_URL
                    + reverse("portal:listing", args=[listing.pk]),
                    "button_label": _("Open the listing"),
                },
                dedupe_key=f"{key}:{user.pk}",
            )


def _people(listing: Product) -> list[User]:
    members = (
        Membership.objects.filter(producer=listing.producer_id, user__is_active=True)
        .exclude(role=Membership.Role.PACKER)
        .select_related("user")
        .order_by("pk")
    )
    return [member.user for member in members]


def _step_words(event: ListingEvent) -> Words:
    name = event.listing.title or _("Without a name")
    reason = [event.reason] if event.reason else []
    if event.to_state == ListingState.DRAFT:
        return (
            _("Please mend: %(name)s") % {"name": name},
            [_("The office has given your listing back, so that you mend what stands below and "
               "hand it in again. What you typed is all there."), *reason],
            [(label_of(field), text) for field, text in event.remarks.items()],
        )
    if event.to_state == ListingState.SUSPENDED:
        return (
            _("Taken off sale: %(name)s") % {"name": name},
            [_("Buyers do not see it any more. Orders already placed stay: please send them."),
             *reason],
            [],
        )
    if event.from_state == ListingState.SUSPENDED:
        return (
            _("On sale again: %(name)s") % {"name": name},
            [_("Buyers see it again and can order."), *reason],
            [],
        )
    return (
        _("On sale now: %(name)s") % {"name": name},
        [_("The office has looked at your listing. Buyers see it now and can order. Price, stock "
           "and photos you change at once, at your desk."), *reason],
        [],
    )


def _revision_words(revision: Revision) -> Words:
    name = revision.listing.title or _("Without a name")
    changed = [(field, new) for field, _old, new in differences(revision)]
    if revision.state == Revision.State.ACCEPTED:
        return (
            _("Your change is in the shop: %(name)s") % {"name": name},
            [_("The office has accepted it. Buyers see it now:")],
            changed,
        )
    return (
        _("Your change was not accepted: %(name)s") % {"name": name},
        [_("It sells as it was before. The office says:"), revision.reason],
        changed,
    )
