"""Reading accounts."""

from marketplace.accounts.models import User


def account_by_email(email: str | None) -> User | None:
    """Whose address this is: who confirmed it, else who claimed it first."""
    return User.objects.by_email(email).first() if email else None


def account_by_phone(phone: str | None) -> User | None:
    """Whose number this is (E.164): who confirmed it, else who claimed it first."""
    return User.objects.by_phone(phone).first() if phone else None
