"""Parts of the product page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from theme.components.base import Part
from theme.components.cards import Picture


@dataclass(frozen=True)
class PricePanel(Part):
    """Price including tax, the old price when the goods are on sale until `sale_through`."""

    template_name = "components/price_panel.html"

    price: str
    old_price: str = ""
    unit_price: str = ""
    saving: str = ""
    sale_through: str = ""
    price_from: bool = False


@dataclass(frozen=True)
class Variant:
    """One sellable size. `url` leads to the page showing it (works without script)."""

    value: str
    label: str
    url: str = ""
    price: str = ""
    is_current: bool = False
    is_sold_out: bool = False


@dataclass(frozen=True)
class VariantPicker(Part):
    """Sizes of one product. Links when variants have addresses, else radio buttons `name`."""

    template_name = "components/variant_picker.html"

    variants: Sequence[Variant]
    name: str = "variant"
    legend: str = ""


@dataclass(frozen=True)
class StockWord(Part):
    """Stock in words. `state`: in, few, out, paused or preseason."""

    template_name = "components/stock_word.html"

    state: str
    word: str
    note: str = ""

    @property
    def icon(self) -> str:
        return {"in": "check", "few": "clock", "preseason": "calendar"}.get(self.state, "stop")


@dataclass(frozen=True)
class ProvinceOptions(Part):
    """The provinces of a choice, one of them chosen."""

    template_name = "components/province_options.html"

    choices: Sequence[tuple[str, str]]
    current: str = ""


@dataclass(frozen=True)
class DeliveryPromise(Part):
    """By when and for how much the goods come to a province, or why they cannot.

    `province_choices` are (code, name); the form is a plain GET with `name` in the address.
    `refusal` replaces promise and fee. `landed_price` is goods plus delivery per kilogram.
    """

    template_name = "components/delivery_promise.html"

    promise: str = ""
    fee: str = ""
    note: str = ""
    refusal: str = ""
    landed_price: str = ""
    province_name: str = ""
    province_choices: Sequence[tuple[str, str]] = ()
    province_code: str = ""
    action: str = ""
    name: str = "giao-den"
    hidden: Sequence[tuple[str, str]] = ()

    @property
    def options(self) -> ProvinceOptions:
        return ProvinceOptions(tuple(self.province_choices), self.province_code)


@dataclass(frozen=True)
class LabelFact:
    term: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class LabelFacts(Part):
    """What the food label law wants said (Decree 43/2017, 111/2021), as terms and values."""

    template_name = "components/label_facts.html"

    facts: Sequence[LabelFact]
    title: str = ""
    warning: str = ""


@dataclass(frozen=True)
class ProducerPanel(Part):
    """Who makes it, where, and how to ask them. `phone` is E.164, `phone_shown` as written."""

    template_name = "components/producer_panel.html"

    name: str
    url: str = ""
    kind: str = ""
    address: str = ""
    intro: str = ""
    quote: str = ""
    picture: Picture | None = None
    phone: str = ""
    phone_shown: str = ""
    zalo_url: str = ""
    verified: str = ""
    paused: str = ""


@dataclass(frozen=True)
class SeasonBar(Part):
    """Twelve months; main and side season also said in words under the bar."""

    template_name = "components/season_bar.html"

    main_months: Sequence[int] = ()
    side_months: Sequence[int] = ()
    words: str = ""
    title: str = ""

    @property
    def months(self) -> list[tuple[int, str, str]]:
        """(number, class, season in words) of each month."""
        rows = []
        for month in range(1, 13):
            if month in self.main_months:
                rows.append((month, "m", _("main season")))
            elif month in self.side_months:
                rows.append((month, "n2", _("side season")))
            else:
                rows.append((month, "", ""))
        return rows
