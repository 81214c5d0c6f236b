"""The columns of each kind of table: headings in both languages, and what a cell may say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalogue.actions import HIGHEST_PRICE, HIGHEST_STOCK
from catalogue.models import Allergen, Product, ShippingClass
from marketplace.imports.models import Import
from marketplace.kernel import formats
from marketplace.kernel.fold import fold
from marketplace.producers.models import Producer

#: (lowest, highest) of whole numbers, as the forms of the desks have them.
PRICE = (1, int(HIGHEST_PRICE))
STOCK = (0, HIGHEST_STOCK)
GRAMS = (1, 1_000_000)


@dataclass(frozen=True)
class Column:
    """One column. ``kind`` names how a cell is read (``cells.READERS``).

    ``label`` and ``help`` are translatable; a file may have its headings in either language,
    or the plain ``key``.
    """

    key: str
    label: str | Promise
    kind: str = "text"
    help: str | Promise = ""
    example: Any = ""
    longest: int = 200
    bounds: tuple[int, int] = (0, 0)
    choices: Sequence[tuple[str, Any]] = ()
    #: Recognises our line of explanations and the example.
    is_key: bool = False
    #: Without this heading the file is another table.
    is_heading_required: bool = False
    #: Only in tables of the office, which hold several producers' goods.
    is_office_only: bool = False
    #: Only to be read by people: the export fills it, nothing reads it back.
    is_for_eyes: bool = False
    width: int = 18

    @cached_property
    def headings(self) -> frozenset[str]:
        """Folded: what the heading may be."""
        return frozenset({self.key, *(fold(text) for text in _in_both(self.label))})

    @cached_property
    def helps(self) -> tuple[str, ...]:
        """The explanations in both languages."""
        return _in_both(self.help)

    @cached_property
    def choice_words(self) -> dict[str, str]:
        """Folded word or code → code."""
        words = {code: code for code, _label in self.choices}
        for code, label in self.choices:
            words |= {fold(text): code for text in _in_both(label)}
        return words

    def show(self, value: Any) -> str:
        """A stored value in the reader's language."""
        if value is None or value == "":
            return "–"
        if self.kind in ("choice", "allergens"):
            labels = {code: str(label) for code, label in self.choices}
            if isinstance(value, list):
                return ", ".join(labels.get(code, code) for code in value) or _("none")
            return labels.get(value, value)
        if self.kind == "yes_no":
            return _("yes") if value else _("no")
        if isinstance(value, list):
            return ", ".join(str(item) for item in value) or "–"
        if isinstance(value, int) and self.kind in ("price", "count"):
            return formats.number(value)
        return str(value)


def _in_both(text: str | Promise) -> tuple[str, ...]:
    found = []
    for language in ("vi", "en"):
        with translation.override(language):
            found.append(str(text))
    return tuple(found)


def _pair(
    key: str, vi: Any, en: Any, longest: int, **kwargs: Any
) -> tuple[Column, Column]:
    return (
        Column(f"{key}_vi", vi, longest=longest, **kwargs),
        Column(f"{key}_en", en, kind=kwargs.get("kind", "text"), longest=longest),
    )


_CODE = Column(
    "producer", gettext_lazy("Producer code"), kind="code",
    help=gettext_lazy("The last part of the producer's address in the shop."),
    example="nha-vuon-ut-lanh", longest=120, is_office_only=True, is_heading_required=True,
)  # fmt: skip
_SKU = Column(
    "sku", gettext_lazy("Article number"), kind="code",
    help=gettext_lazy("Your own number of what is sold. It finds the article again."),
    example="VI-DU-001", longest=128, is_key=True, is_heading_required=True,
)  # fmt: skip
_TITLE = Column(
    "title", gettext_lazy("Article"), is_for_eyes=True, width=40,
    help=gettext_lazy("For your eyes only; it is not read."), example="Xoài cát Hòa Lộc",
)  # fmt: skip
_PRICE = Column(
    "price", gettext_lazy("Price (₫)"), kind="price", bounds=PRICE, example=285000,
    help=gettext_lazy("Whole đồng, VAT included."), is_heading_required=True,
)  # fmt: skip
_STOCK = Column(
    "in_stock", gettext_lazy("On the shelf"), kind="count", bounds=STOCK, example=40,
    help=gettext_lazy("How many you counted, those promised to buyers included."),
    is_heading_required=True,
)  # fmt: skip

