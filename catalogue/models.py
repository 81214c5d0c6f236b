"""Fork of Oscar's catalogue: what a certified rural product needs to be sold honestly.

Own classes stand before the star import, which then leaves them alone.
"""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Func, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from oscar.apps.catalogue.abstract_models import (
    AbstractCategory,
    AbstractProduct,
    AbstractProductClass,
    AbstractProductImage,
)

from catalogue.states import ListingState
from marketplace.kernel.fold import slugify
from marketplace.platform.dated import one_at_a_time, same_number, same_text


class ShippingClass(models.TextChoices):
    """How a thing must travel; rates and reach hang on it."""

    AMBIENT = "ambient", _("Ordinary parcel")
    FRESH = "fresh", _("Fresh, quick delivery")
    CHILLED = "chilled", _("Chilled")
    FRAGILE = "fragile", _("Fragile")
    LIVE_PLANT = "live_plant", _("Live plant")
    NONE = "none", _("Nothing to deliver")


class Allergen(models.TextChoices):
    """What to declare: Codex CXS 1-1985's allergens, and two that the province's goods add."""

    CRUSTACEAN = "crustacean", _("crustaceans")
    FISH = "fish", _("fish")
    MOLLUSC = "mollusc", _("molluscs")
    EGG = "egg", _("egg")
    MILK = "milk", _("milk")
    SOY = "soy", _("soy")
    PEANUT = "peanut", _("peanut")
    NUTS = "nuts", _("tree nuts")
    SESAME = "sesame", _("sesame")
    GLUTEN = "gluten", _("gluten")
    SULPHITES = "sulphites", _("sulphites")
    COCONUT = "coconut", _("coconut")
    BIRDSNEST = "birdsnest", _("bird's nest")


class ProductClass(AbstractProductClass):
    """A product type: one of the 26 product sets of Decision 26/2026/QĐ-TTg, appendix I."""

    class Group(models.TextChoices):
        FOOD = "food", _("Food")
        DRINK = "drink", _("Drinks")
        MEDICINAL = "medicinal", _("Medicinal herbs and their products")
        CRAFT = "craft", _("Crafts")
        ORNAMENTAL = "ornamental", _("Ornamental plants and animals")
        TOURISM = "tourism", _("Rural tourism services")

    set_number = models.PositiveSmallIntegerField(
        _("OCOP product set"), unique=True, null=True, blank=True
    )
    group = models.CharField(_("OCOP group"), max_length=12, choices=Group, blank=True)
    #: Years; the law forbids selling alcohol to anybody younger than 18.
    minimum_age = models.PositiveSmallIntegerField(_("minimum age"), default=0)
    #: Whether it must be paid before anybody begins: never in cash at the door.
    paid_ahead = models.BooleanField(_("must be paid ahead"), default=False)

    class Meta(AbstractProductClass.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(set_number__isnull=True) | Q(set_number__range=(1, 26)),
                name="catalogue_productclass_set_of_26",
            )
        ]


