"""One product: everything that its page shows, from a fixed number of queries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import linebreaks, strip_tags
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from catalogue.cards import product_card
from catalogue.models import Allergen, Product
from catalogue.queries import ListingOffer, UnitOffer, first_of, next_midnight, whole_offers
from marketplace.kernel import clock, formats
from marketplace.media.queries import address, picture
from marketplace.platform import statements
from marketplace.producers.words import address_of, pause_words, verified_words
from marketplace.shop import delivery, meta, panels, parameters, social_cards
from marketplace.shop.growers import zalo_url
from search.queries import related_ids
from theme.components import (
    Breadcrumbs,
    LabelFact,
    LabelFacts,
    Link,
    Picture,
    PricePanel,
    ProducerPanel,
    SeasonBar,
    StockWord,
    Variant,
    VariantPicker,
)

RELATED = 4
_LARGE = "(min-width: 900px) 580px, 100vw"
_INTRO_LENGTH = 320


@dataclass(frozen=True)
class Buy:
    """The form that puts the unit into the basket."""

    action: str
    product_id: int
    age_words: str = ""
    quantity: int = 1
    errors: tuple[str, ...] = ()


@dataclass(frozen=True)
class ProductPage:
    """The page's context, what it depends on and until when it is true."""

    context: dict[str, Any]
    depends_on: tuple[str, ...]
    valid_until: datetime


def load_offer(pk: int, now: datetime) -> tuple[ListingOffer | None, list[ListingOffer]]:
    """The public listing with its related ones; (None, []) when it may not be seen."""
    found = whole_offers([pk, *related_ids(pk, RELATED)], now)
    if not found or found[0].listing.pk != pk:
        return None, []
    return found[0], found[1:]


def product_page(
    offer: ListingOffer, related: list[ListingOffer], *, unit_id: int | None, province_code: str,
    now: datetime, path: str = "",
) -> ProductPage:
    """Everything that shop/product_detail.html shows of the listing, one unit chosen.

    ``path`` is where sizes and provinces are chosen: the listing's address unless told.
    """
    listing = offer.listing
    path = path or listing.get_absolute_url()
    unit = _chosen(offer, unit_id)
    trail = _trail(listing)
    pictures = _pictures(listing)
    shown_panels = panels.panels(panels.PRODUCT, listing, now)
    grower = listing.producer
    deliver = delivery.delivery_promise(
        offer=offer, unit=unit, province_code=province_code, action=path,
        hidden=((parameters.UNIT, str(unit.unit.pk)),) if unit_id else (), now=now,
    ) if unit else None
    price = unit.price if unit else None
    card = social_cards.product_card_url(listing, get_language())
    context = {
        "name": listing.title,
        "summary": listing.summary,
        "breadcrumbs": trail,
        "pictures": pictures,
        "price": _price_panel(listing, unit) if price else None,
        "variants": _variants(offer, unit, province_code, path),
        "stock": _stock(offer, unit),
        "buy": _buy(listing, unit),
        "why_not": _why_not(offer, unit),
        "stick_price": formats.money(price.incl_tax) if price else "",
        "delivery": deliver,
        "promises": [("cash", _("Pay on delivery"), _("You pay when the parcel is in your hands."))]
        if deliver
        else [],
        "season": _season(listing),
        "label": LabelFacts(
            (
                *label_facts(listing, unit.unit if unit else listing),
                *(
                    delivery.out_of_reach(listing, unit.unit, clock.local_date(now))
                    if unit
                    else ()
                ),
            ),
            warning=listing.warnings,
        ),
        "description": _html(listing.description),
        "producer": _producer_panel(listing, now),
        "panels": [panel.part for panel in shown_panels],
        "related": [product_card(other, now) for other in related],
        "meta": meta.page_meta(
            title=listing.title,
            description=listing.summary or strip_tags(listing.description),
            path_of=listing.get_absolute_url,
            kind="product",
            image_url=meta.absolute(card),
            image_alt=listing.title,
            json_ld=(
                _product_data(offer, unit, path),
                meta.breadcrumb_data(trail, listing.title, path),
            ),
        ),
    }
    moments = [next_midnight(now), first_of([offer, *related])]
    moments += [panel.valid_until for panel in shown_panels]
    return ProductPage(
        context=context,
        depends_on=(
            f"product:{listing.pk}",
            f"producer:{grower.pk}",
            "shipping",
            *(f"product:{other.listing.pk}" for other in related),
            *(key for panel in shown_panels for key in panel.depends_on),
        ),
        valid_until=min(moment for moment in moments if moment),
    )


def preview_page(
    offer: ListingOffer, *, asked: Mapping[str, str], path: str, now: datetime
) -> dict[str, Any]:
    """The same context for what buyers may not see yet, as if it were on sale.

    The template of a preview shows ``buy`` without its form.
    """
    unit_id = parameters.unit_id(asked)
    context = product_page(
        offer, [], unit_id=unit_id, province_code=parameters.province_code(asked), now=now,
        path=path,
    ).context
    unit = _chosen(offer, unit_id)
    if unit is None or unit.price is None:
        # Not sold out: nobody has said yet what it costs.
        return context | {"stock": None, "why_not": ""}
    if offer.is_paused:
        return context
    if not unit.is_counted or unit.available > 0:
        context |= {"buy": Buy(action="", product_id=unit.unit.pk), "why_not": ""}
    return context


