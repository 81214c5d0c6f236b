"""Forms about producers; what they write goes through ``producers.actions``."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import AdminDateInput

from marketplace.accounts.fields import PhoneField
from marketplace.accounts.models import User
from marketplace.kernel import clock
from marketplace.media.models import LibraryImage
from marketplace.office.forms.fields import PictureChooser, WholeNumberField
from marketplace.places.fields import CommuneField
from marketplace.producers.models import Producer

#: What a translator may write: whoever may change but not add producers.
ENGLISH = frozenset({"name_en", "story_en"})


class ProducerForm(forms.ModelForm):
    """The profile. Verification and pause have buttons of their own."""

    name_vi = forms.CharField(label=_("Name (Vietnamese)"), max_length=128)
    name_en = forms.CharField(label=_("Name (English)"), max_length=160, required=False)
    commune = CommuneField(label=_("Commune"))
    phone = PhoneField(label=_("Phone"))
    established_year = WholeNumberField(
        label=_("Since (year)"), lowest=1800, highest=2100, required=False
    )
    preparation_days = WholeNumberField(
        label=_("Preparation days"),
        highest=60,
        help_text=_("Working days from the order to handing over."),
    )
    story_vi = forms.CharField(
        label=_("Story (Vietnamese)"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    story_en = forms.CharField(
        label=_("Story (English)"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    portrait = forms.ModelChoiceField(
        LibraryImage.objects.all(), label=_("Portrait"), required=False, widget=PictureChooser
    )

    class Meta:
        model = Producer
        fields = [
            "name_vi", "name_en", "kind", "representative", "registration_no", "tax_code",
            "street", "commune", "phone", "answers_on_zalo", "email", "established_year",
            "preparation_days", "portrait", "story_vi", "story_en",
        ]  # fmt: skip

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not user.has_perm("producers.change_producer"):
            closed = set(self.fields)
        elif not user.has_perm("producers.add_producer"):
            closed = set(self.fields) - ENGLISH
        else:
            closed = set()
        for name in closed:
            self.fields[name].disabled = True

    def _get_validation_exclusions(self) -> set[str]:
        """What ``clean`` says in words; the database's own sentence would name a constraint."""
        return super()._get_validation_exclusions() | {"tax_code"}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not (cleaned.get("registration_no") or cleaned.get("tax_code")):
            raise ValidationError(
                _("Enter a registration number or a tax code: the law wants one shown to buyers."),
                code="registration_missing",
            )
        return cleaned

    @property
    def values(self) -> dict[str, Any]:
        """The fields that were changed, as the action takes them."""
        return {name: self.cleaned_data[name] for name in self.changed_data}


class VerifyForm(forms.Form):
    """How somebody's identity was checked; who and when is whoever sends it, now."""

    how = forms.CharField(
        label=_("How it was checked"),
        max_length=200,
        help_text=_("For example: business registration seen, number looked up in the register."),
    )


class WithdrawForm(forms.Form):
    """Why a verification is taken back."""

    reason = forms.CharField(label=_("Reason"), max_length=500)


class PauseForm(forms.Form):
    """From which day until which a producer is closed; both empty: open."""

    paused_from = forms.DateField(label=_("Closed from"), required=False, widget=AdminDateInput)
    paused_through = forms.DateField(
        label=_("Closed through"),
        required=False,
        widget=AdminDateInput,
        help_text=_("The last day. It opens again by itself on the next."),
    )
    reason_vi = forms.CharField(
        label=_("Reason shown to buyers (Vietnamese)"), max_length=200, required=False
    )
    reason_en = forms.CharField(
        label=_("Reason shown to buyers (English)"), max_length=200, required=False
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        first, last = cleaned.get("paused_from"), cleaned.get("paused_through")
        if not self.errors and first and last and last < clock.today():
            self.add_error("paused_through", _("This day is over."))
        return cleaned
