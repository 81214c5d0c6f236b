from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

#: What the actions below are called in histories.
ACTIONS = {
    "producer.created": _("Producer added"),
    "producer.changed": _("Profile changed"),
    "producer.identity_verified": _("Identity verified"),
    "producer.verification_withdrawn": _("Verification withdrawn"),
    "producer.suspended": _("Suspended: nothing is sold"),
    "producer.reinstated": _("Suspension lifted"),
    "producer.pause_set": _("Closed for some days"),
    "producer.pause_ended": _("Opened again"),
    "producer.free_threshold_set": _("Free delivery changed"),
    "producer.letter_issued": _("Letter with a code printed"),
    "producer.letter_used": _("Letter with a code used"),
    "producer.invited": _("Somebody asked into the team"),
    "producer.invited_again": _("Invitation sent again"),
    "producer.invitation_withdrawn": _("Invitation taken back"),
    "producer.invitation_accepted": _("Invitation accepted"),
    "producer.member_role_changed": _("Part in the team changed"),
    "producer.member_removed": _("Taken out of the team"),
    "producer.member_taken_back": _("Back in the team"),
    "producer.paper_stated": _("Paper handed in"),
    "producer.paper_verified": _("Paper seen by the office"),
    "producer.paper_refused": _("Paper not accepted"),
    "producer.delegated": _("Consent recorded: somebody acts for them"),
    "producer.delegation_withdrawn": _("Consent withdrawn"),
    "producer.desk_opened": _("Desk opened for the grower"),
    "application.received": _("Application received"),
    "application.accepted": _("Application accepted"),
    "application.declined": _("Application declined"),
    "account.area_set": _("Communes of the officer changed"),
    "catalogue.listing_created": _("Listing written"),
    "catalogue.listing_changed": _("Listing changed"),
    "media.described": _("Picture described"),
    "catalogue.published": _("Put on sale"),
    "catalogue.unpublished": _("Taken off sale"),
    "catalogue.listing_submitted": _("Listing handed in"),
    "catalogue.listing_returned": _("Listing back to its draft"),
    "catalogue.listing_discarded": _("Draft thrown away"),
    "catalogue.revision_proposed": _("Change proposed"),
    "catalogue.revision_accepted": _("Change accepted"),
    "catalogue.revision_declined": _("Change declined"),
    "catalogue.revision_withdrawn": _("Change withdrawn"),
    "rule.added": _("New from a day on"),
    "rule.changed": _("Changed before it began"),
    "rule.withdrawn": _("Withdrawn before it began"),
    "rule.ended": _("Last day set"),
    "working_day.added": _("Working day noted"),
    "working_day.removed": _("Working day taken off the list"),
    "catalogue.price_set": _("Price changed"),
    "catalogue.stock_set": _("Stock counted"),
    "catalogue.sale_price_set": _("Sale price set"),
    "catalogue.sale_ended": _("Sale ended"),
    "catalogue.gtin_set": _("GTIN changed"),
    "consignment.confirmed": _("Parcel confirmed"),
    "consignment.packed": _("Parcel packed"),
    "consignment.handed_over": _("Parcel handed to the carrier"),
    "consignment.delivered": _("Parcel delivered"),
    "consignment.completed": _("Parcel completed"),
    "consignment.declined": _("Parcel declined"),
    "consignment.cancelled": _("Parcel cancelled"),
    "consignment.refused": _("Parcel refused at the door"),
    "consignment.returned": _("Parcel returned"),
    "consignment.remitted": _("Cash received from the carrier"),
    "call.answered": _("Buyer called"),
    "transfer.claimed": _("The buyer says the money was sent"),
    "transfer.extended": _("More time to pay"),
    "transfer.not_arrived": _("No money seen"),
    "payment.method_changed": _("Way of paying changed"),
    "receipt.recorded": _("Receipt recorded"),
    "receipt.matched": _("Receipt matched"),
    "receipt.undone": _("Receipt undone"),
    "refund.sent": _("Refund sent"),
    "refund.confirmed": _("Refund confirmed"),
    "refund.undone": _("Refund undone"),
    "payout.prepared": _("Payout put on the list"),
    "payout.cancelled": _("Payout taken off the list"),
    "payout.sent": _("Payout sent"),
    "payout.undone": _("Payout sent back by the bank"),
    "voucher.given_out": _("Voucher given out"),
    "voucher.changed": _("Voucher changed"),
    "voucher.stopped": _("Voucher stopped"),
    "producer.bank_account_set": _("Bank account changed"),
}


class OfficeConfig(AppConfig):
    name = "marketplace.office"
    label = "office"
    verbose_name = _("Office")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say in words what histories show."""
        from marketplace.platform import audit

        known = audit.labels()
        audit.declare({name: label for name, label in ACTIONS.items() if name not in known})
