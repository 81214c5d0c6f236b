"""Price and stock of everything sellable, in one table to go through."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import F, Prefetch, Q, QuerySet
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from oscar.apps.partner.models import StockRecord

from catalogue import actions
from catalogue.errors import CatalogueError
from catalogue.models import SalePrice
from marketplace.kernel import clock
from marketplace.office import queries
from marketplace.office.forms.stock import PriceStockForm, SaleForm
from marketplace.office.search import with_words
from marketplace.office.views.base import OfficeView
from marketplace.producers.models import Producer

VIEW = "partner.view_stockrecord"
CHANGE = "partner.change_stockrecord"
PER_PAGE = 25
#: From so many down a unit is in the list of what runs out.
LOW = 5


class StockFilterForm(forms.Form):
    """What the table shows."""

    q = forms.CharField(label=gettext_lazy("Search"), max_length=100, required=False)
    producer = forms.ModelChoiceField(
        Producer.objects.order_by("sort_key"),
        label=gettext_lazy("Producer"),
        required=False,
        empty_label=gettext_lazy("All producers"),
    )
    low = forms.BooleanField(label=gettext_lazy("Only what runs out"), required=False)
    listing = forms.IntegerField(
        required=False, min_value=1, max_value=2**62, widget=forms.HiddenInput
    )

    def filter(self, rows: QuerySet) -> QuerySet:
        """The rows wanted; what is not understood filters nothing."""
        self.is_valid()
        wanted = self.cleaned_data
        if wanted.get("producer"):
            rows = rows.filter(partner__producer=wanted["producer"])
        if wanted.get("listing"):
            rows = rows.filter(product_id=wanted["listing"]) | rows.filter(
                product__parent_id=wanted["listing"]
            )
        if wanted.get("low"):
            rows = running_out(rows)
        return with_words(
            rows,
            wanted.get("q") or "",
            "product__title_vi",
            "product__parent__title_vi",
            "partner__producer__name_vi",
            "partner_sku",
        )


def running_out(rows: QuerySet[StockRecord]) -> QuerySet[StockRecord]:
    """Counted units on sale of which few or none are left."""
    return rows.filter(
        Q(product__parent__isnull=True, product__is_public=True)
        | Q(product__parent__is_public=True, product__is_public=True),
        Q(product__product_class__track_stock=True)
        | Q(product__parent__product_class__track_stock=True),
        num_in_stock__lte=Coalesce(F("num_allocated"), 0) + LOW,
    )


class StockView(OfficeView):
    """The table; each row is a form of its own, and works without script."""

    needs = [VIEW]
    needs_to_post = [CHANGE]
    template_name = "office/stock.html"
    header_icon = "list-ol"
    page_title = gettext_lazy("Price and stock")

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.shown({})

    def post(self, request: HttpRequest) -> HttpResponse:
        pk = request.POST.get("record", "")
        record = self.find(
            queries.stock_visible_to(request.user).select_related("product__parent"),
            int(pk) if pk.isascii() and pk.isdigit() and len(pk) < 18 else 0,
        )
        do = {"sale": self.set_sale, "end_sale": self.end_sale}.get(
            request.POST.get("do", ""), self.set_price_and_stock
        )
        form = do(record)
        if form is not None:
            return self.shown({(type(form), record.pk): form}, status=422)
        back = f"{reverse('office_stock:index')}?{request.GET.urlencode()}"
        return redirect(f"{back}#r{record.pk}")

    def set_price_and_stock(self, record: StockRecord) -> forms.Form | None:
        """Write what was changed, both or neither; the form when it was refused."""
        form = PriceStockForm(self.request.POST, record=record)
        if not form.is_valid():
            return form
        price, stock = form.new_price, form.new_stock
        field = "price"
        try:
            with transaction.atomic():
                if price is not None:
                    actions.set_price(unit=record.product, price=price, actor=self.request.user)
                field = "in_stock"
                if stock is not None:
                    actions.set_stock(
                        unit=record.product, in_stock=stock, actor=self.request.user
                    )
        except CatalogueError as error:
            form.add_error(field, str(error))
            return form
        if price is None and stock is None:
            messages.info(self.request, _("Nothing was changed."))
        else:
            messages.success(
                self.request, _("Saved: %(unit)s.") % {"unit": unit_name(record)}
            )
        return None

    def set_sale(self, record: StockRecord) -> forms.Form | None:
        """Begin a sale on its day."""
        form = SaleForm(self.request.POST, record=record)
        if not form.is_valid():
            return form
        try:
            actions.set_sale_price(
                unit=record.product,
                price=form.cleaned_data["sale_price"],
                starts_at=form.starts_at,
                ends_at=form.ends_at,
                actor=self.request.user,
            )
        except CatalogueError as error:
            form.add_error(None, str(error))
            return form
        messages.success(
            self.request, _("The sale price was set: %(unit)s.") % {"unit": unit_name(record)}
        )
        return None

    def end_sale(self, record: StockRecord) -> None:
        """End a sale of this unit now; one of another unit is not found."""
        pk = self.request.POST.get("sale", "")
        sale = self.find(
            record.sale_prices.select_related("stockrecord__product"),
            int(pk) if pk.isascii() and pk.isdigit() and len(pk) < 18 else 0,
        )
        actions.end_sale(sale=sale, actor=self.request.user)
        messages.success(self.request, _("The sale has ended."))

    def shown(self, bound: dict[tuple[type, int], Any], status: int = 200) -> HttpResponse:
        now = clock.now()
        filters = StockFilterForm(self.request.GET)
        sales = SalePrice.objects.filter(ends_at__gt=now).order_by("starts_at")
        rows = filters.filter(
            queries.stock_visible_to(self.request.user)
            .select_related("product__parent", "partner__producer")
            .prefetch_related(Prefetch("sale_prices", sales))
            .order_by("partner__producer__sort_key", "product__parent_id", "product_id")
        )
        page = Paginator(rows, PER_PAGE).get_page(self.request.GET.get("p"))
        query = self.request.GET.copy()
        query.pop("p", None)
        return self.render_to_response(
            self.get_context_data(
                filters=filters,
                page=page,
                query=query.urlencode(),
                rows=[self.row(record, bound) for record in page.object_list],
                may_change=self.request.user.has_perm(CHANGE),
                media=forms.Media(),
            ),
            status=status,
        )

    def row(self, record: StockRecord, bound: dict[tuple[type, int], Any]) -> dict[str, Any]:
        sale_form = bound.get((SaleForm, record.pk))
        return {
            "record": record,
            "name": unit_name(record),
            "listing": record.product.parent or record.product,
            "allocated": record.num_allocated or 0,
            "left": record.net_stock_level,
            "is_low": record.net_stock_level <= LOW,
            "form": bound.get((PriceStockForm, record.pk)) or PriceStockForm(record=record),
            "sale_form": sale_form or SaleForm(record=record),
            "is_sale_open": sale_form is not None,
            "sales": list(record.sale_prices.all()),
        }


def unit_name(record: StockRecord) -> str:
    """The listing's name, and the variant's if there is one."""
    unit = record.product
    return f"{unit.parent.title} – {unit.title}" if unit.parent else unit.title
