"""Joining a team: by the link of a mail, or from the list of one's own invitations."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from marketplace.kernel import clock
from marketplace.portal.queries import invitations_to
from marketplace.portal.views.common import HELPING
from marketplace.producers import team_actions
from marketplace.producers.errors import InvitationForAnother, InvitationGone, ProducersError
from marketplace.producers.models import Invitation
from marketplace.producers.roles import may_do


@never_cache
def invitation(request: HttpRequest, key: str) -> HttpResponse:
    """What the link of a mail leads to: who asks, as what, and how to join.

    A link that is none is 404, one whose time is over 410; each says so in plain words.
    """
    found = team_actions.by_key(key) if "\x00" not in key else None
    if found is None:
        return _page(request, None, str(InvitationGone()), status=404)
    if not request.user.is_authenticated:
        if not found.holds_at(clock.now()):
            return _page(request, None, _why_closed(found), status=410)
        if request.method == "POST":
            return redirect(f"{reverse('account_login')}?{urlencode({'next': request.path})}")
        return _page(request, found, "")
    if request.method == "POST":
        return _join(request, found)
    try:
        team_actions.refuse(found, request.user, clock.now())
    except ProducersError as refused:
        return _refused(request, found, refused)
    return _page(request, found, "")


@never_cache
@login_required
def invitations(request: HttpRequest) -> HttpResponse:
    """The open invitations to the confirmed address of whoever is signed in."""
    mine = invitations_to(request.user, clock.now())
    if request.method == "POST":
        chosen = request.POST.get("invitation", "")
        number = int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 19 else 0
        return _join(request, get_object_or_404(mine, pk=number))
    return render(
        request,
        "portal/invitations.html",
        {"invitations": [_shown(invitation) for invitation in mine]},
    )


def _join(request: HttpRequest, found: Invitation) -> HttpResponse:
    try:
        membership = team_actions.accept(
            invitation=found, user=request.user, now=clock.now()
        )
    except ProducersError as refused:
        return _refused(request, found, refused)
    request.session.pop(HELPING, None)
    messages.success(
        request,
        _("Welcome to the team of %(name)s. You are: %(role)s.")
        % {"name": found.producer.name, "role": membership.get_role_display()},
    )
    return redirect("portal:home")


def _refused(request: HttpRequest, found: Invitation, why: ProducersError) -> HttpResponse:
    """Open, but for somebody else: 403, and who asks may be read. Else it is over: 410."""
    if isinstance(why, InvitationForAnother):
        return _page(request, found, str(why), status=403)
    return _page(request, None, str(why), status=410)


def _why_closed(found: Invitation) -> str:
    try:
        team_actions.refuse_closed(found, clock.now())
    except ProducersError as refused:
        return str(refused)
    return ""


def _shown(found: Invitation) -> dict[str, object]:
    return {
        "pk": found.pk,
        "producer": found.producer.name,
        "role": found.get_role_display(),
        "may": may_do(found.role),
    }


def _page(
    request: HttpRequest, found: Invitation | None, refusal: str, *, status: int = 200
) -> HttpResponse:
    here = urlencode({"next": request.path})
    return render(
        request,
        "portal/invitation.html",
        {
            "invitation": _shown(found) if found else None,
            "refusal": refusal,
            "sign_in_url": f"{reverse('account_login')}?{here}",
            "sign_up_url": f"{reverse('account_signup')}?{here}",
        },
        status=status,
    )
