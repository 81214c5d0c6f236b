"""Tables of producers, listings, prices and stock, and archives of pictures."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marketplace.accounts.models import User
from marketplace.imports import actions, showing
from marketplace.imports.errors import FileRefused, ImportsError
from marketplace.imports.forms import ConfirmForm, UploadForm
from marketplace.imports.models import Import
from marketplace.office.views.base import OfficeView, PostOnly

VIEW = "imports.view_import"
ADD = "imports.add_import"
#: What somebody must be able to do one by one to do it by a table.
_NEEDED = {
    Import.Kind.PRODUCERS: ("producers.add_producer", "producers.change_producer"),
    Import.Kind.LISTINGS: ("catalogue.add_product", "catalogue.change_product"),
    Import.Kind.PRICES: ("catalogue.change_product", "partner.view_stockrecord"),
    Import.Kind.STOCK: ("catalogue.change_product", "partner.view_stockrecord"),
    Import.Kind.PICTURES: ("catalogue.change_product", "catalogue.add_productimage"),
}


def kinds_for(user: User) -> list[str]:
    """The tables that this person may hand in."""
    return [kind for kind, needed in _NEEDED.items() if user.has_perms(needed)]


class ImportsView(OfficeView):
    """The history, templates to download, and a form to hand a table in."""

    needs = [VIEW]
    needs_to_post = [ADD]
    template_name = "office/imports.html"
    header_icon = "download"
    page_title = gettext_lazy("Import by table")

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.shown(UploadForm(kinds=kinds_for(request.user)))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = UploadForm(request.POST, request.FILES, kinds=kinds_for(request.user))
        if form.is_valid():
            try:
                table = actions.hand_in(
                    kind=form.cleaned_data["kind"], file=form.cleaned_data["file"],
                    producer=None, actor=request.user,
                )
            except FileRefused as refused:
                form.add_error("file", str(refused))
            else:
                return redirect("office_imports:table", table.pk)
        return self.shown(form, status=422)

    def shown(self, form: UploadForm, status: int = 200) -> HttpResponse:
        rows = Import.objects.visible_to(self.request.user)
        return self.render_to_response(
            self.get_context_data(
                form=form,
                kinds=[
                    Import.Kind(kind)
                    for kind in kinds_for(self.request.user)
                    if kind != Import.Kind.PICTURES
                ],
                may_add=self.request.user.has_perm(ADD),
                page=showing.tables(rows, self.request.GET.get("p")),
                words="",
            ),
            status=status,
        )


class _TableView(OfficeView):
    """One table of those that this person may see."""

    needs = [VIEW]
    above = [("office_imports:index", gettext_lazy("Import by table"))]

    def table(self, pk: int) -> Import:
        rows = Import.objects.visible_to(self.request.user)
        return self.find(rows.select_related("progress", "uploaded_by", "producer"), pk)


class ImportView(_TableView):
    """What each row would do, or has done."""

    template_name = "office/imports_table.html"
    header_icon = "download"
    page_title = gettext_lazy("Table")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        table = self.table(pk)
        self.page_subtitle = f"{table.get_kind_display()}, {table.file_name}"
        context = showing.details(table, request)
        page, url_of = context["page"], context["url_of_page"]
        return self.render_to_response(
            self.get_context_data(
                **context,
                may_change=request.user.has_perm(ADD),
                previous_url=url_of(page.number - 1) if page.has_previous() else "",
                next_url=url_of(page.number + 1) if page.has_next() else "",
            )
        )


class _StepView(PostOnly, _TableView):
    """A button: does its step and leads back to the table."""

    needs = [VIEW, ADD]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        table = self.table(pk)
        if table.kind not in kinds_for(request.user):
            raise Http404
        try:
            self.step(table)
        except ImportsError as refused:
            messages.error(request, str(refused))
        return redirect("office_imports:table", pk)

    def step(self, table: Import) -> None:
        raise NotImplementedError


class ConfirmView(_StepView):
    def step(self, table: Import) -> None:
        form = ConfirmForm(self.request.POST)
        form.is_valid()
        actions.confirm(
            table=table, without_errors=form.cleaned_data["without_errors"],
            actor=self.request.user,
        )


class UndoView(_StepView):
    def step(self, table: Import) -> None:
        actions.take_back(table=table, actor=self.request.user)


class DiscardView(_StepView):
    def step(self, table: Import) -> None:
        actions.discard(table=table, actor=self.request.user)
        messages.success(
            self.request, _("The table was thrown away; nothing was written.")
        )


class ErrorsView(_TableView):
    """The rows with errors, to be mended."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return showing.errors_file(self.table(pk))


class TemplateView(OfficeView):
    """A workbook to fill in; with ``?filled=1`` what is there now."""

    needs = [VIEW, ADD]

    def get(self, request: HttpRequest, kind: str, **kwargs: Any) -> HttpResponse:
        if kind not in kinds_for(request.user) or kind == Import.Kind.PICTURES:
            raise Http404
        return showing.template_file(kind, None, is_filled=bool(request.GET.get("filled")))
