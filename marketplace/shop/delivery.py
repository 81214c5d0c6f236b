"""When one unit would arrive in a province and what that costs; and where it cannot be sent."""

from __future__ import annotations

from datetime import date, datetime

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from catalogue.models import Product, ShippingClass
from catalogue.queries import ListingOffer, UnitOffer
from marketplace.kernel import formats
from marketplace.places.models import Province
from marketplace.shipping.models import NotOffered, Rate, Zone
from marketplace.shipping.queries import ConsignmentQuote, quote, unit_weight_g
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
    provinces = list(Province.objects.all())
    province = next((p for p in provinces if p.code == province_code), None)
    shown: dict[str, str] = {}
    if province is not None and unit.price is not None:
        quoted = quote(
            producer=offer.listing.producer,
            lines=[(unit.unit, 1, unit.price.incl_tax)],
            province=province,
            now=now,
        )
        shown = _quoted(quoted, unit.unit)
    return DeliveryPromise(
        **shown,
        province_name=province.name if province else "",
        province_code=province.code if province else "",
        province_choices=tuple((p.code, p.name) for p in provinces),
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


def out_of_reach(listing: Product, unit: Product, on: date) -> list[LabelFact]:
    """The zones to which the unit cannot be sent, with the reason. One query."""
    if listing.shipping_class == ShippingClass.NONE:
        return []
    weight_g = unit_weight_g(unit)
    is_english = get_language() == "en"
    in_zone = {"zone": OuterRef("pk"), "shipping_class": listing.shipping_class}
    zones = Zone.objects.annotate(
        days=ArraySubquery(
            Rate.objects.in_force(on)
            .filter(**in_zone, weight_from_g__lte=weight_g, weight_through_g__gte=weight_g)
            .values("transit_days_max")
        ),
        reasons=ArraySubquery(
            NotOffered.objects.in_force(on)
            .filter(**in_zone)
            .values(data=JSONObject(vi="reason_vi", en="reason_en"))
        ),
        has_rates=ArraySubquery(Rate.objects.in_force(on).filter(zone=OuterRef("pk")).values("pk")),
    )
    reach = []
    for zone in zones:
        reason = ""
        life = listing.shelf_life_days
        if zone.reasons:
            reason = zone.reasons[0]["en" if is_english else "vi"]
        elif zone.days and life is not None and min(zone.days) > life:
            reason = _("keeps %(shelf_life)s days, may be %(days)s days on the way") % {
                "shelf_life": life, "days": min(zone.days),
            }
        elif not zone.days and zone.has_rates:
            reason = _("not sent there in this size")
        if reason:
            name = zone.name_en if is_english else zone.name_vi
            reach.append(LabelFact(_("Not sent to: %(zone)s") % {"zone": name}, reason))
    return reach

