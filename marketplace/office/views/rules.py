"""The dated rows that decide: consent texts, terms, limits, delivery prices. To read only.

A new row changes what buyers agree to or pay, so these come by an import that is looked at
(``load_reference``, ``load_payment_terms``), not by a form.
"""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marketplace.kernel import clock, formats
from marketplace.office.views.base import OfficeView
from marketplace.orders.models import ConsentText, FulfilmentTerms
from marketplace.payments.models import CodLimits, CollectorAccount, FeeTerms, MethodTerms
from marketplace.shipping.models import Rate
from theme.views import forbidden

ANY_OF = (
    "orders.view_consenttext",
    "orders.view_fulfilmentterms",
    "payments.view_codlimits",
    "payments.view_methodterms",
    "delivery.view_rate",
)


def may_read_rules(user: Any) -> bool:
    """Whether there is anything on the page for this person."""
    return any(user.has_perm(permission) for permission in ANY_OF)


class RulesView(OfficeView):
    """Each kind of rule that this person may read, newest first, with its days."""

    template_name = "office/rules.html"
    header_icon = "doc-full"
    page_title = gettext_lazy("Rules in force")

    def get(self, request: HttpRequest) -> HttpResponse:
        if not may_read_rules(request.user):
            return forbidden(request)
        user = request.user
        tables = [
            (ConsentText, _("Consent texts"), self.consent_texts),
            (FulfilmentTerms, _("Fulfilment terms"), self.terms),
            (CodLimits, _("Limits of cash on delivery"), self.limits),
            (MethodTerms, _("Ways of paying"), self.methods),
            (CollectorAccount, _("Account that receives transfers"), self.collectors),
            (FeeTerms, _("Fees"), self.fees),
            (Rate, _("Delivery prices"), self.rates),
        ]
        return self.render_to_response(
            self.get_context_data(
                tables=[
                    {"heading": heading, **make(model.objects.all())}
                    for model, heading, make in tables
                    if user.has_perm(f"{model._meta.app_label}.view_{model._meta.model_name}")
                ]
            )
        )

    def consent_texts(self, rows: QuerySet) -> dict[str, Any]:
        return {
            "head": [_("Purpose"), _("Version"), _("Text"), _("Needed"), _("Days")],
            "rows": [
                [
                    row.get_purpose_display(), row.version, row.text,
                    _("yes") if row.is_required else _("no"), days(row),
                ]
                for row in rows.order_by("purpose", "-effective_from")
            ],
        }  # fmt: skip

    def terms(self, rows: QuerySet) -> dict[str, Any]:
        return {
            "head": [_("Working days to confirm"), _("Days until completed"),
                     _("Working hours"), _("Reminded after, hours"), _("Called after, hours"),
                     _("Answer about missing goods, hours"), _("Step back, minutes"),
                     _("Source"), _("Days")],
            "rows": [
                [
                    row.unconfirmed_working_days, row.completed_after_days,
                    f"{row.work_begins_hour}–{row.work_ends_hour}",
                    row.remind_after_working_hours, row.escalate_after_working_hours,
                    row.short_pack_answer_hours, row.undo_minutes, row.source, days(row),
                ]
                for row in rows.order_by("-effective_from")
            ],
        }  # fmt: skip

    def limits(self, rows: QuerySet) -> dict[str, Any]:
        return {
            "head": [_("One order at most"), _("First order at most"), _("Open orders at most"),
                     _("Refusals at most"), _("Source"), _("Days")],
            "rows": [
                [
                    formats.money(row.order_amount_max), formats.money(row.new_phone_amount_max),
                    row.open_orders_max, row.refusals_max, row.source, days(row),
                ]
                for row in rows.order_by("-effective_from")
            ],
        }  # fmt: skip

    def methods(self, rows: QuerySet) -> dict[str, Any]:
        return {
            "head": [_("Way of paying"), _("Offered"), _("Holds for"), _("Source"), _("Days")],
            "rows": [
                [
                    row.get_method_display(), _("yes") if row.is_offered else _("no"),
                    _("%(count)s minutes") % {"count": formats.number(row.hold_minutes)}
                    if row.hold_minutes
                    else _("no end"),
                    row.source, days(row),
                ]
                for row in rows.order_by("method", "-effective_from")
            ],
        }  # fmt: skip

    def collectors(self, rows: QuerySet) -> dict[str, Any]:
        return {
            "head": [_("Bank"), _("Account number"), _("Account holder"), _("Source"), _("Days")],
            "rows": [
                [row.bank_name, row.account_no, row.holder, row.source, days(row)]
                for row in rows.order_by("-effective_from")
            ],
        }  # fmt: skip

    def fees(self, rows: QuerySet) -> dict[str, Any]:
        return {
            "head": [_("Fee"), _("Kind of producer"), _("Percent"), _("Fixed amount"),
                     _("Source"), _("Days")],
            "rows": [
                [
                    row.get_kind_display(), row.get_producer_kind_display() or _("all"),
                    formats.decimal(row.percent), formats.money(row.fixed), row.source, days(row),
                ]
                for row in rows.order_by("kind", "producer_kind", "-effective_from")
            ],
        }  # fmt: skip

    def rates(self, rows: QuerySet) -> dict[str, Any]:
        return {
            "head": [_("Zone"), _("Delivery class"), _("Weight"), _("Fee"), _("Working days"),
                     _("Days")],
            "rows": [
                [
                    row.zone.name, row.get_shipping_class_display(),
                    f"{formats.weight(row.weight_from_g)} – {formats.weight(row.weight_through_g)}",
                    formats.money(row.fee_incl_tax),
                    f"{row.transit_days_min}–{row.transit_days_max}", days(row),
                ]
                for row in rows.select_related("zone").in_force(clock.today())
            ],
        }  # fmt: skip


def days(row: Any) -> str:
    """From when to when a row holds."""
    first = formats.date(row.effective_from)
    if row.effective_through is None:
        return _("from %(day)s") % {"day": first}
    return f"{first} – {formats.date(row.effective_through)}"
