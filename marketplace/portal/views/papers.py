"""The papers by which a producer may sell: what is there, what is missing, what ends."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalogue.queries import product_sets_of
from marketplace.kernel import clock, formats
from marketplace.portal.forms import PaperForm
from marketplace.portal.queries import Desk
from marketplace.portal.views.common import PRODUCER, at_desk, chosen, frame
from marketplace.producers.checklist import Checklist, Entry, Standing, checklist
from marketplace.producers.errors import ProducersError
from marketplace.producers.models import ChecklistItem, Producer
from marketplace.producers.paper_actions import state_paper
from theme.components import Tip


@at_desk
def papers(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The checklist of each producer of this desk."""
    producers = _with_papers(desk)
    return render(
        request,
        "portal/papers.html",
        {
            **frame(request, desk),
            "lists": [_shown(producer, _list_of(producer)) for producer in producers],
        },
    )


@at_desk
def hand_in(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """One paper: its number, its days and a photo of it."""
    producer = chosen(request, _with_papers(desk))
    entry = next((e for e in _list_of(producer).entries if e.item.code == code), None)
    if entry is None or entry.item.proof != ChecklistItem.Proof.PAPER:
        raise Http404
    form = PaperForm(
        request.POST if request.method == "POST" else None,
        request.FILES if request.method == "POST" else None,
        item=entry.item,
    )
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            state_paper(
                producer=producer,
                item=entry.item,
                number=said["number"],
                issuer=said["issuer"],
                issued_on=said["issued_on"],
                valid_through=said.get("valid_through"),
                scan=said["scan"],
                actor=request.user,
                now=clock.now(),
                today=clock.today(),
            )
        except ProducersError as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _thanks(entry.item))
            return redirect("portal:papers")
    return render(
        request,
        "portal/paper.html",
        {
            **frame(request, desk),
            "form": form,
            "item": entry.item,
            "entry": _entry(entry, producer),
            "producer": producer,
            "papers_url": reverse("portal:papers"),
        },
        status=422 if form.errors else 200,
    )


def _thanks(item: ChecklistItem) -> str:
    if item.needs_verification:
        return _("%(paper)s was handed in. The office looks at it now.") % {"paper": item.name}
    return _("%(paper)s was noted.") % {"paper": item.name}


def _with_papers(desk: Desk) -> list[Producer]:
    """Packers see no papers, as they see no money."""
    found = desk.producers_with_money
    if not found:
        raise PermissionDenied(_("Papers are for the owner and the staff."))
    return found


def _list_of(producer: Producer) -> Checklist:
    return checklist(
        producer, day=clock.today(), product_sets=product_sets_of(producer)
    )


def _shown(producer: Producer, found: Checklist) -> dict[str, object]:
    count = len(found.open)
    return {
        "producer": producer,
        "tip": Tip(
            _("All papers are in order. You can hand in goods.")
            if found.is_complete
            else ngettext(
                "%(count)s thing is missing before you can hand in goods.",
                "%(count)s things are missing before you can hand in goods.",
                count,
            )
            % {"count": formats.number(count)},
            kind="k" if found.is_complete else "w",
        ),
        "entries": [_entry(entry, producer) for entry in found.entries],
    }


def _entry(entry: Entry, producer: Producer) -> dict[str, object]:
    """One item in words; the address where it is handed in, when that can be done here."""
    is_paper = entry.item.proof == ChecklistItem.Proof.PAPER
    return {
        "name": entry.item.name,
        "help": entry.item.help,
        "is_enough": entry.is_enough,
        "is_ending": entry.ends_in_days is not None,
        "word": _word(entry),
        "url": reverse("portal:papers_hand_in", args=[entry.item.code])
        + f"?{PRODUCER}={producer.pk}"
        if is_paper
        else "",
        "label": _("Hand in the new one") if entry.paper else _("Hand in"),
    }


def _word(entry: Entry) -> str:
    paper = entry.paper
    match entry.standing:
        case Standing.MISSING if entry.item.proof == ChecklistItem.Proof.IDENTITY:
            return _("Not yet. The office calls you or comes to see you.")
        case Standing.MISSING if entry.item.proof == ChecklistItem.Proof.TAX_CODE:
            return _("Not yet. Tell the office your tax code or registration number.")
        case Standing.MISSING:
            return _("Missing")
        case Standing.REFUSED:
            return _("Not accepted: %(reason)s") % {"reason": paper.refusal}
        case Standing.ENDED:
            return _("Ended on %(day)s") % {"day": formats.date(paper.valid_through)}
    if entry.ends_in_days is not None:
        return ngettext(
            "Holds for %(count)s more day, through %(day)s",
            "Holds for %(count)s more days, through %(day)s",
            entry.ends_in_days,
        ) % {
            "count": formats.number(entry.ends_in_days),
            "day": formats.date(paper.valid_through),
        }
    if entry.standing == Standing.STATED and not entry.is_enough:
        return _("Handed in. The office looks at it.")
    if paper is not None and paper.valid_through:
        return _("Holds through %(day)s") % {"day": formats.date(paper.valid_through)}
    return _("In order")
