"""How a producer is spoken of, in the reader's language."""

from django.utils.translation import gettext as _

from marketplace.kernel import formats
from marketplace.producers.models import Producer


def address_of(producer: Producer) -> str:
    """Street, commune and province, as written on an envelope."""
    commune = producer.commune
    parts = (producer.street, commune.full_name, commune.province.name)
    return ", ".join(part for part in parts if part)


def verified_words(producer: Producer) -> str:
    """That somebody checked who this is, and when."""
    if not producer.identity_verified_at:
        return ""
    return _("Identity verified on %(day)s") % {
        "day": formats.date(producer.identity_verified_at)
    }


def pause_words(producer: Producer) -> str:
    """From when through when the producer is closed, and why."""
    if not producer.paused_from:
        return ""
    words = _("Closed %(days)s, opens again by itself.") % {
        "days": formats.date_range(producer.paused_from, producer.paused_through)
    }
    return f"{words} {producer.pause_reason}".strip()
