"""People: customers, staff with their second factor, and clients signed in as them."""

from __future__ import annotations

import time
from itertools import count

from allauth.account.internal.flows.login import (
    _AUTHENTICATION_METHODS_USER_SESSION_KEY,
    AUTHENTICATION_METHODS_SESSION_KEY,
)
from django.contrib.auth.models import Group
from django.test import Client

from marketplace.accounts import actions, second_factor
from marketplace.accounts.models import User
from marketplace.accounts.roles import GRANTS, Role, sync_roles

_number = count(1)

PASSWORD = "chợ nổi Cái Bè 1995"


def make_user(
    email: str | None = "",
    *,
    phone: str | None = None,
    password: str = PASSWORD,
    is_confirmed: bool = True,
    **fields: object,
) -> User:
    """A customer with a confirmed address; ``email=None`` for one who has only a phone."""
    if email == "":
        email = f"khach{next(_number)}@example.test"
    return actions.create_account(
        email=email, phone=phone, password=password, is_confirmed=is_confirmed, **fields
    )


def make_staff(*roles: Role, with_second_factor: bool = True, **fields: object) -> User:
    """Somebody of the office with these roles, their permissions synced, and a second factor."""
    fields.setdefault("email", f"canbo{next(_number)}@example.test")
    if Group.objects.filter(name__in=[role.value for role in GRANTS]).count() < len(GRANTS):
        sync_roles()
    user = make_user(**fields, roles=roles)
    if with_second_factor:
        second_factor.enrol_totp(user)
    return user


def make_superuser(**fields: object) -> User:
    """An engineer who may do everything."""
    return make_staff(is_superuser=True, **fields)


def sign_in(client: Client, user: User, *, second_factor: bool = True) -> Client:
    """Sign ``user`` in without the pages for it; staff as having shown the second factor."""
    client.force_login(user, "marketplace.accounts.backends.PasswordBackend")
    session = client.session
    records = [{"method": "password", "at": time.time()}]
    if second_factor and user.works_here:
        records.append({"method": "mfa", "at": time.time(), "type": "totp"})
    session[AUTHENTICATION_METHODS_SESSION_KEY] = records
    session[_AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(user.pk)
    session.save()
    return client
