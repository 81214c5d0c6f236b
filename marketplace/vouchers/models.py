"""The terms beside Oscar's voucher set, and the uses of its codes."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class VoucherTerms(models.Model):
    """What the codes of one Oscar ``VoucherSet`` take off an order, for whom, how often.

    Oscar's set holds the name and the days; Oscar's ``Voucher`` is one code of it, and its
    ``num_orders`` counts the uses of that code. Amounts are whole đồng, VAT included. Nothing
    but name, end and limits of use may change after the first use (``actions.change``).
    """

    class Kind(models.TextChoices):
        PERCENT = "percent", _("Per cent off the goods")
        AMOUNT = "amount", _("A fixed amount off the goods")
        DELIVERY = "delivery", _("Free delivery")

    class Funder(models.TextChoices):
        PLATFORM = "platform", _("The marketplace")
        PRODUCER = "producer", _("The producer")

    class State(models.TextChoices):
        """Told from the row and the moment, never stored."""

        LIVE = "live", _("In force")
        NOT_BEGUN = "not_begun", _("Not begun")
        ENDED = "ended", _("Ended")
        USED_UP = "used_up", _("Used up")
        STOPPED = "stopped", _("Stopped")

    voucher_set = models.OneToOneField(
        "voucher.VoucherSet", models.PROTECT, primary_key=True, related_name="terms"
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    percent = models.DecimalField(
        _("per cent"), max_digits=5, decimal_places=2, null=True, blank=True
    )
    amount_incl_tax = models.DecimalField(
        _("amount"), max_digits=12, decimal_places=0, null=True, blank=True
    )
    #: The most that one order gets; empty: no cap.
    cap_incl_tax = models.DecimalField(
        _("at most, for one order"), max_digits=12, decimal_places=0, null=True, blank=True
    )
    #: Of the goods that the voucher counts for, before it.
    minimum_incl_tax = models.DecimalField(
        _("goods from"), max_digits=12, decimal_places=0, default=0
    )
    funder = models.CharField(_("paid by"), max_length=8, choices=Funder)
    #: Whose goods alone it counts for; needed when the producer pays for it.
    producer = models.ForeignKey(
        "producers.Producer",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="voucher_terms",
        verbose_name=_("only goods of"),
    )
    #: With any of either chosen, it counts for these alone.
    listings = models.ManyToManyField("catalogue.Product", blank=True, related_name="+")
    categories = models.ManyToManyField("catalogue.Category", blank=True, related_name="+")
    #: Many codes, each good for one order.
    is_batch = models.BooleanField(_("codes for one use each"), default=False)
    #: All its codes together; empty: as often as people like.
    uses_max = models.PositiveIntegerField(_("uses at most"), null=True, blank=True)
    #: Orders of one phone number; empty: no limit.
    uses_per_phone = models.PositiveSmallIntegerField(
        _("uses per phone number at most"), null=True, blank=True, default=1
    )
    #: Uses that stand: taken at placing, given back when nothing of the order is sent.
    uses = models.PositiveIntegerField(_("used"), default=0)
    stopped_at = models.DateTimeField(_("stopped at"), null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("voucher")
        verbose_name_plural = _("vouchers")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(kind="percent", percent__gt=0, percent__lte=100, amount_incl_tax=None)
                    | Q(kind="amount", amount_incl_tax__gt=0, percent=None, cap_incl_tax=None)
                    | Q(kind="delivery", amount_incl_tax=None, percent=None)
                ),
                name="vouchers_terms_say_what_is_taken_off",
            ),
            models.CheckConstraint(
                condition=Q(cap_incl_tax=None) | Q(cap_incl_tax__gt=0),
                name="vouchers_terms_cap_positive",
            ),
            models.CheckConstraint(
                condition=Q(minimum_incl_tax__gte=0), name="vouchers_terms_minimum_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(funder="platform") | Q(funder="producer", producer__isnull=False),
                name="vouchers_terms_funder_is_named",
            ),
            # A second lock on the door: the first is the conditional update that takes a use.
            models.CheckConstraint(
                condition=Q(uses_max=None) | Q(uses__lte=F("uses_max")),
                name="vouchers_terms_uses_within_limit",
            ),
        ]

    def __str__(self) -> str:
        return self.voucher_set.name

    @property
    def begins_at(self) -> datetime:
        """The first moment at which its codes count."""
        return self.voucher_set.start_datetime

    @property
    def ends_at(self) -> datetime:
        """The last moment at which its codes count."""
        return self.voucher_set.end_datetime

    @property
    def is_for_delivery(self) -> bool:
        """Whether it takes something off the delivery fee, and nothing off the goods."""
        return self.kind == self.Kind.DELIVERY

    @property
    def is_own(self) -> bool:
        """Whether the producer pays for it, not the marketplace."""
        return self.funder == self.Funder.PRODUCER

    def state(self, now: datetime) -> State:
        """Where it stands; what ends it for good goes first."""
        if self.stopped_at is not None:
            return self.State.STOPPED
        if now > self.ends_at:
            return self.State.ENDED
        if self.uses_max is not None and self.uses >= self.uses_max:
            return self.State.USED_UP
        if now < self.begins_at:
            return self.State.NOT_BEGUN
        return self.State.LIVE


class VoucherUse(models.Model):
    """That one order used one code, and what it took off when the order was placed.

    What it takes off later (goods missing, parcels cancelled) stands with the consignments.
    """

    order = models.OneToOneField(
        "order.Order", models.PROTECT, primary_key=True, related_name="voucher_use"
    )
    voucher = models.ForeignKey("voucher.Voucher", models.PROTECT, related_name="uses")
    terms = models.ForeignKey(VoucherTerms, models.PROTECT, related_name="orders")
    goods_incl_tax = models.DecimalField(_("off the goods"), max_digits=12, decimal_places=0)
    delivery_incl_tax = models.DecimalField(_("off the delivery"), max_digits=12, decimal_places=0)
    taken_at = models.DateTimeField(_("at"))
    #: Nothing of the order was sent, so the use counts no more.
    given_back_at = models.DateTimeField(_("given back at"), null=True, blank=True)

    class Meta:
        verbose_name = _("use of a voucher")
        verbose_name_plural = _("uses of vouchers")
        ordering = ["-taken_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(goods_incl_tax__gte=0, delivery_incl_tax__gte=0),
                name="vouchers_use_amounts_not_negative",
            )
        ]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.voucher_id}"

    @property
    def total_incl_tax(self) -> Decimal:
        """Taken off at placing."""
        return self.goods_incl_tax + self.delivery_incl_tax
