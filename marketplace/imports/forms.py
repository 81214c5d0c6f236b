"""Handing a table in, and confirming it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marketplace.imports.models import Import
from marketplace.producers.models import Producer


class UploadForm(forms.Form):
    """What kind of table, which file, and of which producer when somebody has several."""

    kind = forms.ChoiceField(label=_("What is in the file?"))
    producer = forms.ModelChoiceField(Producer.objects.none(), label=_("Producer"))
    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "Excel (.xlsx) or CSV, at most 15 MB and 20,000 rows. Pictures: a ZIP file of at "
            "most 100 MB, each picture named by its article number, such as XOAI-01.jpg and "
            "XOAI-01-2.jpg."
        ),
        allow_empty_file=True,
        widget=forms.FileInput({"accept": ".xlsx,.csv,.zip"}),
        error_messages={"required": _("Choose a file.")},
    )

    def __init__(
        self,
        *args: Any,
        kinds: Sequence[str],
        producers: Sequence[Producer] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind, Import.Kind(kind).label) for kind in kinds]
        if len(producers) > 1:
            self.fields["producer"].queryset = Producer.objects.filter(
                pk__in=[producer.pk for producer in producers]
            )
        else:
            del self.fields["producer"]


class ConfirmForm(forms.Form):
    """That the rows with errors are left out, when there are any."""

    without_errors = forms.BooleanField(required=False)
