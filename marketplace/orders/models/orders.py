"""What stands beside Oscar's order: where it goes, and one consignment for each producer."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from catalogue.models import ShippingClass
from marketplace.orders.states import CANCELLABLE_BY_BUYER, ENDED, ActorKind, State
from marketplace.platform.dated import one_at_a_time, same_text

_E164 = r"^\+[1-9][0-9]{7,14}$"
_STATES = [state.value for state in State]


class OrderDetails(models.Model):
    """Beside an order: its buyer's language, phone and address as they were given.

    The address keeps what it meant on that day: the commune row it points to is never edited
    into another (see ``places``). ``secret`` is the part of the tracking link that nobody can
    guess; whoever knows it may follow and cancel the order.
    """

    order = models.OneToOneField(
        "order.Order", models.CASCADE, primary_key=True, related_name="details"
    )
    secret = models.CharField(max_length=43, unique=True, editable=False)
    #: Chosen by the form before it is sent, so that sending it twice is known for once.
    idempotency_key = models.CharField(max_length=64, unique=True, editable=False)
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES)
    recipient = models.CharField(_("recipient"), max_length=120)
    phone = models.CharField(_("phone"), max_length=16)
    email = models.EmailField(_("email address"), blank=True)
    #: Empty together, when nothing has to be delivered.
    province = models.ForeignKey(
        "places.Province", models.PROTECT, null=True, blank=True, related_name="+"
    )
    commune = models.ForeignKey(
        "places.Commune", models.PROTECT, null=True, blank=True, related_name="+"
    )
    street = models.CharField(_("street or hamlet"), max_length=200, blank=True)
    note = models.CharField(_("note for the carrier"), max_length=500, blank=True)
    gift_text = models.CharField(_("gift text"), max_length=500, blank=True)
    hide_prices = models.BooleanField(_("delivery note without prices"), default=False)
    age_confirmed = models.BooleanField(_("age confirmed"), default=False)
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True, blank=True)

    class Meta:
        verbose_name = _("order details")
        verbose_name_plural = _("order details")
        indexes = [models.Index(fields=["phone"], name="orders_details_phone")]
        constraints = [
            models.CheckConstraint(
                condition=Q(phone__regex=_E164), name="orders_details_phone_is_e164"
            ),
            models.CheckConstraint(
                condition=Q(province__isnull=True, commune__isnull=True)
                | Q(province__isnull=False, commune__isnull=False),
                name="orders_details_whole_address_or_none",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recipient}, {self.phone}"

    @property
    def address_lines(self) -> list[str]:
        """The address as written on a parcel, without the recipient."""
        if self.commune is None:
            return []
        return [
            part for part in (self.street, self.commune.full_name, self.province.name) if part
        ]


class ConsignmentQuerySet(models.QuerySet):
    """Consignments by who may see them."""

    def visible_to(self, user: object) -> "ConsignmentQuerySet":
        """Staff with the permission see all; a producer's team its own, once released.

        A consignment is released when it is paid or needs no payment beforehand; until then
        there is nothing for a producer to do. Everybody else sees none.
        """
        if not getattr(user, "is_authenticated", False) or not user.is_active:
            return self.none()
        if user.has_perm("orders.view_consignment"):
            return self
        return self.filter(producer__memberships__user=user, released_at__isnull=False)


class Consignment(models.Model):
    """One producer's part of one order: what is packed, sent, paid out and followed as one.

    Amounts are whole đồng, VAT included, as promised at placing; they never change after. What
    could not be sent is counted in ``reduced_incl_tax``.
    """

    order = models.ForeignKey("order.Order", models.PROTECT, related_name="consignments")
    producer = models.ForeignKey(
        "producers.Producer", models.PROTECT, related_name="consignments"
    )
    #: The order's number and the consignment's place in it: DT7K2M9QXA-2.
    number = models.CharField(_("number"), max_length=40, unique=True)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.NEW)
    state_changed_at = models.DateTimeField(_("since"))
    #: From when on the producer sees it; empty while a payment or a call is awaited.
    released_at = models.DateTimeField(_("released at"), null=True, blank=True)
    needs_delivery = models.BooleanField(_("is sent"), default=True)
    shipping_class = models.CharField(_("delivery class"), max_length=10, choices=ShippingClass)
    weight_g = models.PositiveIntegerField(_("weight in grams"))
    goods_incl_tax = models.DecimalField(_("goods"), max_digits=12, decimal_places=0)
    #: What vouchers and offers took off the goods; ``goods_incl_tax`` is what is left.
    discount_incl_tax = models.DecimalField(
        _("discount"), max_digits=12, decimal_places=0, default=0
    )
    #: Of the discount, what the producer itself gives; the rest is the marketplace's.
    own_discount_incl_tax = models.DecimalField(
        _("discount by the producer"), max_digits=12, decimal_places=0, default=0
    )
    #: Of the discount, what lapsed with lines that were dropped.
    lapsed_discount_incl_tax = models.DecimalField(
        _("lapsed discount"), max_digits=12, decimal_places=0, default=0
    )
    #: What the buyer pays for delivery, after vouchers.
    fee_incl_tax = models.DecimalField(_("delivery fee"), max_digits=12, decimal_places=0)
    fee_discount_incl_tax = models.DecimalField(
        _("off the delivery fee"), max_digits=12, decimal_places=0, default=0
    )
    own_fee_discount_incl_tax = models.DecimalField(
        _("off the delivery fee, by the producer"), max_digits=12, decimal_places=0, default=0
    )
    #: What the buyer pays less since lines were dropped, replacements set off.
    reduced_incl_tax = models.DecimalField(
        _("taken off for what is missing"), max_digits=12, decimal_places=0, default=0
    )
    #: As promised at placing, or later when the buyer agreed to wait.
    handover_on = models.DateField(_("hand over by"), null=True, blank=True)
    promise_on = models.DateField(_("promised for"), null=True, blank=True)

    objects = ConsignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("consignment")
        verbose_name_plural = _("consignments")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["producer", "state", "-id"], name="orders_consignment_desk"),
            # What the clock looks for; the rest has ended.
            models.Index(
                fields=["state", "state_changed_at"],
                name="orders_consignment_clock",
                condition=~Q(state__in=sorted(state.value for state in ENDED)),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["order", "producer"], name="orders_consignment_one_per_producer"
            ),
            models.CheckConstraint(
                condition=Q(state__in=_STATES), name="orders_consignment_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(goods_incl_tax__gte=0, fee_incl_tax__gte=0, discount_incl_tax__gte=0),
                name="orders_consignment_amounts_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(own_discount_incl_tax__gte=0, lapsed_discount_incl_tax__gte=0)
                & Q(own_discount_incl_tax__lte=F("discount_incl_tax"))
                & Q(lapsed_discount_incl_tax__lte=F("discount_incl_tax"))
                & Q(own_fee_discount_incl_tax__gte=0)
                & Q(own_fee_discount_incl_tax__lte=F("fee_discount_incl_tax")),
                name="orders_consignment_parts_within_discounts",
            ),
            models.CheckConstraint(
                condition=Q(reduced_incl_tax__gte=0)
                & Q(reduced_incl_tax__lte=F("goods_incl_tax")),
                name="orders_consignment_reduced_within_goods",
            ),
            models.CheckConstraint(
                condition=Q(needs_delivery=False, fee_incl_tax=0, promise_on__isnull=True)
                | Q(needs_delivery=True, promise_on__isnull=False),
                name="orders_consignment_promise_iff_sent",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def total_incl_tax(self) -> object:
        """What the buyer pays for this consignment now, delivery included."""
        return self.goods_left_incl_tax + self.fee_incl_tax

    @property
    def goods_left_incl_tax(self) -> object:
        """The goods without what could not be sent."""
        return self.goods_incl_tax - self.reduced_incl_tax

    @property
    def discount_left_incl_tax(self) -> object:
        """What is off the goods that go."""
        return self.discount_incl_tax - self.lapsed_discount_incl_tax

    @property
    def is_cancellable_by_buyer(self) -> bool:
        """Whether its buyer may still cancel it: nothing has been packed yet."""
        return self.state in CANCELLABLE_BY_BUYER


class ConsignmentLine(models.Model):
    """One order line in its consignment, with the scarce thing that was taken for it."""

    consignment = models.ForeignKey(Consignment, models.PROTECT, related_name="lines")
    line = models.OneToOneField(
        "order.Line", models.PROTECT, related_name="consignment_line"
    )
    #: Which kind of thing was taken (see ``orders.kinds``).
    kind = models.CharField(_("kind"), max_length=20)
    #: Empty when the kind takes nothing from a stock record.
    stockrecord = models.ForeignKey(
        "partner.StockRecord", models.PROTECT, null=True, blank=True, related_name="+"
    )
    #: As ordered; ``quantity_left`` of it goes.
    quantity = models.PositiveIntegerField(_("quantity"))
    dropped = models.PositiveIntegerField(_("of these not sent"), default=0)
    #: What was taken off the line's price for them, after discounts, in whole đồng.
    dropped_incl_tax = models.DecimalField(
        _("taken off"), max_digits=12, decimal_places=0, default=0
    )
    #: The line whose missing goods this one stands for; empty for what was ordered.
    replaces = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="replacements"
    )
    shipping_class = models.CharField(_("delivery class"), max_length=10, choices=ShippingClass)

    class Meta:
        verbose_name = _("consignment line")
        verbose_name_plural = _("consignment lines")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity__gt=0), name="orders_consignmentline_quantity_positive"
            ),
            models.CheckConstraint(
                condition=Q(dropped__lte=F("quantity")) & Q(dropped_incl_tax__gte=0),
                name="orders_consignmentline_dropped_within_ordered",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.consignment_id}: {self.line_id}"

    @property
    def quantity_left(self) -> int:
        """How many go, or went."""
        return self.quantity - self.dropped

    @property
    def price_left_incl_tax(self) -> object:
        """What the buyer pays for them."""
        return self.line.line_price_incl_tax - self.dropped_incl_tax

    @property
    def discount_left_incl_tax(self) -> object:
        """What vouchers and offers take off them."""
        before = self.line.line_price_before_discounts_incl_tax
        if before == self.line.line_price_incl_tax:
            return before - before
        # Before discounts a line costs so many times its whole unit price.
        return before / self.quantity * self.quantity_left - self.price_left_incl_tax


class ConsignmentEvent(models.Model):
    """One move of a consignment. The database refuses to change or delete it."""

    consignment = models.ForeignKey(Consignment, models.PROTECT, related_name="events")
    #: Empty for the first: the order was placed.
    from_state = models.CharField(_("from"), max_length=12, blank=True)
    to_state = models.CharField(_("to"), max_length=12, choices=State)
    at = models.DateTimeField(_("at"))
    actor_kind = models.CharField(
        _("by"), max_length=20, choices=[(kind.value, kind.value) for kind in ActorKind]
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    #: For goods that came back: whether they went on sale again.
    put_back = models.BooleanField(null=True, blank=True)

    class Meta:
        verbose_name = _("consignment event")
        verbose_name_plural = _("consignment events")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.from_state}→{self.to_state}"


class Reservation(models.Model):
    """How long an order holds what it took while nobody has paid for it.

    Without an end for cash on delivery: the buyer pays at the door.
    """

    order = models.OneToOneField(
        "order.Order", models.CASCADE, primary_key=True, related_name="reservation"
    )
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)
    #: The buyer says it is paid: the clock stands until a clerk has looked.
    paused_at = models.DateTimeField(_("paused at"), null=True, blank=True)
    #: When nothing was held any more: paid, cancelled or expired.
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    class Meta:
        verbose_name = _("reservation")
        verbose_name_plural = _("reservations")
        indexes = [
            models.Index(
                fields=["ends_at"],
                name="orders_reservation_clock",
                condition=Q(ended_at__isnull=True, ends_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.order_id} … {self.ends_at}"


class ConsentText(models.Model):
    """One version of a text that buyers agree to. A changed text is a new version.

    Source: 91/2025/QH15 (personal data), 19/2023/QH15 (consumers): consent is given to a text,
    so the text must stay.
    """

    class Purpose(models.TextChoices):
        TERMS = "terms", _("Terms of sale")
        PRIVACY = "privacy", _("Use of personal data for the order")
        MARKETING = "marketing", _("News and offers")

    purpose = models.CharField(_("purpose"), max_length=12, choices=Purpose)
    version = models.CharField(_("version"), max_length=20)
    text_vi = models.TextField(_("text (Vietnamese)"))
    text_en = models.TextField(_("text (English)"))
    is_required = models.BooleanField(_("needed for an order"), default=False)
    effective_from = models.DateField(_("from"))
    effective_through = models.DateField(_("through"), null=True, blank=True)

    class Meta:
        verbose_name = _("consent text")
        verbose_name_plural = _("consent texts")
        ordering = ["-is_required", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["purpose", "version"], name="orders_consenttext_version_once"
            ),
            one_at_a_time("orders_consenttext_one_at_a_time", same_text("purpose")),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.version}"

    @property
    def text(self) -> str:
        """The text in the reader's language."""
        return self.text_en if (get_language() or "vi").startswith("en") else self.text_vi


class ConsentRecord(models.Model):
    """That the buyer of one order agreed to one text. The database refuses to change it."""

    order = models.ForeignKey("order.Order", models.PROTECT, related_name="consents")
    text = models.ForeignKey(ConsentText, models.PROTECT, related_name="records")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    given_at = models.DateTimeField(_("given at"))

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        constraints = [
            models.UniqueConstraint(
                fields=["order", "text"], name="orders_consentrecord_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.text_id}"
