"""Why a file, a row or a wish about a table was refused; told in the reader's language.

Faults of rows are stored as a code with its parameters, because who reads them later may read
another language than who handed the table in.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marketplace.kernel import formats

MESSAGES: dict[str, str | Promise] = {
    # The file.
    "empty": gettext_lazy("The file is empty."),
    "too_big": gettext_lazy("The file has more than %(size)s MB. Please split it."),
    "not_a_table": gettext_lazy("Please send an Excel file (.xlsx) or a CSV file."),
    "old_excel": gettext_lazy(
        "This is an old or encrypted Excel file. Save it as .xlsx, without a password."
    ),
    "macros": gettext_lazy("The file contains macros. Save it as .xlsx, without macros."),
    "bomb": gettext_lazy("The file unpacks to far more than a table needs, so it was not opened."),
    "broken": gettext_lazy("The file is damaged or is no Excel file. Please save it again."),
    "encoding": gettext_lazy(
        "The letters of this CSV file cannot be read. Save it as “CSV UTF-8”, or as .xlsx."
    ),
    "too_many_rows": gettext_lazy(
        "The table has more than %(count)s rows. Please split it, and delete empty rows below."
    ),
    "too_many_columns": gettext_lazy("The table has more than %(count)s columns."),
    "no_header": gettext_lazy(
        "No row with these headings was found: %(columns)s. Please start from our template."
    ),
    "doubled_column": gettext_lazy("The column “%(column)s” is there twice."),
    "merged": gettext_lazy(
        "Some cells are merged (%(cells)s). Unmerge them, so that each row says all it means."
    ),
    "no_rows": gettext_lazy("There are headings but no rows below them."),
    "not_an_archive": gettext_lazy("Please send the pictures in a ZIP file."),
    "too_many_files": gettext_lazy("The archive holds more than %(count)s files."),
    "unexpected": gettext_lazy(
        "Something went wrong on our side. Nothing was written; please hand the table in again."
    ),
    "given_up": gettext_lazy(
        "The work on this table broke off several times, so it was given up; nothing was "
        "changed. Please try again, a large table in parts."
    ),
    "world_changed": gettext_lazy(
        "Something changed meanwhile, so nothing was written. The table was checked again; "
        "rows that are different now are marked. Please look and confirm again."
    ),
    # A row.
    "required": gettext_lazy("This is missing."),
    "formula": gettext_lazy("A formula stands here. Enter its result as a value."),
    "excel_error": gettext_lazy("The cell holds an error of Excel."),
    "a_date": gettext_lazy("A date stands here. Format the cell as text and enter it again."),
    "too_long": gettext_lazy("At most %(count)s characters."),
    "number": gettext_lazy("Enter a whole number from %(lowest)s to %(highest)s."),
    "rate": gettext_lazy("Enter a rate from 0 to 25, such as 8."),
    "choice": gettext_lazy("“%(value)s” is not one of: %(choices)s."),
    "yes_no": gettext_lazy("Write yes or no."),
    "months": gettext_lazy("Write months from 1 to 12, such as 3, 4, 5."),
    "phone": gettext_lazy("This is not a phone number."),
    "email": gettext_lazy("This is not an e-mail address."),
    "gtin": gettext_lazy(
        "This is not a GTIN: it has 8, 12, 13 or 14 digits and the last one proves the others."
    ),
    "gtin_taken": gettext_lazy("Another thing has this GTIN."),
    "commune": gettext_lazy("We know no commune of this name."),
    "commune_several": gettext_lazy(
        "Several communes have this name. Write one of: %(names)s."
    ),
    "product_set": gettext_lazy("There is no product set “%(value)s”. Write its number, 1 to 26."),
    "category": gettext_lazy("There is no category “%(value)s”."),
    "producer": gettext_lazy("There is no producer with the code “%(value)s”."),
    "producer_several": gettext_lazy("Several producers fit. Write the producer's code."),
    "sku_unknown": gettext_lazy("There is no article with this number."),
    "sku_several": gettext_lazy(
        "Several producers use this article number. Write the producer's code."
    ),
    "doubled": gettext_lazy("The same as in row %(row)s."),
    "differs": gettext_lazy("Row %(row)s of the same group says something else."),
    "label_required": gettext_lazy("With several variants, each needs a name, such as 500 g."),
    "no_variants": gettext_lazy(
        "This listing has no variants yet. Add the first one on the listing's own page."
    ),
    "two_listings": gettext_lazy("The rows of this group belong to different listings."),
    "published": gettext_lazy(
        "The listing is published: only price and stock change by a table. "
        "Change its words on the listing's own page."
    ),
    "not_lower": gettext_lazy("A sale price must be lower than the ordinary price."),
    "promised": gettext_lazy(
        "%(count)s are promised to buyers; the stock cannot be lower."
    ),
    "stale_stock": gettext_lazy(
        "The stock changed since you downloaded the table: it is %(count)s now. Count again."
    ),
    "stale_price": gettext_lazy(
        "The price changed since you downloaded the table: it is %(count)s now."
    ),
    "registration": gettext_lazy(
        "Enter a registration number or a tax code: the law wants one shown to buyers."
    ),
    # A picture.
    "picture": gettext_lazy("This is not a picture that we can show, or it is damaged."),
    "picture_too_big": gettext_lazy("The picture has more than %(size)s MB."),
    "picture_path": gettext_lazy("The name leads out of the archive."),
    "picture_unknown": gettext_lazy("No article has the number that this name begins with."),
    # Taking back.
    "undo_gone": gettext_lazy("It is not there any more."),
    "undo_changed": gettext_lazy("It was changed since."),
    "undo_sold": gettext_lazy("It was ordered since."),
    "undo_published": gettext_lazy("It was published since."),
}


def told(code: str, params: Mapping[str, Any] | None = None) -> str:
    """A fault in the reader's language; numbers as the language writes them."""
    params = {
        name: formats.number(value) if isinstance(value, int) else value
        for name, value in (params or {}).items()
    }
    return str(MESSAGES[code]) % params if params else str(MESSAGES[code])


