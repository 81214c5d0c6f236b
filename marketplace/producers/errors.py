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


class PaperDatesWrong(ProducersError):
    """Issued in the future, ended before it began, or without the last day it must have."""

    def __str__(self) -> str:
        return _(
            "Check the days: a paper is issued today or earlier, and ends after it was issued."
        )


class ScanRefused(ProducersError):
    """The file is too large."""

    def __init__(self, most_bytes: int) -> None:
        super().__init__(most_bytes)
        self.most_bytes = most_bytes

    def __str__(self) -> str:
        return _("The file is larger than %(megabytes)s MB. Choose a smaller one.") % {
            "megabytes": self.most_bytes // 1024**2
        }


class PaperAlreadyJudged(ProducersError):
    """Somebody else was quicker."""

    def __str__(self) -> str:
        return _("Somebody has judged this paper already. The page shows how.")


class AlreadyJudged(ProducersError):
    """Somebody else was quicker."""

    def __str__(self) -> str:
        return _("Somebody has answered this application already. The page shows how.")


class RefusalUnexplained(ProducersError):
    """Whoever is refused must read why."""

    def __str__(self) -> str:
        return _("Please say why.")


class ConsentDatesWrong(ProducersError):
    """Agreed in the future, or over already."""

    def __str__(self) -> str:
        return _("Check the days: they agreed today or earlier, and it ends today or later.")


class OutsideTheArea(ProducersError):
    """The officer does not look after this grower's commune."""

    def __str__(self) -> str:
        return _("This officer does not look after the grower's commune.")


class NotACooperative(ProducersError):
    """Only another co-operative can act for a grower."""

    def __str__(self) -> str:
        return _("Choose another producer, one that is a co-operative.")


class AlreadyDelegated(ProducersError):
    """It stands already."""

    def __str__(self) -> str:
        return _("This consent is recorded already.")


class LetterRefused(ProducersError):
    """The number, the code or the password of an account does not fit, or the time is up."""

    def __str__(self) -> str:
        return _(
            "This code does not fit this number, was used, or is older than 7 days."
            " Call the office for a new letter."
        )
