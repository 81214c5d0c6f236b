"""Printing a letter with a one-time code for a producer's people."""

from __future__ import annotations

from datetime import timedelta

import segno
from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from cms.context_processors import chrome_for
from marketplace.accounts.fields import PhoneField
from marketplace.kernel import clock, formats
from marketplace.office.views.base import PostOnly
from marketplace.office.views.producers import ADD, CHANGE, VIEW, ProducerEditView
from marketplace.platform import typesetting
from marketplace.producers.letter_actions import issue
from marketplace.producers.models import AccessLetter, Membership


class LetterForm(forms.Form):
    """Whose number, and what they may do."""

    phone = PhoneField(
        label=gettext_lazy("Phone number that signs in"),
        help_text=gettext_lazy("The letter is for whoever has this number. An older one is void."),
    )
    role = forms.ChoiceField(
        label=gettext_lazy("Part in the team"),
        choices=Membership.Role.choices,
        initial=Membership.Role.OWNER,
    )


class LetterView(PostOnly, ProducerEditView):
    """Makes the letter and gives it out at once: its code is kept nowhere."""

    needs = [VIEW, CHANGE, ADD, "producers.add_membership"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = LetterForm(request.POST)
        if not form.is_valid():
            self.forms["letter"] = form
            return self.shown(status=422)
        letter, code = issue(
            producer=self.producer,
            phone=form.cleaned_data["phone"],
            role=Membership.Role(form.cleaned_data["role"]),
            actor=request.user,
            now=clock.now(),
        )
        response = HttpResponse(printed(request, letter, code), content_type="application/pdf")
        response["Content-Disposition"] = f'inline; filename="letter-{letter.pk}.pdf"'
        response["Cache-Control"] = "no-store"
        return response


def printed(request: HttpRequest, letter: AccessLetter, code: str) -> bytes:
    """The letter as PDF, in Vietnamese: who gets it reads nothing else."""
    with override("vi"):
        chrome = chrome_for(request)
        path = reverse("portal:letter")
        address = settings.SITE_URL + path
        picture = segno.make(address, error="m", micro=False).svg_inline(border=4, scale=4)
        last_day = clock.local_date(letter.expires_at - timedelta(seconds=1))
        return typesetting.pdf(
            "letter",
            {
                "title": _("A letter for your desk"),
                "greeting": _("Dear %(name)s,") % {"name": letter.producer.name},
                "intro": _(
                    "With this letter you open your desk on %(site)s: there you see who has"
                    " ordered from you, and keep your goods, prices and parcels. You need a phone,"
                    " no e-mail address."
                )
                % {"site": chrome.site_name},
                "sign_in_title": _("How to do it"),
                "steps": [
                    _("Point the phone's camera at the square, or type the address below."),
                    _("Type your phone number and the code of this letter."),
                    _("Choose a password and keep it for yourself."),
                ],
                "code_label": _("Code, for one use"),
                "code": " ".join((code[:4], code[4:7], code[7:])),
                "phone_label": _("Your phone number"),
                "phone": formats.phone(letter.phone),
                "site_label": _("Address"),
                "site": address,
                "valid": _("The code works through %(day)s.") % {"day": formats.date(last_day)},
                "call": _("Do you need help? Call %(phone)s.")
                % {"phone": chrome.phone_shown or chrome.phone}
                if chrome.phone
                else "",
                "secret": _("Show the code to nobody. We never ask for it on the telephone."),
                "sender": chrome.site_name,
                "day": formats.date(clock.local_date(letter.issued_at)),
                "qr": picture,
            },
        )
