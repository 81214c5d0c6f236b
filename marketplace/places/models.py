"""Provinces and communes as they were on any day.

Boundaries change (on 1 July 2025 districts ended and communes merged), and an address must
keep what it meant: units are never edited into something else, they end and are replaced.
"""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from marketplace.kernel.fold import fold, sort_key


class Province(models.Model):
    """One of the 34 provinces and centrally run cities since 1 July 2025."""

    class Kind(models.TextChoices):
        PROVINCE = "province", _("Province")
        CITY = "city", _("City")

    class Region(models.TextChoices):
        NORTH = "north", _("North")
        CENTRE = "centre", _("Centre")
        SOUTH = "south", _("South-east")
        MEKONG = "mekong", _("Mekong delta")

    code = models.CharField(_("code"), max_length=2, primary_key=True)
    name = models.CharField(_("name"), max_length=60)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    region = models.CharField(_("region"), max_length=10, choices=Region)
    sort_key = models.CharField(max_length=200, editable=False)
    folded = models.CharField(max_length=60, editable=False)

    class Meta:
        verbose_name = _("province")
        verbose_name_plural = _("provinces")
        ordering = ["sort_key"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: object, **kwargs: object) -> None:
        """Keep the derived columns beside the name."""
        self.sort_key, self.folded = sort_key(self.name), fold(self.name)
        super().save(*args, **kwargs)


class Commune(models.Model):
    """A commune (xã), ward (phường) or special zone (đặc khu), with the days it existed.

    ``code`` is the General Statistics Office's, as Decision 19/2025/QĐ-TTg lists them; a code
    may be used again by a unit with other boundaries, so it is unique only among living units.
    """

    class Kind(models.TextChoices):
        COMMUNE = "commune", _("Commune")
        WARD = "ward", _("Ward")
        TOWNSHIP = "township", _("Township")
        SPECIAL_ZONE = "special_zone", _("Special zone")

    code = models.CharField(_("code"), max_length=5)
    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    province = models.ForeignKey(Province, models.PROTECT, related_name="communes")
    latitude = models.DecimalField(max_digits=6, decimal_places=3, null=True, blank=True)
    longitude = models.DecimalField(max_digits=6, decimal_places=3, null=True, blank=True)
    formed_from = models.TextField(_("formed from"), blank=True)
    valid_from = models.DateField(_("valid from"))
    valid_through = models.DateField(_("valid through"), null=True, blank=True)
    replaced_by = models.ManyToManyField(
        "self", symmetrical=False, related_name="replaces", blank=True
    )
    source = models.CharField(_("source"), max_length=200)
    sort_key = models.CharField(max_length=240, editable=False)
    folded = models.CharField(max_length=80, editable=False, db_index=True)

    class Meta:
        verbose_name = _("commune")
        verbose_name_plural = _("communes")
        ordering = ["sort_key"]
        constraints = [
            models.UniqueConstraint(
                fields=["code"],
                condition=Q(valid_through__isnull=True),
                name="places_commune_code_once_alive",
            ),
            models.CheckConstraint(
                condition=Q(valid_through__isnull=True) | Q(valid_through__gte=F("valid_from")),
                name="places_commune_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return self.full_name

    def save(self, *args: object, **kwargs: object) -> None:
        """Keep the derived columns beside the name."""
        self.sort_key, self.folded = sort_key(self.name), fold(self.name)
        super().save(*args, **kwargs)

    @property
    def full_name(self) -> str:
        """The name with its kind, as written on an envelope: "xã Mỹ Thọ"."""
        return f"{self.KIND_PREFIX[self.kind]} {self.name}"

    #: Administrative kinds are part of a Vietnamese address and stay Vietnamese in English.
    KIND_PREFIX = {
        Kind.COMMUNE: "xã",
        Kind.WARD: "phường",
        Kind.TOWNSHIP: "thị trấn",
        Kind.SPECIAL_ZONE: "đặc khu",
    }