class ImportsError(Exception):
    """A refused wish; nothing was written."""


class Refused(ImportsError):
    """A file, a cell or a row that cannot be taken; ``code`` is in ``MESSAGES``."""

    def __init__(self, code: str, **params: Any) -> None:
        self.code, self.params = code, params
        super().__init__(code)

    def __str__(self) -> str:
        return told(self.code, self.params)


class FileRefused(Refused):
    """The file as a whole."""


class CellRefused(Refused):
    """One cell, or a row when ``column`` is empty."""

    def __init__(self, code: str, column: str = "", **params: Any) -> None:
        super().__init__(code, **params)
        self.column = column

    def as_problem(self, column: str = "") -> dict[str, Any]:
        """As it is stored with the row."""
        return {"column": self.column or column, "code": self.code, "params": self.params}


class WorldChanged(ImportsError):
    """What was judged is not what is found now; everything must be judged again."""


class NotNow(ImportsError):
    """The table is not in a state in which this can be done."""

    def __str__(self) -> str:
        return _("This table has moved on. Please look at the page again.")


class ErrorsNotAccepted(ImportsError):
    """Rows with errors are left out only when somebody says so."""

    def __str__(self) -> str:
        return _("Please tick that the rows with errors are left out, or mend them first.")


class NothingToWrite(ImportsError):
    """No row would change anything."""

    def __str__(self) -> str:
        return _("No row would change anything.")


class CannotUndo(ImportsError):
    """Something depends on what was written."""

    def __init__(self, number: int, name: str, code: str) -> None:
        self.number, self.name, self.code = number, name, code
        super().__init__(number, name, code)

    def as_note(self) -> dict[str, Any]:
        """As it is stored with the table."""
        return {"undo_row": self.number, "name": self.name, "code": self.code}