def _chosen(offer: ListingOffer, unit_id: int | None) -> UnitOffer | None:
    """The unit that the address names, else the one whose price stands for the listing."""
    named = next((unit for unit in offer.units if unit.unit.pk == unit_id), None)
    return named or offer.lead


_TRAIL = """
    SELECT DISTINCT above.path, above.slug, above.name_vi, above.name_en
    FROM catalogue_productcategory AS placed
    JOIN catalogue_category AS own ON own.id = placed.category_id
    JOIN catalogue_category AS above ON own.path LIKE above.path || '%%' AND above.is_public
    WHERE placed.product_id = %s AND own.is_public AND own.ancestors_are_public
    ORDER BY above.path
"""


def _trail(listing: Product) -> Breadcrumbs:
    """Home, then the shelves down to the deepest one that the listing lies on. One query."""
    rows = statements.rows(_TRAIL, [listing.pk])
    is_english = get_language() == "en"
    deepest = max((path for path, *_names in rows), key=len, default="")
    links = []
    slugs: list[str] = []
    for path, slug, name_vi, name_en in rows:
        if deepest.startswith(path):
            slugs.append(slug)
            url = reverse("shop:category", kwargs={"path": "/".join(slugs)})
            links.append(Link((is_english and name_en) or name_vi, url))
    return meta.breadcrumbs(Link(_("Products"), reverse("shop:product_list")), *links)


def _pictures(listing: Product) -> list[Picture]:
    found = (
        picture(image, _LARGE, loading="eager" if at == 0 else "lazy")
        for at, image in enumerate(listing.shown_pictures)
    )
    return [shown for shown in found if shown]


def _price_panel(listing: Product, unit: UnitOffer) -> PricePanel:
    price = unit.price
    old = price.old_price_incl_tax
    saved = round((old - price.incl_tax) * 100 / old) if old else 0
    return PricePanel(
        price=formats.money(price.incl_tax),
        old_price=formats.money(old) if old else "",
        unit_price=formats.unit_price(
            price.incl_tax, unit.unit.net_weight_g, unit.unit.net_count,
            listing.unit_price_basis, net_volume_ml=unit.unit.net_volume_ml,
            count_word=unit.unit.count_unit or "",
        ),
        saving=_("%(percent)s%% off") % {"percent": saved} if saved else "",
        sale_through=formats.date(clock.local_date(price.valid_until - timedelta(seconds=1)))
        if old and price.valid_until
        else "",
    )


def _variants(
    offer: ListingOffer, chosen: UnitOffer | None, province_code: str, path: str
) -> VariantPicker | None:
    """The sizes, each a link to this page showing it."""
    if not offer.listing.is_parent or len(offer.units) < 2:
        return None
    kept = [(parameters.DELIVER_TO, province_code)] if province_code else []
    return VariantPicker(
        tuple(
            Variant(
                value=str(unit.unit.pk),
                label=unit.unit.title,
                url=f"{path}?{urlencode([(parameters.UNIT, unit.unit.pk), *kept])}",
                price=formats.money(unit.price.incl_tax) if unit.price else "",
                is_current=chosen is not None and unit.unit.pk == chosen.unit.pk,
                is_sold_out=unit.stock.state == "out",
            )
            for unit in offer.units
        )
    )


def _stock(offer: ListingOffer, unit: UnitOffer | None) -> StockWord:
    if offer.is_paused:
        return StockWord("paused", _("Closed for now"), pause_words(offer.listing.producer))
    if unit is None:
        return StockWord("out", _("Not for sale at the moment"))
    return StockWord(unit.stock.state, unit.stock.word)


def _buy(listing: Product, unit: UnitOffer | None) -> Buy | None:
    if unit is None or not unit.can_be_bought:
        return None
    age = listing.product_class.minimum_age
    return Buy(
        action=reverse("checkout:add"),
        product_id=unit.unit.pk,
        age_words=_("I am %(age)s years old or older.") % {"age": age} if age else "",
    )


def _why_not(offer: ListingOffer, unit: UnitOffer | None) -> str:
    """Why it cannot be bought, and what to do instead."""
    if unit is not None and unit.can_be_bought:
        return ""
    if offer.is_paused:
        return pause_words(offer.listing.producer)
    if unit is not None and offer.can_be_bought:
        return _("This size is sold out. Please choose another one.")
    return _("Sold out for now. Call the grower to ask when there will be more.")


def _season(listing: Product) -> SeasonBar | None:
    main, side = listing.harvest_main, listing.harvest_side
    if not main and not side:
        return None
    words = []
    if main:
        words.append(_("Main season: %(months)s.") % {"months": month_words(main)})
    if side:
        words.append(_("Side season: %(months)s.") % {"months": month_words(side)})
    return SeasonBar(tuple(main), tuple(side), words=" ".join(words))


