"""Rendering and handing over of messages, in the language of who receives them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template import Context, TemplateDoesNotExist
from django.template.loader import get_template
from django.utils import translation
from django.utils.module_loading import import_string

#: A gateway hands one text to one E.164 number and raises when it could not.
SmsGateway = Callable[[str, str], None]


def mail(
    *, template: str, to: str, language: str, context: dict[str, Any]
) -> EmailMultiAlternatives:
    """The e-mail, ready to be sent. Raises TemplateDoesNotExist."""
    values = {"site_name": settings.WAGTAIL_SITE_NAME, "site_url": settings.SITE_URL, **context}
    with translation.override(language):
        message = EmailMultiAlternatives(
            subject=" ".join(_plain(f"mail/{template}/subject.txt", values).split()),
            body=_plain(f"mail/{template}/body.txt", values).strip() + "\n",
            to=[to],
            # Asks holiday notices and mailing lists not to answer.
            headers={"Auto-Submitted": "auto-generated", "Content-Language": language},
        )
        try:
            html = get_template(f"mail/{template}/body.html")
        except TemplateDoesNotExist:
            return message
        message.attach_alternative(html.render(values), "text/html")
    return message


def sms(*, template: str, language: str, context: dict[str, Any]) -> str:
    """The text of an SMS, on one line."""
    values = {"site_name": settings.WAGTAIL_SITE_NAME, "site_url": settings.SITE_URL, **context}
    with translation.override(language):
        return " ".join(_plain(f"sms/{template}.txt", values).split())


def sms_gateway() -> SmsGateway:
    """The gateway that ``settings.SMS_GATEWAY`` names."""
    return import_string(settings.SMS_GATEWAY)


def _plain(name: str, values: dict[str, Any]) -> str:
    # Plain text has no markup to escape: "&" stays "&".
    return get_template(name).template.render(Context(values, autoescape=False))
