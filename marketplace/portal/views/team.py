"""The team of a producer: for its owners alone."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from marketplace.accounts.models import User
from marketplace.kernel import clock, formats
from marketplace.platform import rate_limits
from marketplace.portal.queries import Desk
from marketplace.portal.team_forms import InviteForm, RoleForm
from marketplace.portal.views.common import PRODUCER, at_desk, chosen, frame
from marketplace.producers import team_actions
from marketplace.producers.errors import LastOwner, ProducersError
from marketplace.producers.models import Invitation, Membership, Producer
from marketplace.producers.roles import may_do
from theme.components import Pager

PER_PAGE = 30
#: In the session: who was taken out last, so that it can be undone.
REMOVED = "portal.removed"
UNDO_FOR = timedelta(minutes=15)
#: Messages cost money, and nobody hires faster.
_INVITATIONS = {"limit": 20, "per": timedelta(days=1)}


@at_desk
def team(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Who is in, with which part, and who has been asked."""
    producer = _own(request, desk)
    now = clock.now()
    paginator = Paginator(
        producer.memberships.select_related("user").order_by("pk"), PER_PAGE
    )
    page = paginator.get_page(request.GET.get("p"))
    open_ones = producer.invitations.filter(accepted_at=None, withdrawn_at=None)
    return render(
        request,
        "portal/team.html",
        {
            **frame(request, desk),
            "producer": producer,
            "several": [
                (p.name, _url("portal:team", p), p == producer) for p in desk.owned
            ]
            if len(desk.owned) > 1
            else [],
            "members": [_member(m, request.user) for m in page.object_list],
            "pager": Pager.of(
                page.number,
                paginator.num_pages,
                lambda number: f"?{PRODUCER}={producer.pk}&p={number}",
            )
            if paginator.num_pages > 1
            else None,
            "invitations": [_invitation(invitation, now) for invitation in open_ones],
            "invite_url": _url("portal:team_invite", producer),
            "roles": [(str(role.label), may_do(role)) for role in Membership.Role],
            "removed": _removed(request, producer, now),
        },
    )