PRODUCERS = (
    Column("code", gettext_lazy("Producer code"), kind="code", longest=120, is_key=True,
           help=gettext_lazy("Leave it empty for a new producer."), example="VI-DU-1"),
    Column("kind", gettext_lazy("Kind"), kind="choice", choices=Producer.Kind.choices,
           help=gettext_lazy("Choose from the list."), example=Producer.Kind.HOUSEHOLD),
    Column("name_vi", gettext_lazy("Name (Vietnamese)"), longest=128, width=36,
           is_heading_required=True, help=gettext_lazy("As it stands on the certificate."),
           example="Hộ kinh doanh Nguyễn Thị Lành"),
    Column("name_en", gettext_lazy("Name (English)"), longest=160),
    Column("representative", gettext_lazy("Representative"), longest=120,
           help=gettext_lazy("Who signs."), example="Nguyễn Thị Lành"),
    Column("registration_no", gettext_lazy("Business registration number"), kind="code",
           longest=40, help=gettext_lazy("This or the tax code."), example="51A8000001"),
    Column("tax_code", gettext_lazy("Tax code"), kind="code", longest=14,
           help=gettext_lazy("10 or 13 digits.")),
    Column("street", gettext_lazy("Street or hamlet"), example="Ấp Tịnh Châu", width=28),
    Column("commune", gettext_lazy("Commune"), kind="commune", width=28,
           help=gettext_lazy("Choose from the list, or write “xã Mỹ Thọ”."),
           example="Xã Mỹ Thọ, Đồng Tháp"),
    Column("phone", gettext_lazy("Phone"), kind="phone", example="0912 345 678"),
    Column("answers_on_zalo", gettext_lazy("Answers on Zalo"), kind="yes_no", example=True,
           help=gettext_lazy("yes or no")),
    Column("email", gettext_lazy("E-mail address"), kind="email", longest=254, width=28),
    Column("established_year", gettext_lazy("Since (year)"), kind="count", bounds=(1800, 2100),
           example=2015),
    Column("preparation_days", gettext_lazy("Preparation days"), kind="count", bounds=(0, 60),
           help=gettext_lazy("Working days from the order to handing over."), example=1),
    *_pair("story", gettext_lazy("Story (Vietnamese)"), gettext_lazy("Story (English)"), 20_000),
)  # fmt: skip

