"""Wagtail's pages for users: people are entered by e-mail address or phone, without a password.

They set their password themselves, by "forgotten password". Only superusers see these pages.
"""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from wagtail.users.forms import UserCreationForm, UserEditForm
from wagtail.users.views.users import UserViewSet

from marketplace.accounts import actions
from marketplace.accounts.adapter import AccountAdapter
from marketplace.accounts.fields import PhoneField
from marketplace.accounts.models import User


class _StaffUserForm(forms.ModelForm):
    """The fields that both of Wagtail's forms share, ours."""

    email = forms.EmailField(label=_("E-mail address"), required=False, max_length=254)
    phone = PhoneField(required=False)
    first_name = forms.CharField(label=_("Given name"), required=False, max_length=80)
    last_name = forms.CharField(label=_("Family and middle name"), required=False, max_length=80)

    def _clean_username(self) -> None:
        """Two accounts may claim one address; who confirms it first has it."""

    def clean_email(self) -> str | None:
        return AccountAdapter().clean_email(self.cleaned_data["email"]) or None

    def clean_phone(self) -> str | None:
        return self.cleaned_data["phone"] or None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors and not (cleaned.get("email") or cleaned.get("phone")):
            raise ValidationError(_("Enter an e-mail address or a phone number."))
        return cleaned

    @transaction.atomic
    def save(self, commit: bool = True) -> User:
        is_new = self.instance.pk is None
        if is_new:
            self.instance.set_unusable_password()
        if {"phone"} & set(self.changed_data):
            self.instance.phone_confirmed_at = None
        user = super().save(commit=commit)
        if commit and (is_new or "email" in self.changed_data):
            actions.set_email(user=user, email=user.email)
        return user


class StaffUserCreationForm(_StaffUserForm, UserCreationForm):
    class Meta(UserCreationForm.Meta):
        fields = ["email", "phone", "first_name", "last_name", "language", "is_superuser", "groups"]


class StaffUserEditForm(_StaffUserForm, UserEditForm):
    class Meta(UserEditForm.Meta):
        fields = [*StaffUserCreationForm.Meta.fields, "is_active"]


class StaffUserViewSet(UserViewSet):
    def get_form_class(self, for_update: bool = False) -> type[forms.ModelForm]:
        return StaffUserEditForm if for_update else StaffUserCreationForm
