"""One audit entry for each change of an account, whichever page or command made it.

Accounts are written by allauth, by Wagtail's and Django's admins and by our own actions. What
they have in common is that a row is saved, so that is where entries are written, in the same
transaction. They tell that an address, a number or a password changed, never which.
"""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.core import context
from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import is_password_usable
from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_save
from django.dispatch import receiver
from django.utils.translation import gettext_lazy as _

from marketplace.accounts.models import User
from marketplace.platform import audit

ACTIONS = {
    "account.created": _("Account opened"),
    "account.changed": _("Account changed"),
    "account.deactivated": _("Account closed"),
    "account.activated": _("Account opened again"),
    "account.password_set": _("Password set"),
    "account.roles_given": _("Roles given"),
    "account.roles_taken": _("Roles taken away"),
    "account.permissions_given": _("Single rights given"),
    "account.permissions_taken": _("Single rights taken away"),
    "account.signed_in": _("Signed in"),
    "account.unlocked": _("Unlocked after wrong passwords"),
    "account.email_added": _("E-mail address added"),
    "account.email_removed": _("E-mail address removed"),
    "account.second_factor_added": _("Second factor set up"),
    "account.second_factor_removed": _("Second factor taken away"),
    "account.second_factor_reset": _("Second factor reset by a colleague"),
}
_BEFORE = "_history_before"
#: Columns whose change is told; the values of the others say nothing about rights.
_WATCHED = frozenset(
    {
        "email", "email_confirmed_at", "phone", "phone_confirmed_at", "is_active", "is_staff",
        "is_superuser", "language", "password", "first_name", "last_name",
    }
)  # fmt: skip
_PLAIN = ("is_active", "is_staff", "is_superuser", "language")
_PERSONAL = ("email", "phone", "first_name", "last_name")


def actor_for(user: User | None) -> User | None:
    """Who does it: whoever is signed in in this request, else the owner, by a mailed link.

    None outside of requests: a command or the worker.
    """
    request = context.request
    if request is None:
        return None
    signed_in = getattr(request, "user", None)
    return signed_in if signed_in is not None and signed_in.is_authenticated else user


@receiver(pre_save, sender=User)
def _remember(instance: User, raw: bool, update_fields: Any, **kwargs: Any) -> None:
    """Note the row as it stands, unless nothing that is told can change."""
    is_told = update_fields is None or _WATCHED & set(update_fields)
    before = None
    if instance.pk and is_told and not raw:
        before = User.objects.filter(pk=instance.pk).values(*sorted(_WATCHED)).first()
    setattr(instance, _BEFORE, before)


@receiver(post_save, sender=User)
def _record(instance: User, created: bool, raw: bool, **kwargs: Any) -> None:
    if raw:
        return
    before = instance.__dict__.pop(_BEFORE, None)
    after = {name: getattr(instance, name) for name in _WATCHED}
    if created:
        told = {name: after[name] for name in _PLAIN} | {
            "has_email": bool(after["email"]), "has_phone": bool(after["phone"])
        }  # fmt: skip
        audit.record(
            action="account.created", actor=actor_for(instance), target=instance,
            before=None, after=told,
        )
    elif before is not None:
        changed = _changed(before, after, is_typed=instance._password is not None)
        if changed:
            was = {name: pair[0] for name, pair in changed.items()}
            now = {name: pair[1] for name, pair in changed.items()}
            audit.record(
                action=_name(now), actor=actor_for(instance), target=instance,
                before=was, after=now,
            )


