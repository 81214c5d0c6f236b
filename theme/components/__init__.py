"""Parts of pages: frozen dataclasses that render themselves.

A component takes plain values (strings already formatted for the reader, numbers, addresses,
other components) and asks the database nothing, so that a list can hide no query and the sample
page can show each part in all its states. Use: `{% load laces %}{% component card %}`.
"""

from theme.components.base import Part
from theme.components.basket import (
    BasketGroup,
    BasketLine,
    CodeBox,
    Steps,
    StepsItem,
    SummaryBox,
    SummaryRow,
)
from theme.components.cards import (
    CategoryTile,
    Picture,
    PictureSource,
    ProducerCard,
    ProductCard,
    StoryCard,
)
from theme.components.editorial import Hero, LiveProduct
from theme.components.forms import ErrorSummary, Field
from theme.components.frame import (
    Breadcrumbs,
    EmptyState,
    Fold,
    Footer,
    Header,
    Link,
    MenuItem,
    Message,
    Tip,
)
from theme.components.listing import (
    ActiveFilter,
    ActiveFilters,
    FacetGroup,
    FacetOption,
    FilterPanel,
    Pager,
    PriceRange,
    SortForm,
)
from theme.components.orders import MissingQuestion, Parcel, RiverLine, RiverStop, TaskCard
from theme.components.product import (
    DeliveryPromise,
    LabelFact,
    LabelFacts,
    PricePanel,
    ProducerPanel,
    SeasonBar,
    StockWord,
    Variant,
    VariantPicker,
)

__all__ = [
    "ActiveFilter",
    "ActiveFilters",
    "BasketGroup",
    "BasketLine",
    "Breadcrumbs",
    "CategoryTile",
    "CodeBox",
    "DeliveryPromise",
    "EmptyState",
    "ErrorSummary",
    "FacetGroup",
    "FacetOption",
    "Field",
    "FilterPanel",
    "Fold",
    "Footer",
    "Header",
    "Hero",
    "LabelFact",
    "LabelFacts",
    "Link",
    "LiveProduct",
    "MenuItem",
    "Message",
    "MissingQuestion",
    "Pager",
    "Parcel",
    "Part",
    "Picture",
    "PictureSource",
    "PricePanel",
    "PriceRange",
    "ProducerCard",
    "ProducerPanel",
    "ProductCard",
    "RiverLine",
    "RiverStop",
    "SeasonBar",
    "SortForm",
    "Steps",
    "StepsItem",
    "StockWord",
    "StoryCard",
    "SummaryBox",
    "SummaryRow",
    "TaskCard",
    "Tip",
    "Variant",
    "VariantPicker",
]
