"""What our editors find in Wagtail's admin, and what they do not."""

from django.db.models import Model
from django.http import Http404, HttpRequest
from django.utils.text import capfirst
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.views import account
from wagtail.admin.viewsets.base import ViewSet
from wagtail.models import Site
from wagtail.sites.views import IndexView as SiteIndexView

from cms.choosers import category_chooser, product_chooser

#: Entries that nobody here needs: documents are not used, and Wagtail's help is in English.
HIDDEN = {"documents", "help"}


@hooks.register("register_admin_viewset")
def register_choosers() -> list[ViewSet]:
    """Choosing goods and shelves."""
    return [product_chooser, category_chooser]


@hooks.register("construct_main_menu")
def hide_unused(request: HttpRequest, menu_items: list[MenuItem]) -> None:
    """Fewer entries, so that the ones left are found."""
    menu_items[:] = [item for item in menu_items if item.name not in HIDDEN]


@hooks.register("before_serve_document")
def serve_no_documents(document: Model, request: HttpRequest) -> None:
    """No file leaves as it was uploaded; pictures go through the library."""
    raise Http404


# Wagtail names these columns by their fields, in English whatever the language.
for column in SiteIndexView.columns:
    if column.name in ("site_name", "root_page"):
        column.label = capfirst(Site._meta.get_field(column.name).verbose_name)

# Pictures of editors are shown nowhere, and an upload that the image library does not check
# would be a door beside it.
account.AvatarSettingsPanel.is_active = lambda panel: False