class ListingRequirement(models.Model):
    """A field without which a listing of one product type may not be published, and since when.

    Label law changes (Decrees 43/2017, 111/2021, 37/2026): new duties are new rows.
    """

    product_class = models.ForeignKey(
        ProductClass, models.CASCADE, related_name="requirements",
        verbose_name=_("OCOP product set"),
    )
    field = models.CharField(_("field"), max_length=40)
    effective_from = models.DateField(_("from"))
    effective_through = models.DateField(_("through"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=200)

    class Meta:
        verbose_name = _("required listing field")
        verbose_name_plural = _("required listing fields")
        constraints = [
            models.UniqueConstraint(
                fields=["product_class", "field", "effective_from"],
                name="catalogue_listingrequirement_once",
            ),
            one_at_a_time(
                "catalogue_listingrequirement_one_at_a_time",
                same_number("product_class"), same_text("field"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product_class}: {self.field}"


class Category(AbstractCategory):
    """A shelf of the shop."""

    picture = models.ForeignKey(
        "media.LibraryImage", models.PROTECT, null=True, blank=True, related_name="+"
    )

    def generate_slug(self) -> str:
        """Slugs come from the Vietnamese name, with đ as d."""
        return slugify(self.name_vi or self.name)

    def get_absolute_url(self) -> str:
        """The shelf's one address in the reader's language."""
        return reverse("shop:category", kwargs={"path": self.full_slug})


class Product(AbstractProduct):
    """A listing (stand-alone or parent) or one of its sellable units (child).

    The label information belongs to the listing; net quantity, GTIN and stock belong to the
    sellable unit (a child, or the listing itself when it has no variants). No field holds a
    star: certificates say that, for a day.
    """

    class UnitPriceBasis(models.TextChoices):
        KG = "kg", _("per kilogram")
        HUNDRED_G = "100g", _("per 100 grams")
        LITRE = "l", _("per litre")
        HUNDRED_ML = "100ml", _("per 100 millilitres")
        PIECE = "piece", _("per piece")
        NONE = "none", _("none")

    # The listing.
    #: Moved by ``catalogue.state_actions`` and ``actions.publish`` only. A variant has none of
    #: its own: it says "draft" and stands with its listing.
    state = models.CharField(
        _("state"), max_length=10, choices=ListingState, default=ListingState.DRAFT,
        editable=False,
    )
    producer = models.ForeignKey(
        "producers.Producer", models.PROTECT, null=True, blank=True, related_name="products"
    )
    origin_commune = models.ForeignKey(
        "places.Commune", models.PROTECT, null=True, blank=True, related_name="+"
    )
    summary = models.CharField(_("summary"), max_length=200, blank=True)
    ingredients = models.TextField(_("ingredients or materials"), blank=True)
    #: None: not declared yet. Empty: declared to have none.
    allergens = ArrayField(
        models.CharField(max_length=12, choices=Allergen), null=True, blank=True,
        verbose_name=_("allergens"),
    )
    may_contain = models.CharField(_("may contain traces of"), max_length=200, blank=True)
    storage = models.TextField(_("storage"), blank=True)
    usage = models.TextField(_("how to use"), blank=True)
    shelf_life_days = models.PositiveIntegerField(_("shelf life in days"), null=True, blank=True)
    warnings = models.TextField(_("warnings"), blank=True)
    #: Months 1–12 of the main and the side crop; both empty means all year.
    harvest_main = ArrayField(
        models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(12)]),
        default=list, blank=True, verbose_name=_("main season"),
    )
    harvest_side = ArrayField(
        models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(12)]),
        default=list, blank=True, verbose_name=_("side season"),
    )
    shipping_class = models.CharField(
        _("delivery class"), max_length=10, choices=ShippingClass, default=ShippingClass.AMBIENT
    )
    #: Per cent, included in the price. Empty: not declared yet.
    vat_rate = models.DecimalField(
        _("VAT rate"), max_digits=4, decimal_places=2, null=True, blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(25)],
    )
    hs_code = models.CharField(_("HS code"), max_length=10, blank=True)
    unit_price_basis = models.CharField(
        _("unit price"), max_length=5, choices=UnitPriceBasis, default=UnitPriceBasis.NONE
    )
    published_at = models.DateTimeField(null=True, blank=True, editable=False)

    # The sellable unit.
    net_weight_g = models.PositiveIntegerField(_("net weight in grams"), null=True, blank=True)
    net_volume_ml = models.PositiveIntegerField(
        _("net volume in millilitres"), null=True, blank=True
    )
    net_count = models.PositiveIntegerField(_("count"), null=True, blank=True)
    #: The word after the count: "trái", "cặp", "khách".
    count_unit = models.CharField(_("counted in"), max_length=30, blank=True)
    gross_weight_g = models.PositiveIntegerField(
        _("weight with packing, in grams"), null=True, blank=True
    )
    #: GTIN-8, -12, -13 or -14 with a right check digit; never invented.
    gtin = models.CharField(_("GTIN"), max_length=14, null=True, blank=True, unique=True)

    class Meta(AbstractProduct.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(vat_rate__isnull=True) | Q(vat_rate__range=(0, 25)),
                name="catalogue_product_vat_rate_0_25",
            ),
            models.CheckConstraint(
                condition=Q(gtin__isnull=True)
                | Q(gtin__regex=r"^([0-9]{8}|[0-9]{12}|[0-9]{13}|[0-9]{14})$"),
                name="catalogue_product_gtin_digits",
            ),
            # Oscar reads is_public; the house reads the state.
            models.CheckConstraint(
                condition=Q(parent__isnull=False)
                | Q(is_public=True, state=ListingState.PUBLISHED)
                | (Q(is_public=False) & ~Q(state=ListingState.PUBLISHED)),
                name="catalogue_product_public_is_published",
            ),
        ]
        indexes = [
            models.Index(
                fields=["state"],
                condition=Q(parent__isnull=True) & ~Q(state=ListingState.PUBLISHED),
                name="catalogue_product_unpublished",
            )
        ]

    def get_absolute_url(self) -> str:
        """The listing's one address; a variant is shown on its listing's page."""
        listing = self.parent if self.is_child else self
        return reverse("shop:product", kwargs={"slug": listing.slug, "pk": listing.pk})

    @property
    def listing(self) -> "Product":
        """The product that carries the label: the parent of a variant, else itself."""
        return self.parent if self.is_child else self


class ProductImage(AbstractProductImage):
    """A picture of the image library shown with a listing, in order."""

    original = models.ForeignKey(
        "media.LibraryImage", models.PROTECT, related_name="product_images"
    )


class SalePrice(models.Model):
    """A lower price between two moments, with the ordinary price beside it.

    The ordinary price stays in the stock record and is never overwritten, so the old price
    shown is the one at which the thing was really sold.
    """

    stockrecord = models.ForeignKey(
        "partner.StockRecord", models.CASCADE, related_name="sale_prices"
    )
    #: Whole đồng.
    price_incl_tax = models.DecimalField(_("sale price"), max_digits=12, decimal_places=0)
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"), help_text=_("The first moment without it."))

    class Meta:
        verbose_name = _("sale price")
        verbose_name_plural = _("sale prices")
        constraints = [
            models.CheckConstraint(
                condition=Q(price_incl_tax__gt=0), name="catalogue_saleprice_positive"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="catalogue_saleprice_ends_later"
            ),
            # The embedded server has no btree_gist: the id stands as a range of one.
            ExclusionConstraint(
                name="catalogue_saleprice_one_at_a_time",
                expressions=[
                    (
                        Func(
                            F("stockrecord"), F("stockrecord"), models.Value("[]"),
                            function="int8range",
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                    (
                        Func(F("starts_at"), F("ends_at"), function="tstzrange"),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.price_incl_tax} {self.starts_at:%Y-%m-%d}–{self.ends_at:%Y-%m-%d}"


from oscar.apps.catalogue.models import *  # noqa: E402, F403

from catalogue.listing_models import (  # noqa: E402
    HalfStep as HalfStep,
)
from catalogue.listing_models import (  # noqa: E402
    ListingEvent as ListingEvent,
)
from catalogue.listing_models import (  # noqa: E402
    Revision as Revision,
)
from catalogue.listing_models import (  # noqa: E402
    TrustRule as TrustRule,
)
