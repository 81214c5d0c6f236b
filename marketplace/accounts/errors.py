"""Why a change to an account was refused; ``str(error)`` is in the reader's language."""

from django.utils.translation import gettext as _


class AccountsError(Exception):
    """A refused change; nothing was written."""


class ReasonMissing(AccountsError):
    """The history must tell why."""

    def __str__(self) -> str:
        return _("Please say why.")


class NoSecondFactor(AccountsError):
    """There is none, or somebody else was quicker."""

    def __str__(self) -> str:
        return _("This account has no second factor. There is nothing to reset.")
