"""Payments tried, the ledger of who owes whom, and the limits of cash on delivery."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from marketplace.platform.dated import one_at_a_time, same_text


class Method(models.TextChoices):
    """How an order is paid."""

    COD = "cod", _("Cash on delivery")
    VIETQR = "vietqr", _("Bank transfer by VietQR")
    CARD = "card", _("International card")


class MethodTerms(models.Model):
    """Whether a way of paying is offered, and how long it holds what was ordered: dated."""

    method = models.CharField(_("method"), max_length=8, choices=Method)
    effective_from = models.DateField(_("from"))
    effective_through = models.DateField(_("through"), null=True, blank=True)
    is_offered = models.BooleanField(_("is offered"), default=True)
    #: Minutes from placing until an unpaid order is cancelled; empty: paid at the door.
    hold_minutes = models.PositiveIntegerField(_("holds for, in minutes"), null=True, blank=True)
    #: How often a buyer may ask for more time, and how much each time adds.
    extensions_max = models.PositiveSmallIntegerField(_("more time, times at most"), default=0)
    extension_minutes = models.PositiveIntegerField(_("more time, in minutes"), default=0)
    #: How many orders of one phone number may wait unpaid at once, each holding its goods; with
    #: more than one, together for at most this amount. Empty: no limit.
    unpaid_orders_max = models.PositiveSmallIntegerField(
        _("unpaid orders of one phone at most"), null=True, blank=True
    )
    unpaid_amount_max = models.DecimalField(
        _("unpaid orders of one phone, amount at most"),
        max_digits=12, decimal_places=0, null=True, blank=True,
    )
    source = models.CharField(_("source"), max_length=200)

    class Meta:
        verbose_name = _("terms of a way of paying")
        verbose_name_plural = _("terms of the ways of paying")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["method", "effective_from"], name="payments_methodterms_once"
            ),
            models.CheckConstraint(
                condition=Q(method=Method.COD.value) | Q(hold_minutes__isnull=False),
                name="payments_methodterms_prepaid_holds_end",
            ),
            one_at_a_time("payments_methodterms_one_at_a_time", same_text("method")),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.effective_from:%Y-%m-%d}"


class PaymentAttempt(models.Model):
    """One try to get one order paid in one way; a second try is a second row."""

    class State(models.TextChoices):
        #: Cash on delivery: to be collected at the door. Others: waiting for the buyer.
        PENDING = "pending", _("Expected")
        PAID = "paid", _("Paid")
        VOID = "void", _("No longer expected")

    order = models.ForeignKey("order.Order", models.PROTECT, related_name="payment_attempts")
    method = models.CharField(_("method"), max_length=8, choices=Method)
    attempt_no = models.PositiveSmallIntegerField(_("attempt"), default=1)
    #: Whole đồng.
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=0)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.PENDING)
    #: ``order:attempt``; given to providers, so that a repeated request charges once.
    idempotency_key = models.CharField(max_length=160, unique=True)
    created_at = models.DateTimeField(_("created at"))
    state_changed_at = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("payment attempt")
        verbose_name_plural = _("payment attempts")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["order", "attempt_no"], name="payments_attempt_numbered_once"
            ),
            models.CheckConstraint(
                condition=Q(amount__gte=0), name="payments_attempt_amount_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return self.idempotency_key


class Account(models.TextChoices):
    """The ledger's accounts. A positive amount is owed to us or held by us, a negative owed."""

    BUYER_RECEIVABLE = "buyer_receivable", _("Owed by buyers")
    CARRIER_CASH = "carrier_cash", _("Cash with carriers")
    OPERATOR_BANK = "operator_bank", _("Operator's bank account")
    CARD_PROVIDER = "card_provider", _("With the card provider")
    PRODUCER_PAYABLE = "producer_payable", _("Owed to producers")
    PLATFORM_FEE = "platform_fee", _("Platform fees")
    DELIVERY = "delivery", _("Delivery fees")
    VOUCHER_FUNDING = "voucher_funding", _("Funding of vouchers")
    REFUND_OWED = "refund_owed", _("Refunds owed to buyers")


