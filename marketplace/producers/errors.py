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


class SuspendedAlready(ProducersError):
    """Somebody else was faster."""

    def __str__(self) -> str:
        return _("This producer is suspended already.")


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
            " Ask for a new one where you got it."
        )


class InvitationGone(ProducersError):
    """The link or code is none, or a newer one has taken its place."""

    def __str__(self) -> str:
        return _(
            "This invitation is not known, or a newer one has taken its place. Look for the newest"
            " message, or ask whoever invited you."
        )


class InvitationExpired(ProducersError):
    """More than seven days old."""

    def __str__(self) -> str:
        return _("This invitation is older than 7 days. Ask whoever invited you for a new one.")


class InvitationUsed(ProducersError):
    """Somebody has joined with it."""

    def __str__(self) -> str:
        return _("This invitation has been used. Sign in, and your desk is there.")


class InvitationWithdrawn(ProducersError):
    """The owner took it back."""

    def __str__(self) -> str:
        return _("This invitation was taken back. Ask whoever invited you.")


class InvitationForAnother(ProducersError):
    """Signed in with another address than the one that was invited."""

    def __str__(self) -> str:
        return _(
            "This invitation went to another e-mail address than that of your account. Sign in"
            " with that address, or ask to be invited under this one."
        )


class NotForTheOffice(ProducersError):
    """Whoever decides on producers belongs to none."""

    def __str__(self) -> str:
        return _("With an account of the office one cannot join a producer's team.")


class AlreadyInTheTeam(ProducersError):
    """Whoever is a member needs no invitation."""

    def __str__(self) -> str:
        return _("This person is in the team already.")


class TooManyInvitations(ProducersError):
    """More open invitations than any team needs."""

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self.most = most

    def __str__(self) -> str:
        return _("%(count)s invitations are open. Take some back first.") % {"count": self.most}


class LastOwner(ProducersError):
    """A producer without an owner could invite nobody any more."""

    def __str__(self) -> str:
        return _("A team needs an owner. Make somebody else the owner first.")
