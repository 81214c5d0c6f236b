"""What was said on the phone, and what is answered to a buyer."""

from datetime import datetime, timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

from marketplace.orders.models import CallNote


class CallNoteForm(forms.Form):
    """What was said, and when to call again."""

    about = forms.ChoiceField(choices=CallNote.About.choices, widget=forms.HiddenInput)
    said = forms.CharField(label=_("What was said"), max_length=500)
    then = forms.ChoiceField(
        label=_("And then"),
        choices=[
            ("1", _("Call again in an hour")),
            ("4", _("Call again in four hours")),
            ("20", _("Call again tomorrow")),
            ("done", _("Done")),
        ],
    )

    @property
    def is_done(self) -> bool:
        """Whether nobody calls about this again, once the form is valid."""
        return self.cleaned_data["then"] == "done"

    def again_at(self, now: datetime) -> datetime | None:
        """When to call again, once the form is valid."""
        if self.is_done:
            return None
        return now + timedelta(hours=int(self.cleaned_data["then"]))


class ReportAnswerForm(forms.Form):
    """What the buyer is told."""

    answer = forms.CharField(label=_("Answer to the buyer"), max_length=500)
