"""What each part in a team may do, in words."""

from django.utils.translation import gettext as _

from marketplace.producers.models import Membership


def may_do(role: str) -> str:
    """One sentence, in the reader's language."""
    return {
        Membership.Role.OWNER: _(
            "Everything: parcels, goods, prices, money, papers, the profile and the team."
        ),
        Membership.Role.STAFF: _(
            "Everything but the team: parcels, goods, prices, money, papers and the profile."
        ),
        Membership.Role.PACKER: _("Packs parcels and hands them over. Sees no money."),
    }[Membership.Role(role)]
