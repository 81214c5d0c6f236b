"""Listings: what the shop says of a thing, its units, and whether it is on sale."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import django_filters
from django.contrib import messages
from django.db.models import Exists, F, Model, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from oscar.apps.partner.models import StockRecord
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column

from catalogue import actions, listing_actions
from catalogue.errors import CatalogueError, ListingIncomplete, MissingField
from catalogue.models import Category, ListingEvent, Product, ProductClass
from catalogue.requirements import missing_fields
from catalogue.states import ListingActor, ListingState
from marketplace.kernel import clock, formats
from marketplace.office import queries
from marketplace.office.forms.listings import (
    ListingForm,
    PictureFormSet,
    UnitFormSet,
    initial_of,
    may_write_words_only,
    units_of,
)
from marketplace.office.search import with_words
from marketplace.office.views.base import OfficeIndexView, OfficeView
from marketplace.office.views.history import HistoryView, entries_about, told
from marketplace.producers.models import Producer
from theme.views import forbidden

VIEW = "catalogue.view_product"
CHANGE = "catalogue.change_product"
ADD = "catalogue.add_product"
ABOVE = [("office_listings:index", gettext_lazy("Listings"))]


#: States in which a listing waits for somebody.
QUEUES = frozenset({"submitted", "returned"})


class ListingFilters(WagtailFilterSet):
    """By whether it is on sale, producer, shelf and OCOP set."""

    public = django_filters.ChoiceFilter(
        label=gettext_lazy("State"),
        choices=[
            ("yes", gettext_lazy("On sale")),
            ("no", gettext_lazy("Not published")),
            ("submitted", ListingState.SUBMITTED.label),
            ("returned", gettext_lazy("Sent back, not handed in again")),
        ],
        method="by_public",
    )
    producer = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Producer"), queryset=Producer.objects.order_by("sort_key")
    )
    category = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Category"),
        queryset=Category.objects.order_by("path"),
        method="by_category",
    )
    product_class = django_filters.ModelChoiceFilter(
        label=capfirst(gettext_lazy("OCOP product set")),
        queryset=ProductClass.objects.order_by("set_number"),
    )

    english = django_filters.ChoiceFilter(
        label=gettext_lazy("In English"),
        choices=[("no", gettext_lazy("On sale without English"))],
        method="by_english",
    )

    class Meta:
        model = Product
        fields: list[str] = []

    def by_english(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return queries.listings_without_english(rows)

    def by_public(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        if value == "submitted":
            return rows.filter(state=ListingState.SUBMITTED)
        if value == "returned":
            sent_back = ListingEvent.objects.filter(
                listing=OuterRef("pk"), to_state=ListingState.DRAFT,
                acted_as=ListingActor.OFFICE,
            )
            return rows.filter(Exists(sent_back), state=ListingState.DRAFT)
        return rows.filter(is_public=value == "yes")

    def by_category(self, rows: QuerySet, name: str, value: Category) -> QuerySet:
        """The shelf and all below it."""
        return rows.filter(categories__path__startswith=value.path).distinct()


class ListingIndexView(OfficeIndexView):
    """All listings, newest first."""

    needs = [VIEW]
    model = Product
    filterset_class = ListingFilters
    default_ordering = "-pk"
    header_icon = "tag"
    page_title = gettext_lazy("Listings")
    add_item_label = gettext_lazy("New listing")
    verbose_name_plural = gettext_lazy("listings")
    list_export = [
        "pk", "title_vi", "title_en", "producer.name", "product_class.name", "is_public",
        "price_from", "in_stock",
    ]  # fmt: skip
    export_filename = "listings"

    @cached_property
    def columns(self) -> list[Column]:
        title = self._get_title_column("title_vi")
        title.label = _("Article")
        return [
            title,
            Column("producer", label=_("Producer"), accessor="producer"),
            Column("set", label=capfirst(_("OCOP product set")), accessor="product_class.name"),
            Column("price", label=_("Price from"), accessor=lambda p: formats.money(p.price_from)),
            Column("stock", label=_("Available"), accessor=lambda p: formats.number(p.in_stock)),
            Column("state", label=_("State"), accessor=state_word),
        ]

    def order_queryset(self, queryset: QuerySet) -> QuerySet:
        """What waits for somebody stands in line: the longest waiting on top."""
        if self.request.GET.get("public") not in QUEUES or self.request.GET.get("ordering"):
            return super().order_queryset(queryset)
        last = ListingEvent.objects.filter(listing=OuterRef("pk")).order_by("-pk")
        return queryset.annotate(waits_since=Subquery(last.values("at")[:1])).order_by(
            F("waits_since").asc(nulls_first=True), "pk"
        )

    def get_base_queryset(self) -> QuerySet[Product]:
        of_listing = Q(product=OuterRef("pk")) | Q(product__parent=OuterRef("pk"))
        priced = StockRecord.objects.filter(of_listing, price__isnull=False).order_by("price")
        counted = (
            StockRecord.objects.filter(of_listing)
            .order_by()
            .annotate(listing=Coalesce("product__parent_id", "product_id"))
            .values("listing")
            .annotate(left=Sum(Coalesce("num_in_stock", 0)) - Sum(Coalesce("num_allocated", 0)))
            .values("left")
        )
        return (
            queries.listings_visible_to(self.request.user)
            .exclude(state=ListingState.DISCARDED)
            .select_related("producer", "product_class")
            .annotate(
                price_from=Subquery(priced.values("price")[:1]), in_stock=Subquery(counted)
            )
        )

    def search_queryset(self, queryset: QuerySet) -> QuerySet:
        return with_words(queryset, self.search_query, "title_vi", "producer__name_vi")


def state_word(listing: Product) -> str:
    """Whether buyers see it, for a column."""
    if not listing.is_public:
        return listing.get_state_display()
    if listing.producer is None or not listing.producer.is_identified:
        return _("Hidden: the producer is not verified")
    if listing.producer.is_suspended:
        return _("Hidden: the producer is suspended")
    return _("On sale")


class _ListingFormView(OfficeView):
    """The three forms of a listing, for making and for changing one."""

    template_name = "office/listing_form.html"
    header_icon = "tag"
    above = ABOVE
    listing: Product | None = None

    def build(self, data: Any = None) -> None:
        """Make the label's form, the units' and the pictures'."""
        user, listing = self.request.user, self.listing
        self.form = ListingForm(
            data,
            instance=listing,
            user=user,
            producers=queries.producers_visible_to(user).order_by("sort_key"),
        )
        self.units = UnitFormSet(
            data,
            prefix="unit",
            initial=[initial_of(unit) for unit in units_of(listing)] if listing else [],
            form_kwargs={"user": user, "listing": listing},
        )
        pictures = (
            [
                {"image": image.original_id}
                for image in listing.images.order_by("display_order", "pk")
            ]
            if listing
            else []
        )
        self.pictures = PictureFormSet(data, prefix="picture", initial=pictures)
        # What stands in the database is no empty row, whatever the browser counts.
        for form in (*self.units.forms, *self.pictures.forms):
            form.empty_permitted = form.empty_permitted and not form.initial
        if may_write_words_only(user) or not user.has_perm(CHANGE):
            self.units.extra = self.pictures.extra = 0
            for form in self.pictures.forms:
                form.fields["image"].disabled = True

    def is_valid(self) -> bool:
        """Judge all three, so that everything wrong is said at once."""
        return all([self.form.is_valid(), self.units.is_valid(), self.pictures.is_valid()])

    @property
    def drafts(self) -> list[listing_actions.UnitDraft]:
        """The units that are there or were filled in."""
        return [form.draft for form in self.units.forms if form.unit or form.has_changed()]

    @property
    def chosen_pictures(self) -> list[Any]:
        return [
            form.cleaned_data["image"]
            for form in self.pictures.forms
            if form.cleaned_data.get("image")
        ]

    def shown(self, status: int = 200, **more: Any) -> HttpResponse:
        user = self.request.user
        return self.render_to_response(
            self.get_context_data(
                form=self.form,
                units=self.units,
                pictures=self.pictures,
                media=self.form.media + self.pictures.media,
                listing=self.listing,
                may_change=user.has_perm(CHANGE),
                **more,
            ),
            status=status,
        )