@at_desk
def invite(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Ask somebody into the team."""
    producer = _own(request, desk)
    form = InviteForm(request.POST if request.method == "POST" else None)
    status = 422 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        if not _may_invite(producer):
            form.add_error(None, _("That is enough for today. Please go on tomorrow."))
            status = 429
        else:
            try:
                invitation, code = team_actions.invite(
                    producer=producer, actor=request.user, now=clock.now(), **form.cleaned_data
                )
            except ProducersError as refused:
                form.add_error("email" if form.cleaned_data["email"] else "phone", str(refused))
            else:
                return _sent(request, desk, invitation, code)
    return render(
        request,
        "portal/team_invite.html",
        {
            **frame(request, desk),
            "producer": producer,
            "form": form,
            "team_url": _url("portal:team", producer),
        },
        status=status,
    )


def _sent(
    request: HttpRequest, desk: Desk, invitation: Invitation, code: str
) -> HttpResponse:
    """Back to the team; a code to read out is shown once, on a page that nobody keeps."""
    team_url = _url("portal:team", invitation.producer)
    if not code:
        messages.success(
            request,
            _("The invitation is on its way to %(to)s.") % {"to": _to(invitation)},
        )
        return redirect(team_url)
    response = render(
        request,
        "portal/team_code.html",
        {
            **frame(request, desk),
            "producer": invitation.producer,
            "phone": formats.phone(invitation.phone),
            "code": " ".join((code[:4], code[4:7], code[7:])),
            "address": request.build_absolute_uri(reverse("portal:letter")),
            "last_day": _last_day(invitation),
            "team_url": team_url,
        },
    )
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@at_desk
def send_again(request: HttpRequest, desk: Desk, pk: int) -> HttpResponse:
    """A new link or code; the older one works no more."""
    invitation = _own_invitation(desk, pk)
    if not _may_invite(invitation.producer):
        messages.error(request, _("That is enough for today. Please go on tomorrow."))
        return redirect(_url("portal:team", invitation.producer))
    try:
        code = team_actions.send_again(
            invitation=invitation, actor=request.user, now=clock.now()
        )
    except ProducersError as refused:
        messages.error(request, str(refused))
        return redirect(_url("portal:team", invitation.producer))
    invitation.refresh_from_db()
    return _sent(request, desk, invitation, code)


@require_POST
@at_desk
def withdraw(request: HttpRequest, desk: Desk, pk: int) -> HttpResponse:
    """Take an invitation back."""
    invitation = _own_invitation(desk, pk)
    try:
        team_actions.withdraw(invitation=invitation, actor=request.user, now=clock.now())
    except ProducersError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(
            request, _("The invitation of %(to)s was taken back.") % {"to": _to(invitation)}
        )
    return redirect(_url("portal:team", invitation.producer))


@at_desk
def one(request: HttpRequest, desk: Desk, pk: int) -> HttpResponse:
    """One member: give another part, or take out of the team."""
    membership = get_object_or_404(
        Membership.objects.select_related("user", "producer"), pk=pk, producer__in=_owned(desk)
    )
    name, is_self = _name(membership.user), membership.user == request.user
    producer = membership.producer
    form = RoleForm(
        request.POST if request.POST.get("do") == "role" else None,
        initial={"role": membership.role},
    )
    refusal = ""
    if request.method == "POST":
        try:
            if request.POST.get("do") == "remove":
                team_actions.remove(membership=membership, actor=request.user)
                if is_self:
                    messages.success(request, _("You have left the team of %(name)s.")
                                     % {"name": producer.name})
                    return redirect("account_home")
                request.session[REMOVED] = {
                    "producer": producer.pk, "user": membership.user_id,
                    "role": membership.role, "name": name, "at": clock.now().timestamp(),
                }
                return redirect(_url("portal:team", producer))
            if form.is_valid():
                team_actions.change_role(
                    membership=membership, role=form.cleaned_data["role"], actor=request.user
                )
                messages.success(request, _("%(name)s: saved.") % {"name": name})
                still_owner = not is_self or form.cleaned_data["role"] == Membership.Role.OWNER
                return redirect(_url("portal:team", producer) if still_owner else "portal:home")
        except LastOwner as refused:
            refusal = str(refused)
        except Membership.DoesNotExist:
            messages.info(request, _("Somebody was quicker: this person is not in the team."))
            return redirect(_url("portal:team", producer))
    return render(
        request,
        "portal/team_member.html",
        {
            **frame(request, desk),
            "producer": producer,
            "name": name,
            "reached": _reached(membership.user),
            "role": membership.get_role_display(),
            "is_self": is_self,
            "form": form,
            "refusal": refusal,
            "team_url": _url("portal:team", producer),
        },
        status=422 if request.method == "POST" else 200,
    )


@require_POST
@at_desk
def undo(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Take back in whom this owner has just taken out."""
    producer = _own(request, desk)
    removed = _removed(request, producer, clock.now())
    if removed is None:
        messages.error(request, _("It is too late to undo this. Please invite anew."))
    else:
        team_actions.take_back(
            producer=producer,
            user_id=removed["user"],
            role=Membership.Role(removed["role"]),
            actor=request.user,
        )
        del request.session[REMOVED]
        messages.success(
            request, _("%(name)s is in the team as before.") % {"name": removed["name"]}
        )
    return redirect(_url("portal:team", producer))


def _owned(desk: Desk) -> list[Producer]:
    """The producers of which this person is an owner; helpers and staff are of none."""
    if not desk.owned:
        raise PermissionDenied(_("The team is for the owner."))
    return desk.owned


def _own(request: HttpRequest, desk: Desk) -> Producer:
    return chosen(request, _owned(desk))


def _own_invitation(desk: Desk, pk: int) -> Invitation:
    return get_object_or_404(
        Invitation.objects.select_related("producer"), pk=pk, producer__in=_owned(desk)
    )


def _may_invite(producer: Producer) -> bool:
    return rate_limits.hit("portal.team.invite", str(producer.pk), **_INVITATIONS)


def _removed(
    request: HttpRequest, producer: Producer, now: datetime
) -> dict[str, object] | None:
    """Whom this owner has just taken out of this team, if it can still be undone."""
    removed = request.session.get(REMOVED)
    if (
        not removed
        or removed["producer"] != producer.pk
        or now.timestamp() - removed["at"] > UNDO_FOR.total_seconds()
    ):
        return None
    return removed


def _url(route: str, producer: Producer) -> str:
    return f"{reverse(route)}?{PRODUCER}={producer.pk}"


def _name(user: User) -> str:
    return user.get_full_name() or user.email or formats.phone(user.phone)


def _reached(user: User) -> str:
    return ", ".join(part for part in (user.email, formats.phone(user.phone)) if part)


def _to(invitation: Invitation) -> str:
    return invitation.email or formats.phone(invitation.phone)


def _last_day(invitation: Invitation) -> str:
    return formats.date(clock.local_date(invitation.expires_at - timedelta(seconds=1)))


def _member(membership: Membership, user: User) -> dict[str, object]:
    return {
        "name": _name(membership.user),
        "reached": _reached(membership.user),
        "role": membership.get_role_display(),
        "may": may_do(membership.role),
        "is_self": membership.user == user,
        "url": reverse("portal:team_member", args=[membership.pk]),
    }


def _invitation(invitation: Invitation, now: datetime) -> dict[str, object]:
    return {
        "to": _to(invitation),
        "role": invitation.get_role_display(),
        "holds": invitation.holds_at(now),
        "last_day": _last_day(invitation),
        "again_url": reverse("portal:team_again", args=[invitation.pk]),
        "withdraw_url": reverse("portal:team_withdraw", args=[invitation.pk]),
    }
