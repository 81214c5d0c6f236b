"""The list of growers, a grower's page, and how growers are spoken of elsewhere."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.html import linebreaks, strip_tags
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from marketplace.kernel import clock, formats
from marketplace.media.queries import picture
from marketplace.producers.models import Producer
from marketplace.producers.queries import in_public
from marketplace.producers.words import address_of, pause_words, verified_words
from marketplace.shop import lists, meta, panels, parameters
from marketplace.shop.parameters import ListParameters
from theme.components import (
    EmptyState,
    LabelFact,
    LabelFacts,
    Link,
    MenuItem,
    Pager,
    ProducerCard,
)

PAGE_SIZE = 24


def zalo_url(producer: Producer) -> str:
    """Where to write to the producer on Zalo, or empty."""
    return f"https://zalo.me/{producer.phone.lstrip('+')}" if producer.answers_on_zalo else ""


def grower_list(*, kind: str, page: int, now: datetime) -> dict[str, Any]:
    """What shop/producer_list.html shows: identified growers in alphabetical order."""
    path = reverse("shop:producer_list")
    kinds = dict(Producer.Kind.choices)
    kind = kind if kind in kinds else ""
    growers = in_public()
    counts = dict(growers.order_by().values_list("kind").annotate(Count("pk")))
    total = counts.get(kind, 0) if kind else sum(counts.values())
    if kind:
        growers = growers.filter(kind=kind)
    page_count = max(1, -(-total // PAGE_SIZE))
    page = min(page, page_count)
    shown = (
        growers.select_related("commune", "portrait")
        .annotate(
            goods=Count(
                "products", filter=Q(products__is_public=True, products__parent__isnull=True)
            )
        )
        .order_by("sort_key", "pk")[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    )
    trail = meta.breadcrumbs()
    title = _("Growers and makers")
    today = clock.local_date(now)

    def url_of(number: int, of_kind: str = kind) -> str:
        pairs = [(parameters.KIND, of_kind), (parameters.PAGE, str(number) if number > 1 else "")]
        query = "&".join(f"{name}={value}" for name, value in pairs if value)
        return f"{path}?{query}" if query else path

    return {
        "title": title,
        "intro": _("Everybody who sells here, with name, place and phone number."),
        "breadcrumbs": trail,
        "filters": [
            MenuItem(_("All"), path, is_current=not kind),
            *(
                MenuItem(str(label), url_of(1, code), is_current=code == kind)
                for code, label in Producer.Kind.choices
                if counts.get(code)
            ),
        ],
        "cards": [_card(grower, today) for grower in shown],
        "pager": Pager.of(page, page_count, url_of) if page_count > 1 else None,
        "empty": EmptyState(_("Nobody here yet")),
        "meta": meta.page_meta(
            title=title,
            description=_("Everybody who sells here, with name, place and phone number."),
            path_of=lambda: reverse("shop:producer_list"),
            noindex=bool(kind),
            json_ld=(meta.breadcrumb_data(trail, title, path),),
        ),
    }


def _card(grower: Producer, today: Any) -> ProducerCard:
    return ProducerCard(
        name=grower.name,
        url=reverse("shop:producer", kwargs={"slug": grower.slug}),
        kind=grower.get_kind_display(),
        commune_name=grower.commune.full_name,
        intro=meta.shorten(strip_tags(grower.story or ""), 140),
        picture=picture(grower.portrait),
        product_count=ngettext("%(number)s product", "%(number)s products", grower.goods)
        % {"number": formats.number(grower.goods)},
        paused=_("Closed for now") if grower.is_paused(today) else "",
    )


def grower_page(
    grower: Producer, *, page: int, now: datetime
) -> tuple[dict[str, Any], tuple[str, ...], datetime]:
    """What shop/producer_detail.html shows; its page versions; until when it is true."""
    path = reverse("shop:producer", kwargs={"slug": grower.slug})
    found = lists.find(ListParameters(page=page), now, growers=(grower.slug,))
    trail = meta.breadcrumbs(Link(_("Growers and makers"), reverse("shop:producer_list")))
    shown_panels = panels.panels(panels.PRODUCER, grower, now)
    is_paused = grower.is_paused(clock.local_date(now))
    intro = meta.shorten(strip_tags(grower.story or ""), 200)
    context = {
        "name": grower.name,
        "kind": grower.get_kind_display(),
        "commune_name": grower.commune.full_name,
        "intro": intro,
        "breadcrumbs": trail,
        "picture": picture(grower.portrait, "(min-width: 900px) 320px, 92vw", loading="eager"),
        "verified": verified_words(grower),
        "paused": pause_words(grower) if is_paused else "",
        "story": mark_safe(linebreaks(strip_tags(grower.story), autoescape=True))
        if grower.story
        else "",
        "facts": LabelFacts(tuple(seller_facts(grower)), title=_("Who sells")),
        "phone": grower.phone,
        "phone_shown": formats.phone(grower.phone),
        "zalo_url": zalo_url(grower),
        "panels": [panel.part for panel in shown_panels],
        "cards": found.cards,
        "pager": lists.pager(
            found, lambda number: ListParameters(page=number).url(path, page=number)
        ),
        "empty": EmptyState(_("Nothing on sale at the moment")),
        "stories": [],
        "meta": meta.page_meta(
            title=grower.name,
            description=intro,
            path_of=lambda: reverse("shop:producer", kwargs={"slug": grower.slug}),
            json_ld=(
                _organisation(grower, path),
                meta.breadcrumb_data(trail, grower.name, path),
            ),
        ),
    }
    keys = (f"producer:{grower.pk}", "catalogue", *(k for p in shown_panels for k in p.depends_on))
    moments = [found.valid_until, *(panel.valid_until for panel in shown_panels)]
    return context, keys, min(moment for moment in moments if moment)


def seller_facts(grower: Producer) -> list[LabelFact]:
    """What a buyer must know of the seller before the contract (Law 19/2023/QH15, art. 37)."""
    facts = [
        (_("Seller's name"), grower.name_vi or grower.name),
        (_("Kind of business"), grower.get_kind_display()),
        (_("Representative"), grower.representative),
        (_("Registration number"), grower.registration_no),
        (_("Tax code"), grower.tax_code),
        (_("Address"), address_of(grower)),
        (_("Phone"), formats.phone(grower.phone)),
        (_("E-mail"), grower.email),
        (_("Since"), str(grower.established_year or "")),
        (_("Prepares parcels in"), _working_days(grower.preparation_days)),
    ]
    return [LabelFact(str(term), str(value)) for term, value in facts if value]


def _working_days(days: int) -> str:
    return ngettext("%(count)s working day", "%(count)s working days", days) % {"count": days}


def _organisation(grower: Producer, path: str) -> dict[str, Any]:
    commune = grower.commune
    return {
        "@context": "https://schema.org",
        "@type": "Organization",
        "name": grower.name,
        "url": meta.absolute(path),
        "telephone": grower.phone,
        "address": {
            "@type": "PostalAddress",
            "streetAddress": grower.street,
            "addressLocality": commune.full_name,
            "addressRegion": commune.province.name,
            "addressCountry": "VN",
        },
        "inLanguage": get_language(),
    }
