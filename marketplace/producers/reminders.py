"""Telling producers in time that a paper ends: by e-mail, else by SMS."""

from datetime import date

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from marketplace.kernel import formats
from marketplace.platform import outbox
from marketplace.producers.checklist import papers_to_remind


def remind_of_papers(*, today: date) -> int:
    """Enqueue the reminders due today; how many. Each of a paper's reminders leaves once.

    Repeating it, or missing a day, does no harm: the message's key names paper and reminder.
    """
    due = papers_to_remind(today)
    with override("vi"):
        for paper, days in due:
            producer = paper.producer
            outbox.tell(
                email=producer.email,
                phone=producer.phone,
                template="paper_ending",
                language="vi",
                context={
                    "producer": producer.name,
                    "paper": paper.item.name_vi,
                    "number": paper.number,
                    "day": formats.date(paper.valid_through),
                    "button_url": settings.SITE_URL + reverse("portal:papers"),
                    "button_label": _("Hand in the new one"),
                },
                dedupe_key=f"paper:{paper.pk}:{days}",
            )
    return len(due)
