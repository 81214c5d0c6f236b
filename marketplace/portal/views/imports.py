"""Tables of one's own listings, prices and stock: hand in, look, confirm, take back."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from marketplace.imports import actions, showing
from marketplace.imports.errors import FileRefused, ImportsError
from marketplace.imports.forms import ConfirmForm, UploadForm
from marketplace.imports.models import Import
from marketplace.portal.queries import Desk
from marketplace.portal.views.common import at_desk, frame
from marketplace.producers.models import Producer
from theme.components import Pager

#: Who the producers are is the office's business.
KINDS = (Import.Kind.LISTINGS, Import.Kind.PRICES, Import.Kind.STOCK, Import.Kind.PICTURES)


@at_desk
def imports(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The history, templates to download, and a form to hand a table in."""
    producers = _with_goods(desk)
    is_posted = request.method == "POST"
    form = UploadForm(
        request.POST if is_posted else None,
        request.FILES if is_posted else None,
        kinds=KINDS,
        producers=producers,
    )
    if is_posted and form.is_valid():
        said = form.cleaned_data
        try:
            table = actions.hand_in(
                kind=said["kind"],
                file=said["file"],
                producer=said.get("producer") or producers[0],
                actor=request.user,
                acting_for=desk.producers[0].name if desk.is_for_another else "",
            )
        except FileRefused as refused:
            form.add_error("file", str(refused))
        else:
            return redirect("portal:imports_table", table.pk)
    page = showing.tables(_own(desk), request.GET.get("p"))
    return render(
        request,
        "portal/imports.html",
        {
            **frame(request, desk),
            "form": form,
            "producers": producers,
            "kinds": [kind for kind in KINDS if kind != Import.Kind.PICTURES],
            "page": page,
            "pager": Pager.of(
                page.number, page.paginator.num_pages, lambda number: f"?p={number}"
            ),
        },
        status=422 if form.errors else 200,
    )


@at_desk
def table(request: HttpRequest, desk: Desk, pk: int) -> HttpResponse:
    """What each row would do, or has done."""
    found = get_object_or_404(_own(desk).select_related("progress"), pk=pk)
    return _shown(request, desk, found)


@at_desk
def template(request: HttpRequest, desk: Desk, kind: str) -> HttpResponse:
    """A workbook to fill in; with ``?filled=1`` what is there now."""
    producers = _with_goods(desk)
    if kind not in KINDS or kind == Import.Kind.PICTURES:
        raise Http404
    asked = request.GET.get("producer")
    producer = next((p for p in producers if asked in (None, str(p.pk))), None)
    if producer is None:
        raise Http404
    return showing.template_file(kind, producer, is_filled=bool(request.GET.get("filled")))


@at_desk
def errors(request: HttpRequest, desk: Desk, pk: int) -> HttpResponse:
    """The rows with errors, to be mended."""
    return showing.errors_file(get_object_or_404(_own(desk), pk=pk))


@require_POST
@at_desk
def confirm(request: HttpRequest, desk: Desk, pk: int) -> HttpResponse:
    """Have it written."""
    found = get_object_or_404(_own(desk).select_related("progress"), pk=pk)
    form = ConfirmForm(request.POST)
    form.is_valid()
    try:
        actions.confirm(
            table=found,
            without_errors=form.cleaned_data["without_errors"],
            actor=request.user,
        )
    except ImportsError as refused:
        messages.error(request, str(refused))
    return redirect("portal:imports_table", pk)


@require_POST
@at_desk
def undo(request: HttpRequest, desk: Desk, pk: int) -> HttpResponse:
    """Have it set back."""
    found = get_object_or_404(_own(desk), pk=pk)
    try:
        actions.take_back(table=found, actor=request.user)
    except ImportsError as refused:
        messages.error(request, str(refused))
    return redirect("portal:imports_table", pk)


@require_POST
@at_desk
def discard(request: HttpRequest, desk: Desk, pk: int) -> HttpResponse:
    """Throw it away; nothing of it was written."""
    found = get_object_or_404(_own(desk), pk=pk)
    try:
        actions.discard(table=found, actor=request.user)
    except ImportsError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("The table was thrown away; nothing was written."))
    return redirect("portal:imports")


def _shown(request: HttpRequest, desk: Desk, found: Import) -> HttpResponse:
    context = showing.details(found, request)
    page = context["page"]
    return render(
        request,
        "portal/imports_table.html",
        {
            **frame(request, desk),
            **context,
            "pager": Pager.of(
                page.number, page.paginator.num_pages, context["url_of_page"]
            ),
        },
    )


def _with_goods(desk: Desk) -> list[Producer]:
    """Packers see no prices."""
    found = desk.producers_with_money
    if not found:
        raise PermissionDenied(_("Tables are for the owner and the staff."))
    return found


def _own(desk: Desk) -> QuerySet[Import]:
    """The tables of the producers whose goods this person may change."""
    return Import.objects.of_producers([producer.pk for producer in _with_goods(desk)])
