"""When one unit would arrive in a province and what that costs; and where it cannot be sent."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from catalogue.models import Product, ShippingClass
from catalogue.queries import ListingOffer, UnitOffer
from marketplace.kernel import formats
from marketplace.places.models import Province
from marketplace.platform import statements
from marketplace.platform.dated import in_force_sql
from marketplace.shipping.models import NotOffered, Rate, WorkingDayException, Zone
from marketplace.shipping.queries import (
    ConsignmentQuote,
    handover_for,
    quote,
    unit_weight_g,
)
from marketplace.shipping.working_days import EXCEPTION_DAYS, add_working_days
from marketplace.shop import parameters
from theme.components import DeliveryPromise, LabelFact


def delivery_promise(
    *, offer: ListingOffer, unit: UnitOffer, province_code: str, action: str,
    hidden: tuple[tuple[str, str], ...], now: datetime,
) -> DeliveryPromise | None:
    """The promise for one unit to the chosen province, or only the choice of one.

    None for what is not sent at all (services).
    """
    if offer.listing.shipping_class == ShippingClass.NONE:
        return None
    choices = tuple(Province.objects.values_list("code", "name"))
    shown: dict[str, str] = {}
    is_known = province_code in dict(choices)
    if is_known and unit.price is not None:
        province = Province.objects.get(pk=province_code)
        quoted = quote(
            producer=offer.listing.producer,
            lines=[(unit.unit, 1, unit.price.incl_tax)],
            province=province,
            now=now,
        )
        shown = _quoted(quoted, unit.unit)
    return DeliveryPromise(
        **shown,
        province_name=dict(choices)[province_code] if is_known else "",
        province_code=province_code if is_known else "",
        province_choices=choices,
        action=action,
        name=parameters.DELIVER_TO,
        hidden=hidden,
    )


def _quoted(quoted: ConsignmentQuote, unit: Product) -> dict[str, str]:
    """Promise, fee, threshold and landed price in words, or the reason why not."""
    if quoted.refusals:
        return {"refusal": " ".join(dict.fromkeys(r.reason for r in quoted.refusals))}
    shown = {
        "promise": _("With you by %(day)s")
        % {"day": formats.weekday_date(quoted.promise_on)},
        "fee": formats.money(quoted.fee_incl_tax) if quoted.fee_incl_tax else _("free of charge"),
    }
    if quoted.missing_for_free is not None:
        shown["note"] = _("free from %(amount)s of goods of this grower") % {
            "amount": formats.money(quoted.free_from)
        }
    if quoted.per_kg_landed is not None and quoted.fee_incl_tax:
        shown["landed_price"] = f"{formats.money(quoted.per_kg_landed)}/kg"
    return shown


#: Written out: building it from models takes ten times as long as running it.
_REACH = f"""
    SELECT zone.name_vi, zone.name_en,
        (SELECT min(transit_days_max) FROM {Rate._meta.db_table} AS rate
         WHERE rate.zone_id = zone.id AND rate.shipping_class = %(kind)s
         AND %(weight_g)s BETWEEN rate.weight_from_g AND rate.weight_through_g
         AND {in_force_sql("rate")}),
        EXISTS (SELECT 1 FROM {Rate._meta.db_table} AS rate WHERE rate.zone_id = zone.id
         AND {in_force_sql("rate")}),
        refused.reason_vi, refused.reason_en,
        ARRAY(SELECT day FROM {WorkingDayException._meta.db_table}
            WHERE is_working AND day BETWEEN %(on)s AND %(until)s),
        ARRAY(SELECT day FROM {WorkingDayException._meta.db_table}
            WHERE NOT is_working AND day BETWEEN %(on)s AND %(until)s)
    FROM {Zone._meta.db_table} AS zone
    LEFT JOIN {NotOffered._meta.db_table} AS refused
        ON refused.zone_id = zone.id AND refused.shipping_class = %(kind)s
        AND {in_force_sql("refused")}
    ORDER BY zone.id
"""  # noqa: S608


def out_of_reach(listing: Product, unit: Product, on: date) -> list[LabelFact]:
    """The zones to which the unit cannot be sent, with the reason.

    For what keeps some days only, the days off ahead count. One query.
    """
    if listing.shipping_class == ShippingClass.NONE:
        return []
    values = {
        "kind": listing.shipping_class, "weight_g": unit_weight_g(unit), "on": on,
        "until": on + timedelta(days=EXCEPTION_DAYS),
    }
    zones = statements.rows(_REACH, values)
    is_english = get_language() == "en"
    life = listing.shelf_life_days
    facts = []
    for name_vi, name_en, days, has_rates, reason_vi, reason_en, worked, off in zones:
        reason = (reason_en if is_english else reason_vi) or ""
        if not reason and days is not None and life is not None and days > life:
            reason = _("keeps %(shelf_life)s days, may be %(days)s days on the way") % {
                "shelf_life": life, "days": days,
            }
        elif not reason and days is not None and life is not None:
            known = dict.fromkeys(off, False) | dict.fromkeys(worked, True)
            ready_on = add_working_days(on, listing.producer.preparation_days, known)
            if handover_for(life, ready_on, days, known) is None:
                reason = _(
                    "keeps %(shelf_life)s days; over the holidays it would not arrive in time"
                ) % {"shelf_life": life}
        elif not reason and days is None and has_rates:
            reason = _("not sent there in this size")
        if reason:
            zone = name_en if is_english else name_vi
            facts.append(LabelFact(_("Not sent to: %(zone)s") % {"zone": zone}, reason))
    return facts
