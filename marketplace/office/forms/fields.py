"""Form fields that several of the office's forms share: the catalogue's own, and a chooser."""

from __future__ import annotations

from typing import Any

from wagtail.images.widgets import AdminImageChooser

from catalogue.forms import DongField as DongField
from catalogue.forms import MonthsField as MonthsField
from catalogue.forms import ParagraphsField as ParagraphsField
from catalogue.forms import StockField as StockField
from catalogue.forms import WholeNumberField as WholeNumberField


class PictureChooser(AdminImageChooser):
    """Wagtail's chooser, which breaks on showing again what is no number; this shows nothing."""

    def get_instance(self, value: Any) -> Any:
        if isinstance(value, str) and not (value.isascii() and value.isdigit() and len(value) < 19):
            return None
        return super().get_instance(value)
