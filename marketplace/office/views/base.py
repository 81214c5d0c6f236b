"""What all of the office's pages share: who may enter, and Wagtail's furniture around them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views import View
from wagtail.admin.views import generic
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from marketplace.imports.workbooks import neutral
from theme.views import forbidden


class NeedsPermissions:
    """Refuses with 403, not with Wagtail's way back to its home page: a closed door says so."""

    #: Needed for looking; all of them.
    needs: Sequence[str] = ()
    #: Needed on top for anything that changes something.
    needs_to_post: Sequence[str] = ()

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        wanted = [*self.needs]
        if request.method not in ("GET", "HEAD", "OPTIONS"):
            wanted += self.needs_to_post
        if not request.user.has_perms(wanted):
            return forbidden(request)
        return super().dispatch(request, *args, **kwargs)


class OfficeView(NeedsPermissions, WagtailAdminTemplateMixin, View):
    """A page of the office's own."""

    #: (name of the address, label) of the pages above this one.
    above: Sequence[tuple[str, Any]] = ()

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            *({"url": reverse(name), "label": label} for name, label in self.above),
            {"url": "", "label": self.get_page_title(), "sublabel": self.get_page_subtitle()},
        ]

    def find(self, rows: QuerySet, pk: int) -> Model:
        """The row that this person may see, else 404."""
        return get_object_or_404(rows, pk=pk)

    def safe_next(self, fallback: str) -> str:
        """Where the form wants to go back to, if that is here; a stranger's address never."""
        wanted = self.request.POST.get("next", "")
        if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None):
            return wanted
        return fallback


class PostOnly:
    """What is only posted to: whoever opens the address by hand finds nothing there.

    Stands before ``OfficeView``; who may not enter hears that first (403).
    """

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        raise Http404


class OfficeIndexView(NeedsPermissions, generic.IndexView):
    """A list with search, filters, pages and an export, of what this person may see."""

    any_permission_required = None
    template_name = "office/index.html"
    is_searchable = True
    paginate_by = 30

    def get_edit_url(self, instance: Model) -> str:
        """Whoever sees the list may open a row; what may be changed there is another question."""
        return reverse(self.edit_url_name, args=(instance.pk,))

    def preprocess_field_value(self, field: str, value: Any, export_format: str) -> Any:
        """As Wagtail exports it, but nothing that a spreadsheet would compute."""
        return neutral(super().preprocess_field_value(field, value, export_format))

    def get_list_more_buttons(self, instance: Model) -> list:
        return []
