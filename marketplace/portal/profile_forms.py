"""What a producer says of itself, when it rests, and how it delivers."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from catalogue.forms import DongField
from catalogue.forms import WholeNumberField as Whole
from marketplace.accounts.fields import PhoneField
from marketplace.checkout.forms import PlainText
from marketplace.kernel import clock, formats
from marketplace.producers.models import Producer

OFF = {"autocomplete": "off"}
#: A pause begins, and ends, within a year: longer, and the office talks to the producer.
LONGEST_PAUSE = timedelta(days=366)
#: Working days; the office may write down no more either.
MOST_PREPARATION_DAYS = 60
LOWEST_FREE, HIGHEST_FREE = 50_000, 20_000_000


class ProfileForm(forms.Form):
    """What buyers read. Who somebody is before the law is not here: the office has checked it."""

    story_vi = PlainText(
        label=_("Your story"), max_length=20_000, lines=12, required=False, attrs=OFF,
        help_text=_(
            "Who you are, since when, what you do differently. An empty line begins a new"
            " paragraph."
        ),
    )
    story_en = PlainText(
        label=_("Your story in English"), max_length=20_000, lines=8, required=False, attrs=OFF,
        help_text=_("If you like. Without it, guests from abroad read the Vietnamese one."),
    )
    photo = forms.FileField(
        label=_("New photo of you or your garden"), required=False,
        help_text=_("Take it by daylight. At most 20 MB. The place where it was taken is removed."),
        widget=forms.FileInput({"accept": "image/*"}),
    )
    photo_alt = PlainText(
        label=_("What does the photo show?"), max_length=250, required=False, attrs=OFF,
        help_text=_("Blind buyers hear this sentence."),
    )
    drop_photo = forms.BooleanField(label=_("Show no photo"), required=False)
    phone = PhoneField(
        label=_("Phone number shown to buyers"),
        help_text=_("The law wants one. We also send messages about parcels there."),
    )
    answers_on_zalo = forms.BooleanField(
        label=_("I answer on Zalo under this number: show buyers the link"), required=False
    )
    email = forms.EmailField(
        label=_("E-mail address shown to buyers"), required=False, max_length=254,
        help_text=_("If you have one, we write to you there of new parcels."),
        widget=forms.EmailInput({"autocomplete": "email", "inputmode": "email"}),
    )
    established_year = Whole(
        label=_("Since which year?"), lowest=1800, highest=2100, required=False
    )

    def __init__(self, *args: Any, producer: Producer, **kwargs: Any) -> None:
        initial = {
            name: getattr(producer, name)
            for name in ("story_vi", "story_en", "answers_on_zalo", "email", "established_year")
        }
        super().__init__(
            *args, initial={**initial, "phone": formats.phone(producer.phone)}, **kwargs
        )
        if producer.portrait_id is None:
            del self.fields["drop_photo"]

    def clean_established_year(self) -> int | None:
        """Nobody began in the future."""
        year = self.cleaned_data["established_year"]
        if year and year > clock.today().year:
            raise ValidationError(_("This year has not come yet."), code="future")
        return year

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("photo") and not cleaned.get("photo_alt"):
            self.add_error("photo_alt", _("Please say in a few words what the photo shows."))
        return cleaned

    @property
    def values(self) -> dict[str, Any]:
        """The columns that were typed in, as ``change_producer`` takes them."""
        return {
            name: self.cleaned_data[name]
            for name in (
                "story_vi", "story_en", "phone", "answers_on_zalo", "email", "established_year",
            )
            if name in self.changed_data
        }


class RestForm(forms.Form):
    """From which day until which a producer rests, and what buyers read meanwhile."""

    first_day = forms.DateField(
        label=_("First day of rest"),
        help_text=_("Today means: from this moment on."),
        widget=forms.DateInput({"type": "date", **OFF}, format="%Y-%m-%d"),
        error_messages={"invalid": _("Enter a day like 23/11/2026.")},
    )
    last_day = forms.DateField(
        label=_("Last day of rest"),
        help_text=_("On the next day you sell again, by itself."),
        widget=forms.DateInput({"type": "date", **OFF}, format="%Y-%m-%d"),
        error_messages={"invalid": _("Enter a day like 23/11/2026.")},
    )
    reason_vi = PlainText(
        label=_("What should buyers read?"), max_length=200, required=False, attrs=OFF,
        help_text=_("For example: the garden rests after the harvest. See you after Tết!"),
    )
    reason_en = PlainText(
        label=_("The same in English"), max_length=200, required=False, attrs=OFF
    )

    def __init__(self, *args: Any, producer: Producer, **kwargs: Any) -> None:
        today = clock.today()
        initial: dict[str, Any] = {"first_day": today}
        self.begun: date | None = None
        if producer.paused_through and producer.paused_through >= today:
            initial = {
                "first_day": producer.paused_from, "last_day": producer.paused_through,
                "reason_vi": producer.pause_reason_vi, "reason_en": producer.pause_reason_en,
            }
            self.begun = producer.paused_from
        super().__init__(*args, initial=initial, **kwargs)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        today = clock.today()
        first, last = cleaned.get("first_day"), cleaned.get("last_day")
        if first and first < today and first != self.begun:
            self.add_error("first_day", _("This day is over. Choose today or a later one."))
        elif first and first > today + LONGEST_PAUSE:
            self.add_error("first_day", _("Choose a day within a year."))
        if last and last < today:
            self.add_error("last_day", _("This day is over."))
        elif first and last and last < first:
            self.add_error("last_day", _("The last day is before the first."))
        elif first and last and last - first > LONGEST_PAUSE:
            self.add_error("last_day", _("A rest is at most a year long. You can prolong it."))
        return cleaned


class DeliveryForm(forms.Form):
    """What the producer decides about its parcels."""

    preparation_days = Whole(
        label=_("How many working days do you need until a parcel leaves?"),
        highest=MOST_PREPARATION_DAYS,
        help_text=_("0 means: on the day of the order. Buyers are promised a day by it."),
    )
    free_from = DongField(
        label=_("From how much on do you deliver free of charge?"), required=False,
        help_text=_("In đồng, for goods in one parcel. Empty: the buyer always pays for delivery."),
    )

    def clean_free_from(self) -> Any:
        """Within what makes sense for a parcel."""
        amount = self.cleaned_data["free_from"]
        if amount is not None and not LOWEST_FREE <= amount <= HIGHEST_FREE:
            raise ValidationError(
                _("Choose an amount from %(lowest)s to %(highest)s."),
                code="bounds",
                params={
                    "lowest": formats.money(LOWEST_FREE), "highest": formats.money(HIGHEST_FREE)
                },
            )
        return amount
