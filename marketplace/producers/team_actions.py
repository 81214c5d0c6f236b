"""Who is in a producer's team: invitations, parts, leaving.

Everything here holds the producer's row first, so that two owners at once cannot leave a team
without one, and two invitations at once make one member. ``actor`` is an owner: the desk has
looked. What an entry of the audit says of people are numbers.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.db import connection, transaction
from django.utils.crypto import salted_hmac

from marketplace.accounts import actions as accounts
from marketplace.accounts import queries as account_queries
from marketplace.accounts.models import User
from marketplace.platform import audit
from marketplace.producers import telling
from marketplace.producers.errors import (
    AlreadyInTheTeam,
    InvitationExpired,
    InvitationForAnother,
    InvitationUsed,
    InvitationWithdrawn,
    LastOwner,
    LetterRefused,
    NotForTheOffice,
    TooManyInvitations,
)
from marketplace.producers.letter_actions import VALID_FOR, new_code
from marketplace.producers.models import Invitation, Membership, Producer

#: Open ones of one team.
MOST_OPEN = 20
#: After its last day; who was asked and never came is nobody's business for longer.
KEPT_FOR = timedelta(days=30)


def locked_producer(producer_id: int) -> Producer:
    """The producer's row, held until the transaction ends; orders may go on meanwhile."""
    return Producer.objects.select_for_update(no_key=True).get(pk=producer_id)


@transaction.atomic
def invite(
    *,
    producer: Producer,
    email: str = "",
    phone: str = "",
    role: Membership.Role,
    language: str,
    actor: User,
    now: datetime,
) -> tuple[Invitation, str]:
    """Ask somebody into the team, by one of ``email`` and ``phone`` (E.164), for seven days.

    The invitation, and the code to read out: empty when mail or SMS carries it. Whether there
    is an account plays no part and is not told. Inviting again makes the older link void.
    Raises AlreadyInTheTeam, TooManyInvitations.
    """
    email = User.objects.normalize_email(email) or ""
    producer = locked_producer(producer.pk)
    _refuse_members(producer, email, phone)
    invitation = Invitation.objects.filter(
        producer=producer, email=email, phone=phone, accepted_at=None, withdrawn_at=None
    ).first()
    if invitation is None:
        count = Invitation.objects.filter(
            producer=producer, accepted_at=None, withdrawn_at=None
        ).count()
        if count >= MOST_OPEN:
            raise TooManyInvitations(MOST_OPEN)
        invitation = Invitation(producer=producer, email=email, phone=phone)
    invitation.role, invitation.language = role, language
    return invitation, _send(invitation, actor, now, "producer.invited")


@transaction.atomic
def send_again(*, invitation: Invitation, actor: User, now: datetime) -> str:
    """Send a new link or code, for seven days from now; the older one works no more.

    The code to read out, as for ``invite``. Raises InvitationUsed, InvitationWithdrawn.
    """
    invitation = _locked(invitation)
    _refuse_closed(invitation)
    return _send(invitation, actor, now, "producer.invited_again")


@transaction.atomic
def withdraw(*, invitation: Invitation, actor: User, now: datetime) -> None:
    """Take an invitation back. Twice does nothing. Raises InvitationUsed."""
    invitation = _locked(invitation)
    if invitation.withdrawn_at is not None:
        return
    _refuse_closed(invitation)
    invitation.withdrawn_at = now
    invitation.save(update_fields=["withdrawn_at"])
    audit.record(
        action="producer.invitation_withdrawn", actor=actor, target=invitation.producer,
        before={"invitation": invitation.pk, "role": invitation.role}, after=None,
    )


def by_key(key: str) -> Invitation | None:
    """The invitation of a link, whatever has become of it. One query."""
    return (
        Invitation.objects.exclude(email="")
        .select_related("producer")
        .filter(key_hash=_hashed(key))
        .first()
    )


@transaction.atomic
def accept(*, invitation: Invitation, user: User, now: datetime) -> Membership:
    """Join with the account whose confirmed address was invited; who is in already stays as is.

    Raises InvitationExpired, InvitationUsed, InvitationWithdrawn, InvitationForAnother and
    NotForTheOffice; then nothing has changed.
    """
    invitation = _locked(invitation)
    refuse(invitation, user, now)
    return _join(invitation, user, now)


def refuse(invitation: Invitation, user: User, now: datetime) -> None:
    """Raise why ``user`` cannot accept it now, if so."""
    refuse_closed(invitation, now)
    if user.email_confirmed_at is None or user.email != invitation.email:
        raise InvitationForAnother
    if user.works_here:
        raise NotForTheOffice


def refuse_closed(invitation: Invitation, now: datetime) -> None:
    """Raise why nobody can accept it any more, if so."""
    _refuse_closed(invitation)
    if not invitation.holds_at(now):
        raise InvitationExpired


