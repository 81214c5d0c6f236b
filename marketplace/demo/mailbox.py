"""The development mail box: an e-mail backend that keeps, and the pages that show."""

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin

from marketplace.demo.models import Mail
from marketplace.kernel import formats
from theme.components import EmptyState, Link, Pager


class MailboxBackend(BaseEmailBackend):
    """Writes each message into the database instead of sending it anywhere."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Keep the messages; return how many."""
        for message in email_messages:
            html = next(
                (
                    alternative.content
                    for alternative in getattr(message, "alternatives", [])
                    if alternative.mimetype == "text/html"
                ),
                "",
            )
            Mail.objects.create(
                sender=message.from_email,
                recipients=", ".join(message.recipients()),
                subject=message.subject,
                text=message.body,
                html=html,
            )
        return len(email_messages)


def mail_list(request: HttpRequest) -> HttpResponse:
    """The newest messages first, fifty on a page."""
    page = Paginator(Mail.objects.all(), 50).get_page(request.GET.get("page"))
    return render(
        request,
        "demo/mail_list.html",
        {
            "mails": [
                (
                    reverse("demo:mail_detail", args=[mail.pk]),
                    mail.subject,
                    mail.recipients,
                    formats.datetime_(mail.sent_at),
                )
                for mail in page
            ],
            "pager": Pager.of(page.number, page.paginator.num_pages, lambda n: f"?page={n}")
            if page.has_other_pages()
            else None,
            "empty": EmptyState(
                title=_("No mail yet"),
                text=_("Place an order, and the mail about it appears here."),
                links=[Link(label=_("See what is on sale now"), url=reverse("shop:product_list"))],
            ),
        },
    )


def mail_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One message: its text, and its HTML in a frame of its own."""
    mail = get_object_or_404(Mail, pk=pk)
    return render(
        request,
        "demo/mail_detail.html",
        {
            "subject": mail.subject,
            "to": mail.recipients,
            "from_address": mail.sender,
            "at": formats.datetime_(mail.sent_at),
            "text": mail.text,
            "html_url": reverse("demo:mail_html", args=[mail.pk]) if mail.html else "",
            "back_url": reverse("demo:mail_list"),
        },
    )


@xframe_options_sameorigin
def mail_html(request: HttpRequest, pk: int) -> HttpResponse:
    """The HTML as the reader's mail program gets it; its inline styles need a laxer policy."""
    mail = get_object_or_404(Mail, pk=pk)
    response = HttpResponse(mail.html or f"<pre>{escape(mail.text)}</pre>")
    response["Content-Security-Policy"] = (
        "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; "
        "frame-ancestors 'self'; sandbox allow-popups"
    )
    response._csp_exempt = True
    return response
