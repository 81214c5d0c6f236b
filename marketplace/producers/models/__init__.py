"""Who grows and makes, who acts for them, and the papers by which they may sell."""

from marketplace.producers.models.applications import SellerApplication
from marketplace.producers.models.delegations import AreaAssignment, Delegation
from marketplace.producers.models.invitations import Invitation
from marketplace.producers.models.letters import AccessLetter
from marketplace.producers.models.papers import ChecklistItem, Paper
from marketplace.producers.models.profile import Membership, Producer

__all__ = [
    "AccessLetter",
    "AreaAssignment",
    "ChecklistItem",
    "Delegation",
    "Invitation",
    "Membership",
    "Paper",
    "Producer",
    "SellerApplication",
]
