"""Every write to accounts that is not allauth's own."""

import secrets
from importlib import import_module

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import transaction

from marketplace.accounts import guessing, phones
from marketplace.accounts.errors import NoSecondFactor, ReasonMissing
from marketplace.accounts.models import User
from marketplace.accounts.roles import Role
from marketplace.kernel import clock
from marketplace.platform import audit, outbox


@transaction.atomic
def create_account(
    *,
    email: str | None = None,
    phone: str | None = None,
    password: str | None = None,
    first_name: str = "",
    last_name: str = "",
    language: str = "vi",
    is_confirmed: bool = False,
    roles: tuple[Role, ...] = (),
    is_superuser: bool = False,
) -> User:
    """Open an account for somebody: a grower by phone, a colleague, a demo person.

    ``phone`` in any usual writing. ``is_confirmed`` says that whoever calls has checked that
    the address and number are that person's. Raises ValidationError for a phone that is none
    and IntegrityError when somebody else has confirmed the same.
    """
    now = clock.now() if is_confirmed else None
    user = User.objects.create_user(
        email,
        password,
        phone=phones.normalise(phone) if phone else None,
        first_name=first_name,
        last_name=last_name,
        language=language,
        email_confirmed_at=now if email else None,
        phone_confirmed_at=now if phone else None,
        is_staff=is_superuser,
        is_superuser=is_superuser,
    )
    if user.email:
        EmailAddress.objects.create(
            user=user, email=user.email, primary=True, verified=is_confirmed
        )
    give_roles(user=user, roles=roles)
    return user


def give_roles(*, user: User, roles: tuple[Role, ...]) -> None:
    """Make ``roles`` all the roles that ``user`` has. The groups come from ``sync_roles``."""
    from django.contrib.auth.models import Group

    groups = {role: Group.objects.get_or_create(name=role.value)[0] for role in roles}
    user.groups.remove(*user.groups.filter(name__in=set(Role.values) - set(roles)))
    user.groups.add(*groups.values())
    user.__dict__.pop("roles", None)


@transaction.atomic
def follow_email(*, user: User, is_just_confirmed: bool = False) -> None:
    """Bring ``User.email`` and ``email_confirmed_at`` in step with allauth's primary address.

    allauth keeps addresses and their confirmations in a table of its own; our constraints and
    everybody who writes to a customer read the user's row.
    """
    user = User.objects.select_for_update().get(pk=user.pk)
    primary = EmailAddress.objects.filter(user=user, primary=True).first()
    if primary is None:
        return
    user.email = primary.email
    if not primary.verified:
        user.email_confirmed_at = None
    elif is_just_confirmed or user.email_confirmed_at is None:
        user.email_confirmed_at = clock.now()
    user.save(update_fields=["email", "email_confirmed_at"])


@transaction.atomic
def set_email(*, user: User, email: str | None) -> None:
    """Give ``user`` another address, still to be confirmed; what was confirmed before ends.

    For the office. Owners change theirs through allauth, which asks for the password and waits
    for the confirmation. Does nothing when the address stays.
    """
    address = User.objects.normalize_email(email)
    current = EmailAddress.objects.filter(user=user, primary=True).first()
    if current is not None and current.email == address and user.email == address:
        return
    EmailAddress.objects.filter(user=user).delete()
    user.email = address
    user.email_confirmed_at = None
    user.save(update_fields=["email", "email_confirmed_at"])
    if address:
        EmailAddress.objects.create(user=user, email=address, primary=True, verified=False)


@transaction.atomic
def change_details(
    *, user: User, first_name: str, last_name: str, phone: str, language: str
) -> None:
    """Save what a person says about himself; a new number is not confirmed."""
    if (phone or None) != user.phone:
        user.phone_confirmed_at = None
    user.first_name, user.last_name = first_name, last_name
    user.phone, user.language = phone or None, language
    user.save(update_fields=["first_name", "last_name", "phone", "phone_confirmed_at", "language"])


@transaction.atomic
def reset_second_factor(*, user: User, reason: str, actor: User) -> None:
    """Take away a second factor whose phone is lost, tell its owner, and end every session.

    For superusers; staff are asked for a new one at the next sign-in. The audit tells who and
    why, and each factor that went. Raises ReasonMissing and NoSecondFactor.
    """
    reason = reason.strip()
    if not reason:
        raise ReasonMissing
    user = User.objects.select_for_update().get(pk=user.pk)
    factors = Authenticator.objects.filter(user=user)
    kinds = sorted(factors.values_list("type", flat=True))
    if not kinds:
        raise NoSecondFactor
    factors.delete()
    guessing.forget(user, actor=actor, reason=reason)
    end_sessions(user=user)
    audit.record(
        action="account.second_factor_reset", actor=actor, target=user,
        before={"kinds": kinds}, after={"kinds": []}, reason=reason,
    )  # fmt: skip
    if user.email:
        outbox.send_mail(
            template="account/second_factor_reset",
            to=user.email,
            language=user.language,
            context={"name": user.get_full_name()},
            dedupe_key=f"account:{secrets.token_hex(16)}",
        )


def end_sessions(*, user: User) -> None:
    """Sign ``user`` out everywhere. Reads all live sessions: for rare occasions."""
    store = import_module(settings.SESSION_ENGINE).SessionStore
    for session in Session.objects.filter(expire_date__gt=clock.now()).iterator():
        if session.get_decoded().get(SESSION_KEY) == str(user.pk):
            store(session.session_key).delete()