class LedgerTransaction(models.Model):
    """One event of money. Its rows sum to zero; the database checks at the commit.

    Neither it nor its rows are ever changed: what was wrong is reversed by another.
    """

    order = models.ForeignKey("order.Order", models.PROTECT, related_name="ledger")
    kind = models.CharField(_("kind"), max_length=30)
    #: Names the event, so that the same event posts once.
    dedupe_key = models.CharField(max_length=200, unique=True)
    occurred_at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("ledger transaction")
        verbose_name_plural = _("ledger transactions")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.dedupe_key


class LedgerRow(models.Model):
    """One amount on one account, in whole đồng: positive debit, negative credit."""

    transaction = models.ForeignKey(LedgerTransaction, models.PROTECT, related_name="rows")
    account = models.CharField(_("account"), max_length=20, choices=Account)
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=0)
    producer = models.ForeignKey(
        "producers.Producer", models.PROTECT, null=True, blank=True, related_name="ledger_rows"
    )
    consignment = models.ForeignKey(
        "orders.Consignment", models.PROTECT, null=True, blank=True, related_name="ledger_rows"
    )

    class Meta:
        verbose_name = _("ledger row")
        verbose_name_plural = _("ledger rows")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(amount=0), name="payments_ledgerrow_not_zero"),
            models.CheckConstraint(
                condition=Q(account__in=[account.value for account in Account]),
                name="payments_ledgerrow_account_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(account=Account.PRODUCER_PAYABLE.value)
                | Q(producer__isnull=False),
                name="payments_ledgerrow_payable_names_producer",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.amount}"


class CodLimits(models.Model):
    """How far cash on delivery is trusted, per phone number: dated data.

    Beyond a limit the office calls first; beyond a refusal limit another way of paying is
    asked for. An empty refusal limit refuses nobody.
    """

    effective_from = models.DateField(_("from"), unique=True)
    effective_through = models.DateField(_("through"), null=True, blank=True)
    order_amount_max = models.DecimalField(
        _("one order at most"), max_digits=12, decimal_places=0
    )
    #: A number is new until something was delivered to it.
    new_phone_amount_max = models.DecimalField(
        _("first order of a number at most"), max_digits=12, decimal_places=0
    )
    open_orders_max = models.PositiveSmallIntegerField(_("open orders at most"))
    open_amount_max = models.DecimalField(
        _("open amount at most"), max_digits=12, decimal_places=0, null=True, blank=True
    )
    #: Consignments refused at the door within ``refusal_window_days``.
    refusals_max = models.PositiveSmallIntegerField(_("refusals at the door at most"))
    refusal_window_days = models.PositiveSmallIntegerField(_("days that refusals count"))
    refuse_order_amount_above = models.DecimalField(
        _("refuse one order above"), max_digits=12, decimal_places=0, null=True, blank=True
    )
    refuse_open_orders_above = models.PositiveSmallIntegerField(
        _("refuse above so many open orders"), null=True, blank=True
    )
    refuse_refusals_above = models.PositiveSmallIntegerField(
        _("refuse above so many refusals at the door"), null=True, blank=True
    )
    source = models.CharField(_("source"), max_length=200)

    class Meta:
        verbose_name = _("limits of cash on delivery")
        verbose_name_plural = _("limits of cash on delivery")
        ordering = ["-effective_from"]
        constraints = [one_at_a_time("payments_codlimits_one_at_a_time")]

    def __str__(self) -> str:
        return f"{self.effective_from:%Y-%m-%d}"


class CallTask(models.Model):
    """An order beyond the limits: the office calls the buyer before any producer starts."""

    class Outcome(models.TextChoices):
        OPEN = "open", _("To call")
        CONFIRMED = "confirmed", _("Confirmed by the buyer")
        REJECTED = "rejected", _("Not confirmed")

    order = models.OneToOneField("order.Order", models.CASCADE, related_name="call_task")
    #: Which limits were passed, as codes of ``payments.cod.Limit``.
    reasons = models.JSONField(_("reasons"), default=list)
    outcome = models.CharField(
        _("outcome"), max_length=10, choices=Outcome, default=Outcome.OPEN
    )
    created_at = models.DateTimeField(_("created at"))
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    note = models.CharField(_("note"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("call before sending")
        verbose_name_plural = _("calls before sending")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.outcome}"
