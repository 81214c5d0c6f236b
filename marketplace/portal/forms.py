"""What a producer says when a parcel cannot be sent."""

from django import forms
from django.utils.translation import gettext_lazy as _


class DeclineForm(forms.Form):
    """Why not; the buyer reads it."""

    reason = forms.CharField(
        label=_("Why can you not deliver?"),
        help_text=_("The buyer reads this. For example: rain all week, the fruit is not ripe."),
        max_length=500,
        error_messages={"required": _("Please say why.")},
        widget=forms.Textarea({"rows": 3, "maxlength": 500, "autocomplete": "off"}),
    )

    def clean_reason(self) -> str:
        """Without what cannot be seen."""
        reason = "".join(
            char for char in self.cleaned_data["reason"] if char.isprintable() or char == "\n"
        ).strip()
        if not reason:
            raise forms.ValidationError(_("Please say why."), code="empty")
        return reason
