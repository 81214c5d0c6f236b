"""Letters with a one-time code: printed by the office, used once by the grower."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.contrib.auth.hashers import check_password
from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from marketplace.accounts import actions as accounts
from marketplace.accounts.models import User
from marketplace.platform import audit
from marketplace.producers.errors import LetterRefused
from marketplace.producers.models import AccessLetter, Membership, Producer

VALID_FOR = timedelta(days=7)
#: Digits alone: they are read and typed by everybody.
CODE_DIGITS = 10


def new_code() -> str:
    """Digits that nobody guesses in the tries that are allowed."""
    return "".join(secrets.choice("0123456789") for _digit in range(CODE_DIGITS))


@transaction.atomic
def issue(
    *, producer: Producer, phone: str, role: Membership.Role, actor: User, now: datetime
) -> tuple[AccessLetter, str]:
    """Make a letter for a phone number (E.164); the letter, and the code to print once.

    An open letter for the same number is void from now on.
    """
    code = new_code()
    AccessLetter.objects.select_for_update().filter(
        phone=phone, used_at=None, voided_at=None
    ).update(voided_at=now)
    letter = AccessLetter.objects.create(
        producer=producer,
        phone=phone,
        role=role,
        code_hash=_hashed(phone, code),
        issued_at=now,
        issued_by=actor,
        expires_at=now + VALID_FOR,
    )
    audit.record(
        action="producer.letter_issued", actor=actor, target=producer,
        before=None, after={"letter": letter.pk, "role": role},
    )
    return letter, code


@transaction.atomic
def redeem(*, phone: str, code: str, password: str, now: datetime) -> User:
    """Use a letter: an account for the number, in the team, with ``password``; that account.

    Holds the letter's row. Whoever has an account with this number keeps it: one without an
    e-mail address gets the new password, one with an address must type its own, so that a
    letter is no way into a customer's account; the staff's accounts are none of a letter's
    business. Raises LetterRefused, the same whatever is wrong; then nothing has changed.
    """
    letter = (
        AccessLetter.objects.select_for_update(of=("self",))
        .select_related("producer")
        .filter(phone=phone, used_at=None, voided_at=None)
        .first()
    )
    is_right = constant_time_compare(
        letter.code_hash if letter else "", _hashed(phone, code)
    )
    if letter is None or not is_right or letter.expires_at <= now:
        raise LetterRefused
    user = _account(phone, password)
    Membership.objects.get_or_create(
        producer=letter.producer, user=user, defaults={"role": letter.role}
    )
    letter.used_at, letter.used_by = now, user
    letter.save(update_fields=["used_at", "used_by"])
    audit.record(
        action="producer.letter_used", actor=user, target=letter.producer,
        before=None, after={"letter": letter.pk, "member": user.pk, "role": letter.role},
    )
    return user


def _account(phone: str, password: str) -> User:
    user = User.objects.select_for_update().filter(
        phone=phone, phone_confirmed_at__isnull=False
    ).first()
    if user is None:
        return accounts.create_account(phone=phone, password=password, is_confirmed=True)
    if user.works_here or not user.is_active:
        raise LetterRefused
    if user.email_confirmed_at is not None:
        if not check_password(password, user.password):
            raise LetterRefused
        return user
    user.set_password(password)
    user.save(update_fields=["password"])
    return user


def _hashed(phone: str, code: str) -> str:
    return salted_hmac(__name__, f"{phone}:{code}", algorithm="sha256").hexdigest()
