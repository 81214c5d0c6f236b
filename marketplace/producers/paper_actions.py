"""Handing in a producer's papers, and judging them."""

from __future__ import annotations

from datetime import date, datetime

from django.core.files.base import ContentFile, File
from django.db import transaction

from marketplace.accounts.models import User
from marketplace.media import encoding
from marketplace.platform import audit
from marketplace.producers.errors import (
    PaperAlreadyJudged,
    PaperDatesWrong,
    RefusalUnexplained,
    ScanRefused,
)
from marketplace.producers.models import ChecklistItem, Paper, Producer

MAX_PDF_BYTES = 10 * 1024 * 1024


def clean_scan(file: File) -> ContentFile:
    """A photograph encoded anew, or the PDF as it was sent. Raises ScanRefused, ImageRefused.

    Nobody opens a PDF here; it is only handed back to the office as a download.
    """
    file.seek(0)
    head = file.read(1024)
    file.seek(0)
    if not head.lstrip().startswith(b"%PDF-"):
        return encoding.clean(file)
    if file.size > MAX_PDF_BYTES:
        raise ScanRefused(MAX_PDF_BYTES)
    return ContentFile(file.read(), name="paper.pdf")


@transaction.atomic
def state_paper(
    *,
    producer: Producer,
    item: ChecklistItem,
    number: str,
    issuer: str,
    issued_on: date,
    valid_through: date | None,
    scan: ContentFile | None,
    actor: User,
    now: datetime,
    today: date,
) -> Paper:
    """Write down a paper as the producer states it; the office may look at it later.

    ``scan`` comes from ``clean_scan``. Raises PaperDatesWrong.
    """
    if (
        issued_on > today
        or (valid_through is not None and valid_through < issued_on)
        or (item.ends and valid_through is None)
    ):
        raise PaperDatesWrong
    paper = Paper(
        producer=producer,
        item=item,
        number=number,
        issuer=issuer,
        issued_on=issued_on,
        valid_through=valid_through if item.ends else None,
        stated_at=now,
        stated_by=actor,
    )
    if scan is not None:
        paper.scan.save(scan.name, scan, save=False)
    paper.save()
    audit.record(
        action="producer.paper_stated", actor=actor, target=producer,
        before=None, after=_told(paper),
    )
    return paper


@transaction.atomic
def judge_paper(
    *, paper_id: int, accept: bool, reason: str = "", actor: User, now: datetime
) -> Paper:
    """The office has looked at a paper. Raises PaperAlreadyJudged, RefusalUnexplained."""
    paper = (
        Paper.objects.select_for_update(of=("self",))
        .select_related("item", "producer")
        .get(pk=paper_id)
    )
    if paper.state != Paper.State.ATTESTED:
        raise PaperAlreadyJudged
    if not accept and not reason.strip():
        raise RefusalUnexplained
    before = _told(paper)
    paper.state = Paper.State.VERIFIED if accept else Paper.State.REFUSED
    paper.refusal = "" if accept else reason.strip()
    paper.judged_at, paper.judged_by = now, actor
    paper.save()
    audit.record(
        action="producer.paper_verified" if accept else "producer.paper_refused",
        actor=actor, target=paper.producer, before=before, after=_told(paper),
        reason=paper.refusal,
    )
    return paper


def _told(paper: Paper) -> dict[str, object]:
    return {
        "item": paper.item.code,
        "state": paper.state,
        "issued_on": paper.issued_on.isoformat(),
        "valid_through": paper.valid_through.isoformat() if paper.valid_through else None,
    }