class ListingAddView(_ListingFormView):
    """A new listing: a draft, until it is published."""

    needs = [VIEW, ADD]
    page_title = gettext_lazy("New listing")

    def get(self, request: HttpRequest) -> HttpResponse:
        self.build()
        if producer := request.GET.get("producer", ""):
            self.form.initial["producer"] = producer[:20]
        return self.shown()

    def post(self, request: HttpRequest) -> HttpResponse:
        self.build(request.POST)
        if not self.is_valid():
            return self.shown(status=422)
        try:
            listing = listing_actions.create_listing(
                producer=self.form.cleaned_data["producer"],
                values=self.form.label_values(all_of_them=True),
                categories=self.form.cleaned_data["categories"],
                pictures=self.chosen_pictures,
                units=self.drafts,
                actor=request.user,
            )
        except CatalogueError as error:
            self.form.add_error(None, str(error))
            return self.shown(status=422)
        messages.success(request, _("The draft was saved. Buyers do not see it yet."))
        return publish_or_say(request, listing)


class ListingEditView(_ListingFormView):
    """One listing. "Save and publish" saves first, so that nothing typed is lost."""

    needs = [VIEW]
    needs_to_post = [CHANGE]

    def get_page_title(self) -> str:
        return self.listing.title

    def dispatch(self, request: HttpRequest, pk: int) -> HttpResponse:
        if request.user.has_perms(self.needs):
            self.listing = self.find(
                queries.listings_visible_to(request.user).select_related(
                    "producer", "product_class", "origin_commune__province"
                ),
                pk,
            )
        return super().dispatch(request, pk)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        self.build()
        return self.page()

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        self.build(request.POST)
        if not self.is_valid():
            return self.page(status=422)
        words_only = may_write_words_only(request.user)
        try:
            listing_actions.change_listing(
                listing=self.listing,
                values=self.form.label_values(),
                categories=None if words_only else self.form.cleaned_data["categories"],
                pictures=None if words_only else self.chosen_pictures,
                units=self.drafts,
                actor=request.user,
            )
        except ListingIncomplete as error:
            self.form.add_error(
                None,
                _("This listing is on sale, so it cannot lose: %(fields)s.")
                % {"fields": ", ".join(str(field) for field in error.missing)},
            )
            return self.page(status=422)
        except CatalogueError as error:
            self.form.add_error(None, str(error))
            return self.page(status=422)
        messages.success(request, _("The listing was saved."))
        return publish_or_say(request, self.listing)

    def page(self, status: int = 200) -> HttpResponse:
        listing, user = self.listing, self.request.user
        targets: Sequence[Model] = [listing, *units_of(listing)]
        return self.shown(
            status=status,
            missing=missing_fields(listing, clock.today()),
            is_identified=bool(listing.producer and listing.producer.is_identified),
            may_publish=user.has_perms([CHANGE, ADD]),
            history=told(entries_about(targets)[:5]),
            history_url=reverse("office_listings:history", args=(listing.pk,)),
            stock_url=f"{reverse('office_stock:index')}?listing={listing.pk}"
            if user.has_perm("partner.view_stockrecord")
            else "",
        )


