"""Asking to sell: a form for growers who are not here yet."""

from __future__ import annotations

from datetime import timedelta

from django import forms
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from marketplace.accounts.fields import PhoneField
from marketplace.accounts.guessing import client_ip
from marketplace.checkout.forms import PLEASE_FILL_IN, PlainText, TaxCodeField
from marketplace.kernel import clock
from marketplace.places.fields import CommuneField
from marketplace.platform import rate_limits
from marketplace.producers.application_actions import apply_to_sell
from marketplace.producers.checklist import items_on
from marketplace.producers.models import Producer

#: Đồng Tháp: the marketplace is for what grows and is made here.
PROVINCE = "82"
_PER_ADDRESS = {"limit": 5, "per": timedelta(hours=1)}
_SALT = "shop.applying"


class ApplicationForm(forms.Form):
    """Who they are, where, and what they would sell."""

    kind = forms.ChoiceField(
        label=_("What are you?"),
        choices=Producer.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose one.")},
    )
    name = PlainText(
        label=_("Name under which you sell"),
        max_length=128,
        attrs={"autocomplete": "organization"},
    )
    representative = PlainText(
        label=_("Your name"), max_length=120, attrs={"autocomplete": "name"}
    )
    phone = PhoneField(
        label=_("Your phone number"), help_text=_("We call this number within two working days.")
    )
    email = forms.EmailField(
        label=_("E-mail address"),
        required=False,
        max_length=254,
        help_text=_("You do not need one."),
        widget=forms.EmailInput({"autocomplete": "email", "inputmode": "email"}),
    )
    commune = CommuneField(
        label=_("Ward or commune in Đồng Tháp"),
        province=PROVINCE,
        help_text=_("Marks may be left out, like “my tho”."),
        widget=forms.TextInput({"autocomplete": "address-level2"}),
    )
    street = PlainText(
        label=_("Street or hamlet"), max_length=200, attrs={"autocomplete": "address-line1"}
    )
    tax_code = TaxCodeField(label=_("Tax code"), required=False)
    registration_no = PlainText(
        label=_("Business registration number"),
        max_length=40,
        required=False,
        help_text=_("One of the two numbers is enough."),
        attrs={"autocomplete": "off"},
    )
    goods = PlainText(
        label=_("What would you like to sell?"),
        max_length=1000,
        lines=3,
        help_text=_("For example: Cát Chu mangoes, about 2 tonnes a season."),
        attrs={"autocomplete": "off"},
    )
    consent = forms.BooleanField(
        label=_("I agree that the office keeps and uses what I wrote to answer me."),
        error_messages={"required": _("Without your consent we may not keep what you wrote.")},
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        for name in ("commune", "phone"):
            self.fields[name].error_messages["required"] = PLEASE_FILL_IN

    def clean(self) -> dict[str, object]:
        cleaned = super().clean()
        if not self.has_error("tax_code") and not (
            cleaned.get("tax_code") or cleaned.get("registration_no")
        ):
            self.add_error(
                "tax_code", _("Please give the tax code or the business registration number.")
            )
        return cleaned


@never_cache
def apply(request: HttpRequest) -> HttpResponse:
    """The form, and what one will need; a wrong field keeps all that was typed."""
    form = ApplicationForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            if rate_limits.hit("shop.applying", client_ip(request), **_PER_ADDRESS):
                values = {name: form.cleaned_data[name] for name in form.fields}
                del values["consent"]
                application = apply_to_sell(
                    values=values, language=get_language() or "vi", now=clock.now()
                )
                sent = signing.dumps(application.number, salt=_SALT)
                return redirect(f"{reverse('shop:apply_sent')}?s={sent}")
            status = 429
            form.add_error(
                None, _("Too many applications from here. Please wait an hour, or call us.")
            )
    return render(
        request,
        "shop/apply.html",
        {"form": form, "items": items_on(clock.today())},
        status=status,
    )


@never_cache
def apply_sent(request: HttpRequest) -> HttpResponse:
    """The number of the application, for the telephone."""
    try:
        number = signing.loads(request.GET.get("s", ""), salt=_SALT)
    except signing.BadSignature:
        return redirect("shop:apply")
    return render(request, "shop/apply_sent.html", {"number": number})
