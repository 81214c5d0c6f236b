"""Form fields that several of the office's forms share: the catalogue's own."""

from catalogue.forms import DongField as DongField
from catalogue.forms import MonthsField as MonthsField
from catalogue.forms import ParagraphsField as ParagraphsField
from catalogue.forms import StockField as StockField
from catalogue.forms import WholeNumberField as WholeNumberField