def publish_or_say(request: HttpRequest, listing: Product) -> HttpResponse:
    """After saving: publish when that button was pressed, and name what is still missing."""
    if "publish" in request.POST:
        if not request.user.has_perms([CHANGE, ADD]):
            return forbidden(request)
        try:
            actions.publish(product=listing, actor=request.user)
        except ListingIncomplete as error:
            messages.error(request, incomplete_words(error.missing))
        except CatalogueError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("The listing is on sale."))
    return redirect("office_listings:edit", listing.pk)


def incomplete_words(missing: Iterable[MissingField]) -> str:
    """Each missing field by its name."""
    return _("Saved, but not published. Still missing: %(fields)s.") % {
        "fields": ", ".join(str(field) for field in missing)
    }


class ListingUnpublishView(OfficeView):
    """Take a listing off sale; the page that asks why, and the act."""

    needs = [VIEW, CHANGE, ADD]
    template_name = "office/unpublish.html"
    header_icon = "tag"
    above = ABOVE
    page_title = gettext_lazy("Take off sale")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        self.listing = self.find(queries.listings_visible_to(request.user), pk)
        return self.render_to_response(self.get_context_data(listing=self.listing))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        listing = self.find(queries.listings_visible_to(request.user), pk)
        reason = request.POST.get("reason", "").replace("\x00", "").strip()[:500]
        actions.unpublish(product=listing, actor=request.user, reason=reason)
        messages.success(request, _("The listing was taken off sale. Orders stay as they are."))
        return redirect("office_listings:edit", pk)


class ListingHistoryView(HistoryView):
    """Everything that was done to one listing and its variants."""

    needs = [VIEW]
    above = ABOVE

    def get_target(self, pk: int) -> Model:
        return self.find(queries.listings_visible_to(self.request.user), pk)

    def get_related(self, target: Model) -> Iterable[Model]:
        return target.children.all()

