"""Vouchers: given out, changed, stopped; what they have cost; their codes as a table."""

from __future__ import annotations

from collections.abc import Iterator

import django_filters
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from oscar.apps.voucher.models import Voucher
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column

from marketplace.kernel import clock, formats
from marketplace.office import exports, queries
from marketplace.office.forms.vouchers import StopForm, VoucherForm
from marketplace.office.views.base import OfficeIndexView, OfficeView, PostOnly
from marketplace.office.views.history import HistoryView, entries_about, told
from marketplace.producers.models import Producer
from marketplace.vouchers import actions
from marketplace.vouchers.codes import normalise
from marketplace.vouchers.errors import WrongTerms
from marketplace.vouchers.models import VoucherTerms
from marketplace.vouchers.queries import in_state

VIEW = "vouchers.view_voucherterms"
ADD = "vouchers.add_voucherterms"
CHANGE = "vouchers.change_voucherterms"
ABOVE = [("office_vouchers:index", gettext_lazy("Vouchers"))]
PER_PAGE = 30


class VoucherFilters(WagtailFilterSet):
    """By state, kind, who pays, and whose goods."""

    state = django_filters.ChoiceFilter(
        label=gettext_lazy("State"), choices=VoucherTerms.State.choices, method="by_state"
    )
    kind = django_filters.ChoiceFilter(
        label=gettext_lazy("Kind"), choices=VoucherTerms.Kind.choices
    )
    funder = django_filters.ChoiceFilter(
        label=gettext_lazy("Paid by"), choices=VoucherTerms.Funder.choices
    )
    producer = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Producer"), queryset=Producer.objects.order_by("sort_key")
    )

    class Meta:
        model = VoucherTerms
        fields: list[str] = []

    def by_state(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return in_state(rows, value, clock.now())


class VoucherIndexView(OfficeIndexView):
    """All vouchers, newest first."""

    needs = [VIEW]
    model = VoucherTerms
    filterset_class = VoucherFilters
    default_ordering = "-pk"
    header_icon = "tag"
    page_title = gettext_lazy("Vouchers")
    add_item_label = gettext_lazy("New voucher")
    list_export = [
        "voucher_set.name", "one_code", "kind", "percent", "amount_incl_tax", "cap_incl_tax",
        "minimum_incl_tax", "funder", "producer", "voucher_set.start_datetime",
        "voucher_set.end_datetime", "uses", "uses_max", "cost",
    ]  # fmt: skip
    export_filename = "vouchers"

    @cached_property
    def columns(self) -> list[Column]:
        name = self._get_title_column("__str__")
        name.label = pgettext("table", "Name")
        return [
            name,
            Column("code", label=_("Code"), accessor=code_words),
            Column("terms", label=_("Takes off"), accessor=terms_words),
            Column("funder", label=_("Paid by"), accessor=funder_words),
            Column("state", label=_("State"), accessor=lambda t: t.state(clock.now()).label),
            Column("days", label=_("Days"), accessor=days_words),
            Column("uses", label=_("Used"), accessor=uses_words),
            Column("cost", label=_("Cost so far"), accessor=lambda t: formats.money(t.cost)),
        ]

    def get_add_url(self) -> str | None:
        return super().get_add_url() if self.request.user.has_perm(ADD) else None

    def get_base_queryset(self) -> QuerySet[VoucherTerms]:
        return queries.vouchers_visible_to(self.request.user)

    def search_queryset(self, queryset: QuerySet) -> QuerySet:
        query = self.search_query.strip()[:100]
        if not query:
            return queryset
        code = Voucher.objects.filter(
            voucher_set=OuterRef("pk"), code__startswith=normalise(query) or "-"
        )
        return queryset.filter(Q(voucher_set__name__icontains=query) | Exists(code))


def code_words(terms: VoucherTerms) -> str:
    """The code, or how many."""
    if terms.is_batch:
        return _("%(count)s codes") % {"count": formats.number(terms.voucher_set.count)}
    return terms.one_code or ""


def terms_words(terms: VoucherTerms) -> str:
    """What it takes off, in a few words."""
    Kind = VoucherTerms.Kind
    if terms.kind == Kind.PERCENT:
        words = f"{formats.decimal(terms.percent)} %"
    elif terms.kind == Kind.AMOUNT:
        words = formats.money(terms.amount_incl_tax)
    else:
        words = str(Kind.DELIVERY.label)
    if terms.cap_incl_tax:
        words += ", " + _("at most %(amount)s") % {"amount": formats.money(terms.cap_incl_tax)}
    if terms.minimum_incl_tax:
        words += ", " + _("from %(amount)s of goods") % {
            "amount": formats.money(terms.minimum_incl_tax)
        }
    return words


def funder_words(terms: VoucherTerms) -> str:
    """Who pays, or whose goods it is for."""
    if terms.producer is None:
        return str(terms.get_funder_display())
    if terms.is_own:
        return terms.producer.name
    return _("The marketplace, for goods of %(producer)s") % {"producer": terms.producer.name}


def days_words(terms: VoucherTerms) -> str:
    """From when to when."""
    return formats.date_range(
        clock.local_date(terms.begins_at), clock.local_date(terms.ends_at)
    )


def uses_words(terms: VoucherTerms) -> str:
    """How often, of how many."""
    if terms.uses_max is None:
        return formats.number(terms.uses)
    return f"{formats.number(terms.uses)} / {formats.number(terms.uses_max)}"


class VoucherAddView(OfficeView):
    """A new voucher with one code, or with many."""

    needs = [VIEW, ADD]
    template_name = "office/voucher_form.html"
    header_icon = "tag"
    above = ABOVE
    page_title = gettext_lazy("New voucher")

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.shown(VoucherForm(user=request.user))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = VoucherForm(request.POST, user=request.user)
        if form.is_valid():
            try:
                row = actions.give_out(
                    terms=form.terms,
                    code=form.cleaned_data["code"],
                    batch=form.cleaned_data["batch"] or 0,
                    actor=request.user,
                    now=clock.now(),
                )
            except WrongTerms as wrong:
                form.add_error(wrong.field, str(wrong))
            else:
                messages.success(request, _("%(name)s was given out.") % {"name": row})
                return redirect("office_vouchers:edit", row.pk)
        return self.shown(form, status=422)

    def shown(self, form: VoucherForm, status: int = 200) -> HttpResponse:
        return self.render_to_response(
            self.get_context_data(form=form, media=form.media, may_change=True), status=status
        )


class VoucherEditView(OfficeView):
    """One voucher: its terms, its codes, the orders that used it, what was done last."""

    needs = [VIEW]
    needs_to_post = [CHANGE]
    template_name = "office/voucher_form.html"
    header_icon = "tag"
    above = ABOVE

    def get_page_title(self) -> str:
        return str(self.row)

    def dispatch(self, request: HttpRequest, pk: int) -> HttpResponse:
        if request.user.has_perms(self.needs):
            self.row = self.find(queries.vouchers_visible_to(request.user), pk)
        return super().dispatch(request, pk)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.shown()

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = VoucherForm(request.POST, user=request.user, row=self.row)
        if form.is_valid():
            try:
                actions.change(pk=pk, terms=form.terms, actor=request.user, now=clock.now())
            except WrongTerms as wrong:
                form.add_error(wrong.field if wrong.field in form.fields else None, str(wrong))
            else:
                messages.success(request, _("The voucher was saved."))
                return redirect("office_vouchers:edit", pk)
        return self.shown(status=422, form=form)

    def shown(
        self, status: int = 200, form: VoucherForm | None = None, stop: StopForm | None = None
    ) -> HttpResponse:
        row, user, now = self.row, self.request.user, clock.now()
        may_change = user.has_perm(CHANGE)
        state = row.state(now)
        form = form or VoucherForm(user=user, row=row, may_change=may_change)
        uses = row.orders.select_related("order", "voucher").order_by("-taken_at", "-pk")
        return self.render_to_response(
            self.get_context_data(
                form=form,
                media=form.media,
                row=row,
                code=code_words(row),
                takes=terms_words(row),
                paid_by=funder_words(row),
                state=state,
                days=days_words(row),
                used=uses_words(row),
                may_change=may_change,
                is_used=uses.exists(),
                stop_form=(stop or StopForm())
                if may_change and row.stopped_at is None
                else None,
                uses=Paginator(uses, PER_PAGE).get_page(self.request.GET.get("p")),
                sees_orders=user.has_perm("order.view_order"),
                history=told(entries_about([row])[:5]),
            ),
            status=status,
        )


class VoucherStopView(PostOnly, VoucherEditView):
    """End it now."""

    needs = [VIEW, CHANGE]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = StopForm(request.POST)
        if not form.is_valid():
            return self.shown(status=422, stop=form)
        actions.stop(
            pk=pk, reason=form.cleaned_data["reason"], actor=request.user, now=clock.now()
        )
        messages.success(
            request, _("Stopped. Orders placed keep what they were promised.")
        )
        return redirect("office_vouchers:edit", pk)


class CodesWorkbookView(VoucherEditView):
    """Its codes as a workbook."""

    kind = "xlsx"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return exports.response(self.filename, self.kind, _("Codes"), self.heads, self.rows())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        raise Http404

    @property
    def filename(self) -> str:
        return f"ma-giam-gia-{self.row.pk}"

    @property
    def heads(self) -> list[str]:
        return [
            _("Code"), pgettext("table", "Name"), _("Valid from"), _("Valid through"),
            _("Used"), _("Order"),
        ]  # fmt: skip

    def rows(self) -> Iterator[list[object]]:
        """One for each code. Two queries."""
        used = dict(
            self.row.orders.filter(given_back_at=None).values_list("voucher", "order__number")
            if self.row.is_batch
            else ()
        )
        days = [formats.date(self.row.begins_at), formats.date(self.row.ends_at)]
        for code in self.row.voucher_set.vouchers.order_by("pk"):
            yield [
                code.code, self.row.voucher_set.name, *days, code.num_orders,
                used.get(code.pk, ""),
            ]  # fmt: skip


class CodesTextView(CodesWorkbookView):
    """Its codes as text, neutralised for spreadsheets."""

    kind = "csv"


class VoucherHistoryView(HistoryView):
    """Everything that was done to one voucher."""

    needs = [VIEW]
    above = ABOVE

    def get_target(self, pk: int) -> Model:
        return self.find(queries.vouchers_visible_to(self.request.user), pk)
