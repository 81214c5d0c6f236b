"""Why a change to the goods was refused; ``str(error)`` is in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


class CatalogueError(Exception):
    """A refused change; nothing was written."""


@dataclass(frozen=True)
class MissingField:
    """A field that a listing must have, as its label in the reader's language, and by which law.

    ``unit`` is the variant that lacks it, or empty when the listing itself does.
    """

    field: str
    label: str
    unit: str = ""
    source: str = ""

    def __str__(self) -> str:
        return f"{self.label} ({self.unit})" if self.unit else self.label


class ListingIncomplete(CatalogueError):
    """The listing lacks fields without which it may not be published."""

    def __init__(self, missing: Sequence[MissingField]) -> None:
        self.missing = list(missing)
        super().__init__(self.missing)

    def __str__(self) -> str:
        return _("The listing cannot be published yet. Still missing: %(fields)s.") % {
            "fields": ", ".join(str(field) for field in self.missing)
        }


class ProducerNotIdentified(CatalogueError):
    """Nobody has checked who the producer is, so nothing of theirs may go on sale."""

    def __str__(self) -> str:
        return _("The producer's identity has not been verified yet, so nothing can be published.")


class PriceInvalid(CatalogueError):
    """A price is a whole number of đồng above nothing."""

    def __str__(self) -> str:
        return _("A price is a whole number of đồng, at least 1 and below 10 billion.")


class SaleNotLower(CatalogueError):
    """A sale price must be below the ordinary price."""

    def __str__(self) -> str:
        return _("A sale price must be lower than the ordinary price.")


class SalePeriodInvalid(CatalogueError):
    """A sale must end after it begins."""

    def __str__(self) -> str:
        return _("A sale must end after it begins.")


class SaleOverlaps(CatalogueError):
    """Two sales of one thing at one time."""

    def __str__(self) -> str:
        return _("There is another sale price in this period.")


class StockInvalid(CatalogueError):
    """A stock that cannot be: negative, not whole, or absurdly large."""

    def __str__(self) -> str:
        return _("The stock is a whole number from 0 to 1,000,000.")


class StockBelowAllocated(CatalogueError):
    """Units already promised to buyers cannot be taken off the shelf."""

    def __init__(self, allocated: int) -> None:
        self.allocated = allocated
        super().__init__(allocated)

    def __str__(self) -> str:
        return ngettext(
            "%(count)s unit is promised to a buyer; the stock cannot be lower.",
            "%(count)s units are promised to buyers; the stock cannot be lower.",
            self.allocated,
        ) % {"count": self.allocated}


class GtinInvalid(CatalogueError):
    """Not a GTIN: wrong length or check digit."""

    def __str__(self) -> str:
        return _(
            "This is not a GTIN: it has 8, 12, 13 or 14 digits and the last one proves the others."
        )


class SkuTaken(CatalogueError):
    """A producer gives each article number once."""

    def __init__(self, sku: str) -> None:
        self.sku = sku
        super().__init__(sku)

    def __str__(self) -> str:
        return _("The producer has another thing with the article number %(sku)s.") % {
            "sku": self.sku
        }


class UnitUnknown(CatalogueError):
    """A sellable unit that does not belong to the listing."""

    def __str__(self) -> str:
        return _("This variant does not belong to the listing. Please reload the page.")


class VariantsNeedLabels(CatalogueError):
    """Several variants can only be told apart by their labels."""

    def __str__(self) -> str:
        return _("With several variants, each needs a name, such as 500 g.")


class ListingMoveRefused(CatalogueError):
    """A step that the table of states does not know, or not for this person."""

    def __init__(self, state: str) -> None:
        self.state = state
        super().__init__(state)

    def __str__(self) -> str:
        return _("This cannot be done with the listing now. Please look at where it stands.")


class ReasonMissing(CatalogueError):
    """Whoever says no says why."""

    def __str__(self) -> str:
        return _("Please say why.")


class RevisionInvalid(CatalogueError):
    """A revision that holds nothing, or a value that its field cannot take."""

    def __str__(self) -> str:
        return _("Nothing was changed, or a value does not fit its field.")


class RevisionClosed(CatalogueError):
    """A revision that was judged or withdrawn already."""

    def __str__(self) -> str:
        return _("This change was judged or withdrawn already.")


class RevisionConflict(CatalogueError):
    """What the revision wants to change was changed meanwhile."""

    def __init__(self, fields: list[str]) -> None:
        self.fields = fields
        super().__init__(fields)

    def __str__(self) -> str:
        return _("Changed meanwhile: %(fields)s. Please look again.") % {
            "fields": ", ".join(self.fields)
        }


class PapersMissing(CatalogueError):
    """Goods may be handed in only when the producer's papers are in order."""

    def __str__(self) -> str:
        return _("Some of your papers are missing. Please hand them in first, under Papers.")
