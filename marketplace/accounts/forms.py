"""Forms for signing in, registering and one's own details."""

import unicodedata
from typing import Any

from allauth.account.forms import LoginForm, SignupForm
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, validate_email
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from marketplace.accounts import actions, guessing, phones
from marketplace.accounts.adapter import AccountAdapter
from marketplace.accounts.fields import PhoneField
from marketplace.accounts.models import User
from marketplace.accounts.sessions import start_staff_session
from marketplace.kernel import formats

#: Longer than any password that people keep; hashing a megabyte would be an attack.
MAX_PASSWORD = 256


class SignInForm(LoginForm):
    """E-mail address or phone number, and the password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = forms.CharField(
            label=_("E-mail address or phone number"),
            max_length=254,
            widget=forms.TextInput(
                attrs={
                    "autocomplete": "username",
                    "autocapitalize": "none",
                    "spellcheck": "false",
                }
            ),
        )
        _limit(self.fields["password"], MAX_PASSWORD)
        self.order_fields(["login", "password"])

    def clean_login(self) -> str:
        """The address in lower case, or the number as E.164."""
        typed = without_invisible(super().clean_login())
        if "@" in typed:
            address = User.objects.normalize_email(typed) or ""
            try:
                validate_email(address)
            except ValidationError:
                raise ValidationError(_("This e-mail address is not right.")) from None
            return address
        try:
            return phones.normalise(typed)
        except ValidationError:
            raise ValidationError(
                _("Enter your e-mail address, or your phone number like 0912 345 678.")
            ) from None

    def user_credentials(self) -> dict[str, str]:
        login = self.cleaned_data["login"]
        return {
            "email" if "@" in login else "phone": login,
            "password": self.cleaned_data["password"],
        }

    def _login_with_password(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        response = super()._login_with_password(request, *args, **kwargs)
        # allauth has just set its own, longer end of the session.
        if request.user.is_authenticated and request.user.works_here:
            start_staff_session(request)
        return response


class SignUpForm(SignupForm):
    """E-mail address, password and, if one likes, a phone number.

    The number is only noted: nobody has confirmed it, and whether somebody else has given the
    same is not told.
    """

    phone = PhoneField(
        required=False,
        label=_("Phone"),
        help_text=_("If you like: then you can also sign in with your number."),
    )
    field_order = ["email", "phone", "password1"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("E-mail address")
        self.fields["email"].widget.attrs |= {"inputmode": "email", "maxlength": "254"}
        _limit(self.fields["password1"], MAX_PASSWORD)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)

    def custom_signup(self, request: HttpRequest, user: User) -> None:
        user.phone = self.cleaned_data["phone"] or None
        user.language = get_language() or settings.LANGUAGE_CODE
        user.save(update_fields=["phone", "language"])


class DetailsForm(forms.Form):
    """What a person says about himself; ``save`` writes it."""

    last_name = forms.CharField(
        label=_("Family and middle name"),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )
    first_name = forms.CharField(
        label=_("Given name"),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    phone = PhoneField(required=False)
    language = forms.ChoiceField(label=_("Language of our messages"), choices=settings.LANGUAGES)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        self.user = user
        initial = {name: getattr(user, name) for name in self.base_fields}
        if user.phone:
            initial["phone"] = formats.phone(user.phone)
        super().__init__(*args, initial=initial, **kwargs)

    def clean_last_name(self) -> str:
        return without_invisible(self.cleaned_data["last_name"]).strip()

    def clean_first_name(self) -> str:
        return without_invisible(self.cleaned_data["first_name"]).strip()

    def clean_phone(self) -> str:
        phone = self.cleaned_data["phone"]
        if not phone and not self.user.email:
            raise ValidationError(_("You sign in with this number: change it, but keep one."))
        return phone

    def save(self) -> None:
        actions.change_details(user=self.user, **self.cleaned_data)


class _CountedCode:
    """Count guesses at the six digits as guesses at passwords are: before looking."""

    def clean_code(self) -> str:
        request = AccountAdapter().request
        key, ip = guessing.code_key_of_user(self.user), guessing.client_ip(request)
        if not guessing.take(key, ip):
            raise AccountAdapter().validation_error("too_many_login_attempts")
        code = super().clean_code()
        guessing.give_back(key, ip)
        return code


class SecondFactorForm(_CountedCode, AuthenticateForm):
    """The six digits, or a recovery code, when signing in."""


class SecondFactorAgainForm(_CountedCode, ReauthenticateForm):
    """The same before something delicate."""


def _limit(field: forms.Field, length: int) -> None:
    """Set a limit on a field that allauth has made without one."""
    field.max_length = length
    field.widget.attrs["maxlength"] = str(length)
    field.validators.append(MaxLengthValidator(length))


def without_invisible(text: str) -> str:
    """``text`` without characters that have no width or turn the direction of writing."""
    return "".join(char for char in text if unicodedata.category(char) != "Cf")
