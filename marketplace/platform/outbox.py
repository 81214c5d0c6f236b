"""Messages that leave if, and only if, the transaction that asks for them commits."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder

from marketplace.platform import tasks


def send_mail(
    *, template: str, to: str, language: str, context: dict[str, Any], dedupe_key: str
) -> None:
    """Enqueue one e-mail in the current transaction.

    The templates ``mail/<template>/subject.txt`` and ``body.txt``, and ``body.html`` if there
    is one, are rendered by the worker in ``language`` ("vi", "en") with ``context`` (JSON, or
    what Django turns into it), ``site_name`` and ``site_url``. Of several calls with one
    ``dedupe_key`` only one mail leaves, even when a task runs twice.
    """
    tasks.send_mail.configure(lock=f"message:{dedupe_key}").defer(
        template=template,
        to=to,
        language=language,
        context=_as_json(context),
        dedupe_key=dedupe_key,
    )


def send_sms(
    *, to: str, language: str, template: str, context: dict[str, Any], dedupe_key: str
) -> None:
    """Enqueue one SMS in the current transaction; does nothing when no gateway is set.

    ``to`` is E.164; the template is ``sms/<template>.txt``. See ``settings.SMS_GATEWAY``.
    """
    if not settings.SMS_GATEWAY:
        return
    tasks.send_sms.configure(lock=f"message:{dedupe_key}").defer(
        template=template,
        to=to,
        language=language,
        context=_as_json(context),
        dedupe_key=dedupe_key,
    )


def tell(
    *,
    email: str,
    phone: str,
    template: str,
    language: str,
    context: dict[str, Any],
    dedupe_key: str,
    by_sms: bool = True,
) -> None:
    """Enqueue an e-mail, or an SMS to who has no address; nothing to who has neither.

    Both have texts under the one name ``template``; ``by_sms=False`` where there is none.
    """
    told = {"template": template, "language": language, "context": context}
    if email:
        send_mail(to=email, dedupe_key=dedupe_key, **told)
    elif phone and by_sms:
        send_sms(to=phone, dedupe_key=f"sms:{dedupe_key}", **told)


def _as_json(context: dict[str, Any]) -> dict[str, Any]:
    """Fail here, not in the worker, when the context cannot be kept."""
    return json.loads(json.dumps(context, cls=DjangoJSONEncoder))
