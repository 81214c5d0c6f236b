"""Whom an owner asks into the team, and what each may do."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from marketplace.accounts.adapter import AccountAdapter
from marketplace.accounts.fields import PhoneField
from marketplace.producers.models import Membership
from marketplace.producers.roles import may_do


class RoleField(forms.ChoiceField):
    """One of the three parts, each with what it may do; there is no other."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            choices=lambda: [
                (role.value, f"{role.label}. {may_do(role)}") for role in Membership.Role
            ],
            widget=forms.RadioSelect,
            **kwargs,
        )

    def clean(self, value: Any) -> Membership.Role:
        return Membership.Role(super().clean(value))


class InviteForm(forms.Form):
    """By e-mail or by phone, and as what."""

    email = forms.EmailField(
        label=_("E-mail address"), required=False, max_length=254,
        help_text=_("If this person reads mail. A link is sent there."),
        widget=forms.EmailInput({"autocomplete": "off", "inputmode": "email"}),
    )
    phone = PhoneField(
        label=_("Or phone number"), required=False,
        help_text=_("For somebody without e-mail. There is a one-time code instead of a link."),
    )
    role = RoleField(label=_("What may this person do?"), initial=Membership.Role.STAFF)
    language = forms.ChoiceField(
        label=_("In which language do we write?"), choices=settings.LANGUAGES
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].initial = get_language()
        self.fields["phone"].widget.attrs["autocomplete"] = "off"

    def clean_email(self) -> str:
        """As at registering: in lower case, without what cannot be seen."""
        typed = self.cleaned_data["email"]
        return AccountAdapter().clean_email(typed) if typed else ""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.errors:
            return cleaned
        if cleaned["email"] and cleaned["phone"]:
            self.add_error("phone", _("One is enough: the e-mail address or the phone number."))
        elif not cleaned["email"] and not cleaned["phone"]:
            self.add_error(
                "email", ValidationError(_("Enter an e-mail address or a phone number."))
            )
        return cleaned


class RoleForm(forms.Form):
    """What a member may do from now on."""

    role = RoleField(label=_("What may this person do?"))
