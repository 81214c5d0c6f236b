"""What sending a consignment costs, how long it takes and where it cannot go: dated rows.

A new price list is new rows with a later first day; the old ones end the day before, so an
old order can always be explained.
"""

from datetime import date

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from catalogue.models import ShippingClass
from marketplace.platform.dated import (
    days_overlap,
    in_force,
    one_at_a_time,
    same_number,
    same_text,
)

#: From the least to the most demanding: a mixed consignment travels as its most demanding good.
STRICTNESS = (
    ShippingClass.AMBIENT,
    ShippingClass.FRAGILE,
    ShippingClass.FRESH,
    ShippingClass.CHILLED,
    ShippingClass.LIVE_PLANT,
)


class Dated(models.Model):
    """A row that holds between two days, both inclusive; without the second, until replaced."""

    effective_from = models.DateField(_("from"))
    effective_through = models.DateField(_("through"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=200)

    class Meta:
        abstract = True


class DatedQuerySet(models.QuerySet):
    """Rows judged by a day."""

    def in_force(self, on: date) -> "DatedQuerySet":
        """Rows that hold on the day ``on``."""
        return self.filter(in_force(on))


class Zone(models.Model):
    """A part of the country to which sending costs the same."""

    code = models.SlugField(_("code"), max_length=20, unique=True)
    name_vi = models.CharField(_("name (Vietnamese)"), max_length=80)
    name_en = models.CharField(_("name (English)"), max_length=80)

    class Meta:
        verbose_name = _("delivery zone")
        verbose_name_plural = _("delivery zones")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name in the reader's language."""
        return self.name_en if (get_language() or "vi").startswith("en") else self.name_vi


class ZoneMember(Dated):
    """A province, or one commune of it, that belongs to a zone.

    A commune's own row wins over its province's: the special zones (đặc khu) are islands,
    whatever their province is.
    """

    zone = models.ForeignKey(Zone, models.CASCADE, related_name="members")
    province = models.ForeignKey(
        "places.Province", models.PROTECT, null=True, blank=True, related_name="+"
    )
    commune = models.ForeignKey(
        "places.Commune", models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("place in a delivery zone")
        verbose_name_plural = _("places in delivery zones")
        constraints = [
            models.CheckConstraint(
                condition=Q(province__isnull=False, commune__isnull=True)
                | Q(province__isnull=True, commune__isnull=False),
                name="delivery_zonemember_province_or_commune",
            ),
            models.UniqueConstraint(
                fields=["province"],
                condition=Q(province__isnull=False, effective_through__isnull=True),
                name="delivery_zonemember_province_once",
            ),
            models.UniqueConstraint(
                fields=["commune"],
                condition=Q(commune__isnull=False, effective_through__isnull=True),
                name="delivery_zonemember_commune_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.province or self.commune} → {self.zone}"


class Rate(Dated):
    """The fee and the days of one weight band of one delivery class to one zone."""

    zone = models.ForeignKey(Zone, models.CASCADE, related_name="rates")
    shipping_class = models.CharField(_("delivery class"), max_length=10, choices=ShippingClass)
    #: Both ends of the band belong to it, in grams with packing.
    weight_from_g = models.PositiveIntegerField(_("weight from, in grams"))
    weight_through_g = models.PositiveIntegerField(_("weight through, in grams"))
    #: Whole đồng, VAT included.
    fee_incl_tax = models.DecimalField(_("fee"), max_digits=12, decimal_places=0)
    #: Working days between handing over and arrival.
    transit_days_min = models.PositiveSmallIntegerField(_("transit days, at least"))
    transit_days_max = models.PositiveSmallIntegerField(_("transit days, at most"))

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery rate")
        verbose_name_plural = _("delivery rates")
        ordering = ["zone", "shipping_class", "weight_from_g"]
        constraints = [
            models.CheckConstraint(
                condition=Q(weight_through_g__gte=F("weight_from_g")),
                name="delivery_rate_band_is_not_empty",
            ),
            models.CheckConstraint(
                condition=Q(transit_days_max__gte=F("transit_days_min")),
                name="delivery_rate_days_in_order",
            ),
            models.CheckConstraint(
                condition=Q(fee_incl_tax__gte=0), name="delivery_rate_fee_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(shipping_class__in=[c.value for c in STRICTNESS]),
                name="delivery_rate_of_a_class_that_travels",
            ),
            # One constraint for each class: text has no range, and btree_gist is missing.
            *(
                ExclusionConstraint(
                    name=f"delivery_rate_one_fee_{shipping_class.value}",
                    expressions=[
                        same_number("zone"),
                        (
                            Func(
                                F("weight_from_g"), F("weight_through_g"), Value("[]"),
                                function="int4range",
                            ),
                            RangeOperators.OVERLAPS,
                        ),
                        days_overlap(),
                    ],
                    condition=Q(shipping_class=shipping_class.value),
                )
                for shipping_class in STRICTNESS
            ),
        ]

    def __str__(self) -> str:
        return f"{self.zone} · {self.shipping_class} · {self.weight_through_g} g"


class NotOffered(Dated):
    """A delivery class that is not sent to a zone, and the reason that the buyer reads."""

    zone = models.ForeignKey(
        Zone, models.CASCADE, related_name="not_offered", verbose_name=_("delivery zone")
    )
    shipping_class = models.CharField(_("delivery class"), max_length=10, choices=ShippingClass)
    reason_vi = models.CharField(_("reason (Vietnamese)"), max_length=200)
    reason_en = models.CharField(_("reason (English)"), max_length=200)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery not offered")
        verbose_name_plural = _("deliveries not offered")
        constraints = [
            one_at_a_time(
                "delivery_notoffered_one_at_a_time",
                same_number("zone"), same_text("shipping_class"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.shipping_class} → {self.zone}"


class FreeThreshold(Dated):
    """From this amount of goods on, a producer sends for nothing."""

    producer = models.ForeignKey(
        "producers.Producer", models.CASCADE, related_name="free_thresholds",
        verbose_name=_("producer"),
    )
    #: Whole đồng of one consignment's goods, VAT included, after discounts.
    amount_incl_tax = models.DecimalField(_("goods from"), max_digits=12, decimal_places=0)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("free delivery threshold")
        verbose_name_plural = _("free delivery thresholds")
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_incl_tax__gt=0), name="delivery_freethreshold_positive"
            ),
            one_at_a_time("delivery_freethreshold_one_at_a_time", same_number("producer")),
        ]

    def __str__(self) -> str:
        return f"{self.producer}: {self.amount_incl_tax}"


class WorkingDayException(models.Model):
    """A day on which the calendar is wrong: a holiday given late, or a Saturday worked."""

    day = models.DateField(_("day"), unique=True)
    is_working = models.BooleanField(_("is a working day"), default=False)
    name = models.CharField(_("name"), max_length=120)
    source = models.CharField(_("source"), max_length=200)

    class Meta:
        verbose_name = _("exception to the working days")
        verbose_name_plural = _("exceptions to the working days")
        ordering = ["day"]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d} {self.name}"
