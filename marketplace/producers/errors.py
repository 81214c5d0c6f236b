"""Why a change to a producer was refused; ``str(error)`` is in the reader's language."""

from django.utils.translation import gettext as _


class ProducersError(Exception):
    """A refused change; nothing was written."""


class VerificationUnexplained(ProducersError):
    """A verification must say what was looked at."""

    def __str__(self) -> str:
        return _("Say how the identity was checked: which paper, or which register.")


class PauseInvalid(ProducersError):
    """A pause has two ends, the second not before the first."""

    def __str__(self) -> str:
        return _("A pause needs a first and a last day, and the last is not before the first.")