def month_words(months: list[int]) -> str:
    """Months in words, runs joined, over the turn of the year too: 8–1 for August to January."""
    present = sorted(set(months))
    runs = [[month] for month in present if (month - 2) % 12 + 1 not in present]
    if not runs:
        return _("all year")
    for run in runs:
        while run[-1] % 12 + 1 in present:
            run.append(run[-1] % 12 + 1)
    text = ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)
    return ngettext("month %(months)s", "months %(months)s", len(present)) % {"months": text}


def label_facts(listing: Product, unit: Product) -> list[LabelFact]:
    """What the label says, as far as it is not printed for each lot (Decree 43/2017, 111/2021)."""
    grower = listing.producer
    is_thing = not listing.product_class or listing.product_class.group not in (
        "craft", "ornamental", "tourism",
    )
    facts = [
        (_("Net quantity"), net_quantity(unit)),
        (_("Ingredients") if is_thing else _("Made of"), listing.ingredients),
        (_("Allergens"), _allergens(listing)),
        (_("May contain"), listing.may_contain),
        (_("Keeps for"), _days(listing.shelf_life_days)),
        (_("Storage"), listing.storage),
        (_("How to use"), listing.usage),
        (_("Origin"), origin_of(listing)),
        (_("Responsible for the goods"), f"{grower.name}, {address_of(grower)}"),
        (_("GTIN"), unit.gtin or ""),
        (_("HS code"), listing.hs_code),
        (_("VAT included"), f"{formats.decimal(listing.vat_rate)}%"
         if listing.vat_rate is not None else ""),
    ]
    return [LabelFact(str(term), str(value)) for term, value in facts if value]


def origin_of(listing: Product) -> str:
    """Commune and province where the main material grew or the thing was made."""
    commune = listing.origin_commune or listing.producer.commune
    return f"{commune.full_name}, {commune.province.name}"


def net_quantity(unit: Product) -> str:
    """How much there is: weight, volume and count, as far as declared."""
    parts = [formats.weight(unit.net_weight_g), formats.volume(unit.net_volume_ml)]
    if unit.net_count:
        parts.append(f"{formats.number(unit.net_count)} {unit.count_unit or ''}".strip())
    return ", ".join(part for part in parts if part)


def _allergens(listing: Product) -> str:
    if listing.allergens is None:
        return ""
    names = dict(Allergen.choices)
    return ", ".join(str(names.get(code, code)) for code in listing.allergens) or _("none declared")


def _days(days: int | None) -> str:
    if not days:
        return ""
    return ngettext("%(count)s day", "%(count)s days", days) % {"count": days}


def _html(html: str) -> SafeString:
    """A description: cleaned on saving; plain text of several lines becomes paragraphs."""
    if "<" not in html:
        html = linebreaks(html, autoescape=True) if html else ""
    return mark_safe(html)


def _producer_panel(listing: Product, now: datetime) -> ProducerPanel:
    grower = listing.producer
    return ProducerPanel(
        name=grower.name,
        url=reverse("shop:producer", kwargs={"slug": grower.slug}),
        kind=grower.get_kind_display(),
        address=grower.commune.full_name,
        intro=meta.shorten(strip_tags(grower.story or ""), _INTRO_LENGTH),
        picture=picture(grower.portrait, "112px") if grower.portrait_id else None,
        phone=grower.phone,
        phone_shown=formats.phone(grower.phone),
        zalo_url=zalo_url(grower),
        verified=verified_words(grower),
        paused=pause_words(grower) if grower.is_paused(clock.local_date(now)) else "",
    )


def _product_data(offer: ListingOffer, unit: UnitOffer | None, path: str) -> dict[str, Any]:
    """schema.org's Product; its offer is the price that the page shows, no other."""
    listing = offer.listing
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": listing.title,
        "description": listing.summary or meta.shorten(strip_tags(listing.description), 500),
        "url": meta.absolute(path),
        "brand": {"@type": "Brand", "name": listing.producer.name},
        "countryOfOrigin": "VN",
    }
    if image := address(offer.picture):
        data["image"] = [meta.absolute(image)]
    if unit is None or unit.price is None:
        return data
    if unit.unit.gtin:
        data["gtin"] = unit.unit.gtin
    if unit.record:
        data["sku"] = unit.record.partner_sku
    data["offers"] = {
        "@type": "Offer",
        "price": f"{unit.price.incl_tax:.0f}",
        "priceCurrency": unit.price.currency,
        "availability": "https://schema.org/"
        + ("InStock" if unit.can_be_bought else "OutOfStock"),
        "itemCondition": "https://schema.org/NewCondition",
        "url": meta.absolute(path),
        "seller": {"@type": "Organization", "name": listing.producer.name},
    }
    if unit.price.old_price_incl_tax and unit.price.valid_until:
        until = unit.price.valid_until - timedelta(seconds=1)
        data["offers"]["priceValidUntil"] = clock.local_date(until).isoformat()
    return data
