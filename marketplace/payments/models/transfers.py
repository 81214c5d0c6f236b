"""Money by bank transfer: whose account it goes to, what is expected, and what has come."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from marketplace.payments.transfer_states import OPEN, TransferState
from marketplace.platform.dated import one_at_a_time


class CollectorAccount(models.Model):
    """The operator's bank account that receives transfers: dated.

    On a day without one the operator does not collect, and only cash on delivery remains.
    """

    bank_bin = models.CharField(_("bank's number (BIN)"), max_length=6)
    bank_name = models.CharField(_("bank"), max_length=120)
    account_no = models.CharField(_("account number"), max_length=19)
    holder = models.CharField(_("account holder"), max_length=120)
    effective_from = models.DateField(_("from"), unique=True)
    effective_through = models.DateField(_("through"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=200)

    class Meta:
        verbose_name = _("account that receives transfers")
        verbose_name_plural = _("accounts that receive transfers")
        ordering = ["-effective_from"]
        constraints = [
            models.CheckConstraint(
                condition=Q(bank_bin__regex=r"^[0-9]{6}$")
                & Q(account_no__regex=r"^[0-9A-Za-z]{1,19}$"),
                name="payments_collector_fits_a_code",
            ),
            models.CheckConstraint(
                condition=Q(effective_through__isnull=True)
                | Q(effective_through__gte=F("effective_from")),
                name="payments_collector_ends_after_it_begins",
            ),
            one_at_a_time("payments_collector_one_at_a_time"),
        ]

    def __str__(self) -> str:
        return f"{self.bank_name} {self.account_no}"


class Transfer(models.Model):
    """Beside a payment attempt: what the buyer is to write, and where the payment stands.

    What is still due is never kept here: it is what the ledger says the buyer owes.
    """

    attempt = models.OneToOneField(
        "payments.PaymentAttempt", models.PROTECT, primary_key=True, related_name="transfer"
    )
    order = models.ForeignKey("order.Order", models.PROTECT, related_name="transfers")
    collector = models.ForeignKey(CollectorAccount, models.PROTECT, related_name="+")
    #: Written into the purpose: the order's number, and from the second try on which try.
    #: Letters and digits without I, L, O, U; a purpose cut short still names the order.
    reference = models.CharField(_("reference"), max_length=25, unique=True)
    state = models.CharField(
        _("state"), max_length=10, choices=TransferState, default=TransferState.AWAITING
    )
    state_changed_at = models.DateTimeField(_("since"))
    #: How often the buyer has asked for more time.
    extensions = models.PositiveSmallIntegerField(_("more time, times"), default=0)

    class Meta:
        verbose_name = _("transfer")
        verbose_name_plural = _("transfers")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["state", "state_changed_at"], name="payments_transfer_desk")
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(state__in=sorted(state.value for state in OPEN)),
                name="payments_transfer_one_open",
            ),
            models.CheckConstraint(
                condition=Q(state__in=TransferState.values),
                name="payments_transfer_state_is_known",
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class Receipt(models.Model):
    """One amount that came onto the operator's account, as a clerk read it from the bank.

    Without a transfer nobody knows yet whose it is: such money waits on its own list and is
    in no order's ledger. A receipt recorded by mistake is undone, never deleted.
    """

    #: The bank's number of the transaction; the same money is never taken twice.
    bank_id = models.CharField(_("bank's transaction number"), max_length=60)
    amount = models.DecimalField(_("amount"), max_digits=13, decimal_places=0)
    received_at = models.DateTimeField(_("received at"))
    note = models.CharField(_("note"), max_length=300, blank=True)
    transfer = models.ForeignKey(
        Transfer, models.PROTECT, null=True, blank=True, related_name="receipts"
    )
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(_("undone at"), null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["bank_id"],
                condition=Q(undone_at__isnull=True),
                name="payments_receipt_bank_id_once",
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0), name="payments_receipt_amount_positive"
            ),
        ]

    def __str__(self) -> str:
        return self.bank_id