@transaction.atomic
def accept_code(*, phone: str, code: str, password: str, now: datetime) -> User:
    """Join with a phone number (E.164) and the code that was sent or read out; that account.

    Where the number has an account, its own password is asked: an owner could type the code as
    well, so it opens nobody's account and sets no password. Else an account is opened; its
    number counts as confirmed only if the code went there by SMS. Raises LetterRefused, the
    same whatever is wrong; then nothing has changed.
    """
    found = Invitation.objects.filter(
        phone=phone, key_hash=_hashed(f"{phone}:{code}"), accepted_at=None, withdrawn_at=None
    ).first()
    if not phone or found is None:
        raise LetterRefused
    invitation = _locked(found)
    if not invitation.holds_at(now) or invitation.key_hash != found.key_hash:
        raise LetterRefused
    with connection.cursor() as cursor:
        # Two producers may have asked the same number, and there is no row yet to hold.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 7))", [f"join:{phone}"])
    user = account_queries.account_by_phone(phone)
    if user is None:
        user = accounts.create_account(
            phone=phone, password=password, language=invitation.language,
            is_confirmed=invitation.is_sent,
        )
    elif (
        user.works_here or not user.is_active or not check_password(password, user.password)
    ):
        raise LetterRefused
    _join(invitation, user, now)
    return user


@transaction.atomic
def change_role(*, membership: Membership, role: Membership.Role, actor: User) -> Membership:
    """Give a member another part. Raises LastOwner; the same part again changes nothing."""
    producer = locked_producer(membership.producer_id)
    membership = Membership.objects.get(pk=membership.pk)
    before = membership.role
    if before == role:
        return membership
    if before == Membership.Role.OWNER:
        _refuse_last_owner(membership)
    membership.role = role
    membership.save(update_fields=["role"])
    audit.record(
        action="producer.member_role_changed", actor=actor, target=producer,
        before={"member": membership.user_id, "role": before},
        after={"member": membership.user_id, "role": role},
    )
    return membership


@transaction.atomic
def remove(*, membership: Membership, actor: User) -> None:
    """Take somebody out of the team; at their next request the desk is closed.

    Raises LastOwner, and Membership.DoesNotExist when somebody was quicker.
    """
    producer = locked_producer(membership.producer_id)
    membership = Membership.objects.get(pk=membership.pk)
    if membership.role == Membership.Role.OWNER:
        _refuse_last_owner(membership)
    audit.record(
        action="producer.member_removed", actor=actor, target=producer,
        before={"member": membership.user_id, "role": membership.role}, after=None,
    )
    membership.delete()


@transaction.atomic
def take_back(
    *, producer: Producer, user_id: int, role: Membership.Role, actor: User
) -> Membership:
    """Undo a removal: the person is in again as before. Twice does nothing."""
    producer = locked_producer(producer.pk)
    membership, is_new = Membership.objects.get_or_create(
        producer=producer, user_id=user_id, defaults={"role": role}
    )
    if is_new:
        audit.record(
            action="producer.member_taken_back", actor=actor, target=producer,
            before=None, after={"member": user_id, "role": role},
        )
    return membership


def forget(*, now: datetime) -> int:
    """Delete invitations that ended ``KEPT_FOR`` ago, whatever became of them; how many.

    They hold addresses and numbers of people who may never have joined. The audit keeps that
    there was one, and who asked.
    """
    return Invitation.objects.filter(expires_at__lt=now - KEPT_FOR).delete()[0]


def _locked(invitation: Invitation) -> Invitation:
    """The invitation as it stands, behind its producer's held row."""
    producer = locked_producer(invitation.producer_id)
    invitation = Invitation.objects.get(pk=invitation.pk)
    invitation.producer = producer
    return invitation


def _refuse_closed(invitation: Invitation) -> None:
    if invitation.accepted_at is not None:
        raise InvitationUsed
    if invitation.withdrawn_at is not None:
        raise InvitationWithdrawn


def _refuse_members(producer: Producer, email: str, phone: str) -> None:
    """Whoever is in needs no invitation; the owner sees the team anyway."""
    members = producer.memberships
    if (email and members.filter(user__email=email).exists()) or (
        phone and members.filter(user__phone=phone).exists()
    ):
        raise AlreadyInTheTeam


def _refuse_last_owner(membership: Membership) -> None:
    others = Membership.objects.filter(
        producer=membership.producer_id, role=Membership.Role.OWNER
    ).exclude(pk=membership.pk)
    if not others.exists():
        raise LastOwner


def _send(invitation: Invitation, actor: User, now: datetime, action: str) -> str:
    """Renew the key, save, and send it; the code when nobody carries it."""
    if invitation.email:
        key = secrets.token_urlsafe(24)
        invitation.key_hash = _hashed(key)
        invitation.is_sent = True
    else:
        key = new_code()
        invitation.key_hash = _hashed(f"{invitation.phone}:{key}")
        invitation.is_sent = bool(settings.SMS_GATEWAY)
    invitation.invited_at, invitation.invited_by = now, actor
    invitation.expires_at = now + VALID_FOR
    invitation.save()
    audit.record(
        action=action, actor=actor, target=invitation.producer, before=None,
        after={
            "invitation": invitation.pk, "role": invitation.role,
            "by": "email" if invitation.email else "phone",
        },
    )
    if not invitation.is_sent:
        return key
    telling.tell_of_invitation(invitation, key)
    return ""


def _join(invitation: Invitation, user: User, now: datetime) -> Membership:
    membership, is_new = Membership.objects.get_or_create(
        producer=invitation.producer, user=user, defaults={"role": invitation.role}
    )
    invitation.accepted_at, invitation.accepted_by = now, user
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    audit.record(
        action="producer.invitation_accepted", actor=user, target=invitation.producer,
        before=None if is_new else {"member": user.pk, "role": membership.role},
        after={"invitation": invitation.pk, "member": user.pk, "role": membership.role},
    )
    return membership


def _hashed(key: str) -> str:
    return salted_hmac(__name__, key, algorithm="sha256").hexdigest()