def _changed(
    before: dict[str, Any], after: dict[str, Any], *, is_typed: bool
) -> dict[str, tuple[Any, Any]]:
    """What changed, as the audit may keep it: field → (before, after)."""
    changed: dict[str, tuple[Any, Any]] = {
        name: (before[name], after[name]) for name in _PLAIN if before[name] != after[name]
    }
    for name in _PERSONAL:
        if before[name] != after[name]:
            changed[name] = (_hidden(before[name]), _hidden(after[name]))
    for name in ("email_confirmed_at", "phone_confirmed_at"):
        if before[name] != after[name]:
            changed[name] = (before[name], after[name])
    # A password that is only hashed anew, more strongly, at signing in is no change.
    if before["password"] != after["password"] and (
        is_typed or not is_password_usable(after["password"])
    ):
        changed["has_password"] = (
            is_password_usable(before["password"]), is_password_usable(after["password"])
        )  # fmt: skip
    return changed


def _hidden(value: str | None) -> str:
    return "…" if value else ""


def _name(now: dict[str, Any]) -> str:
    if set(now) == {"is_active"}:
        return "account.activated" if now["is_active"] else "account.deactivated"
    return "account.password_set" if set(now) == {"has_password"} else "account.changed"


@receiver(m2m_changed, sender=User.groups.through)
def _roles(**kwargs: Any) -> None:
    _given_or_taken(kind="roles", **kwargs)


@receiver(m2m_changed, sender=User.user_permissions.through)
def _permissions(**kwargs: Any) -> None:
    _given_or_taken(kind="permissions", **kwargs)


def _given_or_taken(
    *, kind: str, instance: Any, action: str, reverse: bool, pk_set: Any, **kwargs: Any
) -> None:
    """One entry for each account, whether the account or the group was edited."""
    if action not in ("post_add", "pre_remove", "pre_clear"):
        return
    field = "groups" if kind == "roles" else "user_permissions"
    if reverse:
        people = instance.user_set.all() if pk_set is None else User.objects.filter(pk__in=pk_set)
        pairs = [(user, [instance]) for user in people]
    else:
        mine = getattr(instance, field).all()
        # Adding tells in ``pk_set`` only what is new; taking, all that was asked for.
        pairs = [(instance, list(mine if pk_set is None else mine.filter(pk__in=pk_set)))]
    is_given = action == "post_add"
    for user, things in pairs:
        if not things:
            continue
        names = sorted(
            thing.name if kind == "roles" else thing.codename for thing in things
        )
        audit.record(
            action=f"account.{kind}_{'given' if is_given else 'taken'}",
            actor=actor_for(user), target=user,
            before={kind: [] if is_given else names}, after={kind: names if is_given else []},
        )


@receiver(user_logged_in)
def _signed_in(user: User, **kwargs: Any) -> None:
    """Staff only: when buyers come is nobody's business."""
    if user.works_here:
        audit.record(action="account.signed_in", actor=user, target=user)


@receiver(post_save, sender=EmailAddress)
def _address_added(instance: EmailAddress, created: bool, raw: bool, **kwargs: Any) -> None:
    """A second address waiting for its confirmation; the account's own is told by its row."""
    if created and not raw and instance.email.lower() != (instance.user.email or ""):
        audit.record(
            action="account.email_added", actor=actor_for(instance.user), target=instance.user,
            before={"email": ""}, after={"email": "…"},
        )


@receiver(post_delete, sender=EmailAddress)
def _address_removed(instance: EmailAddress, **kwargs: Any) -> None:
    if instance.email.lower() != (instance.user.email or ""):
        audit.record(
            action="account.email_removed", actor=actor_for(instance.user), target=instance.user,
            before={"email": "…"}, after={"email": ""},
        )


@receiver(post_save, sender=Authenticator)
def _factor_added(instance: Authenticator, created: bool, raw: bool, **kwargs: Any) -> None:
    if created and not raw:
        audit.record(
            action="account.second_factor_added", actor=actor_for(instance.user),
            target=instance.user, before={"kind": ""}, after={"kind": instance.type},
        )


@receiver(post_delete, sender=Authenticator)
def _factor_removed(instance: Authenticator, **kwargs: Any) -> None:
    audit.record(
        action="account.second_factor_removed", actor=actor_for(instance.user),
        target=instance.user, before={"kind": instance.type}, after={"kind": ""},
    )
