"""Messages to whoever is asked into a producer's team, in the language that the owner chose."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from marketplace.kernel import clock, formats
from marketplace.platform import outbox
from marketplace.producers.models import Invitation
from marketplace.producers.roles import may_do


def tell_of_invitation(invitation: Invitation, key: str) -> None:
    """Enqueue the mail with the link, or the SMS with the code; each key leaves once."""
    with override(invitation.language):
        by_mail = bool(invitation.email)
        path = reverse("portal:invitation", args=[key]) if by_mail else reverse("portal:letter")
        last_day = clock.local_date(invitation.expires_at - timedelta(seconds=1))
        outbox.tell(
            email=invitation.email,
            phone=invitation.phone,
            template="team_invitation",
            language=invitation.language,
            context={
                "producer": invitation.producer.name,
                "inviter": invitation.invited_by.get_full_name(),
                "role": str(invitation.get_role_display()),
                "may": may_do(invitation.role),
                "code": "" if by_mail else key,
                "day": formats.date(last_day),
                "button_url": settings.SITE_URL + path,
                "button_label": _("See the invitation"),
            },
            dedupe_key=f"invitation:{invitation.pk}:{invitation.key_hash[:16]}",
        )
