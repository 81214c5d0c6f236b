"""What goes out again: refunds to buyers, fees, and payouts to producers."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from marketplace.platform.dated import one_at_a_time, same_text
from marketplace.producers.models import Producer


class BankDetails(models.Model):
    """To which account money is sent."""

    bank_bin = models.CharField(_("bank"), max_length=6)
    account_no = models.CharField(_("account number"), max_length=19)
    holder = models.CharField(_("account holder"), max_length=120)

    class Meta:
        abstract = True

    @property
    def as_initial(self) -> dict[str, str]:
        """What a form shows that asks for it again."""
        return {
            "bank_bin": self.bank_bin, "account_no": self.account_no, "holder": self.holder,
        }


class RefundAccount(BankDetails):
    """Where the buyer of one order wants money back; told over the order's secret link."""

    order = models.OneToOneField(
        "order.Order", models.CASCADE, primary_key=True, related_name="refund_account"
    )
    told_at = models.DateTimeField(_("told at"))

    class Meta:
        verbose_name = _("account for a refund")
        verbose_name_plural = _("accounts for refunds")

    def __str__(self) -> str:
        return f"{self.bank_bin} {self.account_no}"


class Refund(BankDetails):
    """One amount sent back to a buyer. What is owed is in the ledger, not here."""

    class State(models.TextChoices):
        SENT = "sent", _("Sent")
        CONFIRMED = "confirmed", _("Confirmed by the bank")
        UNDONE = "undone", _("Undone")

    order = models.ForeignKey("order.Order", models.PROTECT, related_name="refunds")
    amount = models.DecimalField(_("amount"), max_digits=13, decimal_places=0)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.SENT)
    reference = models.CharField(_("number of the transfer"), max_length=60)
    sent_at = models.DateTimeField(_("sent at"))
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    state_changed_at = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0), name="payments_refund_amount_positive"
            ),
            models.UniqueConstraint(
                fields=["reference"],
                condition=~Q(state="undone"),
                name="payments_refund_reference_once",
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class FeeTerms(models.Model):
    """What the platform takes of a delivered consignment, or what its delivery cost: dated.

    A row for one kind of producer goes before the row for all. No row, no fee.
    """

    class Kind(models.TextChoices):
        PLATFORM = "platform", _("Platform fee")
        DELIVERY = "delivery", _("Delivery cost borne by the producer")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    producer_kind = models.CharField(
        _("kind of producer"), max_length=12, choices=Producer.Kind, blank=True
    )
    #: Of the goods before vouchers, in percent.
    percent = models.DecimalField(_("percent"), max_digits=5, decimal_places=2, default=0)
    #: For each consignment, whole đồng.
    fixed = models.DecimalField(_("fixed amount"), max_digits=12, decimal_places=0, default=0)
    effective_from = models.DateField(_("from"))
    effective_through = models.DateField(_("through"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=200)

    class Meta:
        verbose_name = _("terms of a fee")
        verbose_name_plural = _("terms of the fees")
        ordering = ["kind", "producer_kind", "-effective_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "producer_kind", "effective_from"], name="payments_feeterms_once"
            ),
            models.CheckConstraint(
                condition=Q(percent__gte=0, percent__lte=100, fixed__gte=0),
                name="payments_feeterms_amounts_make_sense",
            ),
            models.CheckConstraint(
                condition=Q(effective_through__isnull=True)
                | Q(effective_through__gte=F("effective_from")),
                name="payments_feeterms_end_after_they_begin",
            ),
            one_at_a_time(
                "payments_feeterms_one_at_a_time", same_text("kind"), same_text("producer_kind")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.effective_from:%Y-%m-%d}"


class ProducerAccount(BankDetails):
    """Where a producer's payouts go. Only the office changes it."""

    producer = models.OneToOneField(
        "producers.Producer", models.CASCADE, primary_key=True, related_name="bank_account"
    )
    changed_at = models.DateTimeField(_("changed at"))
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("producer's bank account")
        verbose_name_plural = _("producers' bank accounts")

    def __str__(self) -> str:
        return f"{self.bank_bin} {self.account_no}"


class Payout(BankDetails):
    """What one producer is paid at once, for many consignments."""

    class State(models.TextChoices):
        PREPARED = "prepared", _("On the transfer list")
        SENT = "sent", _("Sent")
        CANCELLED = "cancelled", _("Taken off the list")
        UNDONE = "undone", _("Sent back by the bank")

    producer = models.ForeignKey(
        "producers.Producer", models.PROTECT, related_name="payouts"
    )
    amount = models.DecimalField(_("amount"), max_digits=13, decimal_places=0)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PREPARED)
    reference = models.CharField(_("number of the transfer"), max_length=60, blank=True)
    prepared_at = models.DateTimeField(_("prepared at"))
    prepared_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    #: Sent, and not arrived: owed again since then, and why.
    undone_at = models.DateTimeField(_("undone at"), null=True, blank=True)
    undone_why = models.CharField(_("why it was undone"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("payout")
        verbose_name_plural = _("payouts")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0), name="payments_payout_amount_positive"
            ),
            # Prepared twice at once, one of the two is refused.
            models.UniqueConstraint(
                fields=["producer"],
                condition=Q(state="prepared"),
                name="payments_payout_one_prepared",
            ),
            models.UniqueConstraint(
                fields=["reference"],
                condition=Q(state="sent"),
                name="payments_payout_reference_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.producer_id}: {self.amount}"


class PayoutLine(models.Model):
    """One consignment in one payout. A payout taken off the list loses its lines.

    Those of a payout that the bank sent back stay, void, so that it is known what it was for.
    """

    payout = models.ForeignKey(Payout, models.PROTECT, related_name="lines")
    consignment = models.ForeignKey(
        "orders.Consignment", models.PROTECT, related_name="payout_lines"
    )
    amount = models.DecimalField(_("amount"), max_digits=13, decimal_places=0)
    is_void = models.BooleanField(_("no longer counts"), default=False)

    class Meta:
        verbose_name = _("line of a payout")
        verbose_name_plural = _("lines of payouts")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["consignment"],
                condition=Q(is_void=False),
                name="payments_payoutline_consignment_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.payout_id}: {self.consignment_id}"