LISTINGS = (
    _CODE,
    _SKU,
    Column("group", gettext_lazy("Group of variants"), kind="code", longest=60,
           help=gettext_lazy("The same word in each row that is a variant of one listing.")),
    Column("label_vi", gettext_lazy("Variant (Vietnamese)"), longest=100,
           help=gettext_lazy("What tells variants apart, such as 500 g.")),
    Column("label_en", gettext_lazy("Variant (English)"), longest=100),
    Column("title_vi", gettext_lazy("Name (Vietnamese)"), longest=160, width=40,
           is_heading_required=True, help=gettext_lazy("The name in the shop."),
           example="Xoài cát Hòa Lộc"),
    Column("title_en", gettext_lazy("Name (English)"), longest=160, width=30),
    Column("product_class", gettext_lazy("OCOP product set"), kind="product_class", width=30,
           is_heading_required=True, help=gettext_lazy("Choose from the list, or its number."),
           example="1"),
    Column("categories", gettext_lazy("Categories"), kind="categories", width=30,
           help=gettext_lazy("Several with a semicolon between them.")),
    Column("price", gettext_lazy("Price (₫)"), kind="price", bounds=PRICE, example=285000,
           help=gettext_lazy("Whole đồng, VAT included.")),
    Column("in_stock", gettext_lazy("On the shelf"), kind="count", bounds=STOCK, example=40,
           help=gettext_lazy("How many you counted, those promised to buyers included.")),
    Column("vat_rate", gettext_lazy("VAT rate"), kind="rate", example=5,
           help=gettext_lazy("Per cent, included in the price.")),
    Column("net_weight_g", gettext_lazy("Net weight in grams"), kind="count", bounds=GRAMS,
           example=3000),
    Column("net_volume_ml", gettext_lazy("Net volume in millilitres"), kind="count",
           bounds=GRAMS),
    Column("net_count", gettext_lazy("Count"), kind="count", bounds=(1, 100_000)),
    Column("count_unit_vi", gettext_lazy("Counted in (Vietnamese)"), longest=30,
           help=gettext_lazy("The word after the count: trái, cặp.")),
    Column("count_unit_en", gettext_lazy("Counted in (English)"), longest=30),
    Column("gross_weight_g", gettext_lazy("Weight with packing, in grams"), kind="count",
           bounds=GRAMS, example=3400),
    Column("gtin", gettext_lazy("GTIN"), kind="gtin",
           help=gettext_lazy("Only if GS1 gave you one.")),
    Column("shipping_class", gettext_lazy("Delivery class"), kind="choice",
           choices=ShippingClass.choices, help=gettext_lazy("Choose from the list."),
           example=ShippingClass.FRESH),
    Column("unit_price_basis", gettext_lazy("Unit price"), kind="choice",
           choices=Product.UnitPriceBasis.choices, help=gettext_lazy("Choose from the list."),
           example=Product.UnitPriceBasis.KG),
    Column("origin_commune", gettext_lazy("Commune of origin"), kind="commune", width=28,
           help=gettext_lazy("Choose from the list, or write “xã Mỹ Thọ”."),
           example="Xã Mỹ Thọ, Đồng Tháp"),
    Column("allergens", gettext_lazy("Allergens"), kind="allergens", choices=Allergen.choices,
           width=28, help=gettext_lazy("Several with a semicolon between them; “none” if none."),
           example=[]),
    Column("shelf_life_days", gettext_lazy("Shelf life in days"), kind="count",
           bounds=(1, 10_000), example=7),
    Column("harvest_main", gettext_lazy("Main season (months)"), kind="months",
           help=gettext_lazy("Such as 3, 4, 5."), example=[3, 4, 5]),
    Column("harvest_side", gettext_lazy("Side season (months)"), kind="months"),
    *_pair("summary", gettext_lazy("One line about it (Vietnamese)"),
           gettext_lazy("One line about it (English)"), 200, width=30),
    *_pair("description", gettext_lazy("Description (Vietnamese)"),
           gettext_lazy("Description (English)"), 20_000, width=30, kind="paragraphs"),
    *_pair("ingredients", gettext_lazy("Ingredients or materials (Vietnamese)"),
           gettext_lazy("Ingredients or materials (English)"), 2000,
           example="Xoài cát Hòa Lộc 100%"),
    *_pair("may_contain", gettext_lazy("May contain traces of (Vietnamese)"),
           gettext_lazy("May contain traces of (English)"), 200),
    *_pair("storage", gettext_lazy("Storage (Vietnamese)"), gettext_lazy("Storage (English)"),
           2000),
    *_pair("usage", gettext_lazy("How to use (Vietnamese)"),
           gettext_lazy("How to use (English)"), 2000),
    *_pair("warnings", gettext_lazy("Warnings (Vietnamese)"),
           gettext_lazy("Warnings (English)"), 2000),
    Column("hs_code", gettext_lazy("HS code"), kind="code", longest=10),
)  # fmt: skip

PRICES = (
    _CODE, _SKU, _TITLE,
    Column("seen", gettext_lazy("Price when downloaded"), kind="price", bounds=PRICE,
           help=gettext_lazy("Leave it as it is: it shows what changed meanwhile.")),
    _PRICE,
)  # fmt: skip
STOCK_COLUMNS = (
    _CODE, _SKU, _TITLE,
    Column("seen", gettext_lazy("Stock when downloaded"), kind="count", bounds=(0, 10_000_000),
           help=gettext_lazy("Leave it as it is: it shows what changed meanwhile.")),
    _STOCK,
)  # fmt: skip

_TABLES: dict[str, Sequence[Column]] = {
    Import.Kind.PRODUCERS: PRODUCERS,
    Import.Kind.LISTINGS: LISTINGS,
    Import.Kind.PRICES: PRICES,
    Import.Kind.STOCK: STOCK_COLUMNS,
}
_PICTURES = (Column("file", gettext_lazy("File"), is_key=True),)


def columns_of(kind: str, *, for_office: bool) -> tuple[Column, ...]:
    """The columns of a table; a producer's own has no column for the producer."""
    columns: Sequence[Column] = _TABLES.get(kind, _PICTURES)
    return tuple(column for column in columns if for_office or not column.is_office_only)


def by_key(kind: str) -> Callable[[str], Column | None]:
    """Look up a column of any desk's table of this kind."""
    found = {column.key: column for column in _TABLES.get(kind, _PICTURES)}
    return found.get
