"""Wagtail's pages for users: people are entered by e-mail address or phone, without a password.

They set their password themselves, by "forgotten password". Only superusers see these pages, and
only they reset a second factor that was lost.
"""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views import View
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.widgets.button import HeaderButton
from wagtail.users.forms import UserCreationForm, UserEditForm
from wagtail.users.views.users import EditView, UserViewSet

from marketplace.accounts import actions, second_factor
from marketplace.accounts.adapter import AccountAdapter
from marketplace.accounts.errors import AccountsError
from marketplace.accounts.fields import PhoneField
from marketplace.accounts.models import User
from theme.views import forbidden


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


class StaffUserEditView(EditView):
    @cached_property
    def header_more_buttons(self) -> list[Any]:
        """Wagtail's, and the way to help somebody who lost the phone."""
        buttons = list(super().header_more_buttons)
        if second_factor.is_set_up(self.object):
            buttons.append(
                HeaderButton(
                    label=gettext("Reset the second factor"),
                    url=reverse("wagtailusers_users:second_factor", args=(self.object.pk,)),
                    icon_name="key",
                )
            )
        return buttons


class ResetForm(forms.Form):
    """Why, for the history."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        help_text=_("For example: phone lost, asked for in person, known to me."),
        error_messages={"required": _("Please say why.")},
        widget=forms.TextInput({"autocomplete": "off"}),
    )


class ResetSecondFactorView(WagtailAdminTemplateMixin, View):
    """Take away the second factor of somebody whose phone is lost."""

    template_name = "account/staff/reset_second_factor.html"
    page_title = _("Reset the second factor")
    header_icon = "key"

    def dispatch(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not request.user.is_superuser:
            return forbidden(request)
        self.person = get_object_or_404(User, pk=pk)
        return super().dispatch(request, pk)

    def get_page_subtitle(self) -> str:
        return str(self.person)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.shown(ResetForm())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = ResetForm(request.POST)
        if form.is_valid():
            try:
                actions.reset_second_factor(
                    user=self.person, reason=form.cleaned_data["reason"], actor=request.user
                )
            except AccountsError as refused:
                form.add_error(None, str(refused))
            else:
                messages.success(
                    request,
                    gettext("The second factor was reset. A new one is asked for at signing in."),
                )
                return redirect("wagtailusers_users:edit", pk)
        return self.shown(form, status=422)

    def shown(self, form: ResetForm, status: int = 200) -> HttpResponse:
        return self.render_to_response(
            self.get_context_data(form=form, person=self.person), status=status
        )


class StaffUserViewSet(UserViewSet):
    edit_view_class = StaffUserEditView

    def get_form_class(self, for_update: bool = False) -> type[forms.ModelForm]:
        return StaffUserEditForm if for_update else StaffUserCreationForm

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            *super().get_urlpatterns(),
            path(
                "second-factor/<int:pk>/", ResetSecondFactorView.as_view(), name="second_factor"
            ),
        ]
