"""Choosing goods and shelves in the page editor."""

from django import forms
from django.db.models import CharField, F, Func, QuerySet, Value
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.choosers import BaseFilterForm
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic.chooser import (
    ChooseResultsView,
    ChooseView,
    ChosenMultipleView,
    ChosenView,
)
from wagtail.admin.viewsets.chooser import ChooserViewSet

from catalogue.models import Category, Product
from marketplace.accounts.models import User
from marketplace.kernel.fold import fold

_MARKED = "àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ"


class Folded(Func):
    """A Vietnamese column in small letters without marks, for the few rows an editor sees."""

    function = "translate"
    output_field = CharField()

    def __init__(self, name: str) -> None:
        super().__init__(Lower(F(name)), Value(_MARKED), Value("".join(map(fold, _MARKED))))


class WordsFilterForm(BaseFilterForm):
    """Finds what contains all the words typed, whatever their marks."""

    q = forms.CharField(
        label=_("Search term"),
        widget=forms.TextInput(attrs={"placeholder": _("Name of the goods or of the grower")}),
        required=False,
    )

    def filter(self, objects: QuerySet) -> QuerySet:
        """Those of ``objects`` (annotated with ``words``) in which every word occurs."""
        objects = super().filter(objects)
        if query := self.cleaned_data.get("q"):
            for word in fold(query).split():
                objects = objects.filter(words__contains=word)
            self.is_searching, self.search_query = True, query
        return objects


def _listings_for(user: User) -> QuerySet[Product]:
    """What somebody may choose: what everybody sees, or all for those who see drafts anyway."""
    rows = Product.objects.filter(parent__isnull=True)
    return rows if user.has_perm("catalogue.view_product") else rows.filter(is_public=True)


class _ListingsMixin:
    filter_form_class = WordsFilterForm

    def get_object_list(self) -> QuerySet[Product]:
        """Listings, newest first; a variant is shown on its listing's page."""
        return (
            _listings_for(self.request.user)
            .select_related("producer")
            .annotate(
                words=Func(
                    Value(" "),
                    Folded("title_vi"),
                    Folded("producer__name_vi"),
                    function="concat_ws",
                    output_field=CharField(),
                )
            )
            .order_by("-pk")
        )

    @property
    def columns(self) -> list[Column]:
        """Name, producer and whether buyers see it."""
        return [
            *super().columns,
            Column("producer", label=_("Producer"), accessor="producer"),
            Column(
                "is_public",
                label=_("Status"),
                accessor=lambda p: _("Published") if p.is_public else _("Not published"),
            ),
        ]


class ListingChooseView(_ListingsMixin, ChooseView):
    """The window in which an editor chooses goods."""


class ListingChooseResultsView(_ListingsMixin, ChooseResultsView):
    """Its list, when the search changes."""


class ListingChosenView(ChosenView):
    """The answer for what was chosen."""

    def get_object(self, pk: str) -> Product:
        return _listings_for(self.request.user).get(pk=pk)


class ListingChosenMultipleView(ChosenMultipleView):
    """The answer for several."""

    def get_objects(self, pks: list[str]) -> QuerySet[Product]:
        return _listings_for(self.request.user).filter(pk__in=pks)


class ProductChooserViewSet(ChooserViewSet):
    """Goods, by the words of their name or of their grower's."""

    model = Product
    icon = "tag"
    choose_view_class = ListingChooseView
    choose_results_view_class = ListingChooseResultsView
    chosen_view_class = ListingChosenView
    chosen_multiple_view_class = ListingChosenMultipleView
    choose_one_text = _("Choose goods")
    choose_another_text = _("Choose other goods")
    edit_item_text = _("Edit these goods")
    per_page = 20


class _ShelvesMixin:
    filter_form_class = WordsFilterForm

    def get_object_list(self) -> QuerySet[Category]:
        """All shelves in their order."""
        return Category.objects.annotate(words=Folded("name_vi")).order_by("path")


class ShelfChooseView(_ShelvesMixin, ChooseView):
    """The window in which an editor chooses a shelf."""


class ShelfChooseResultsView(_ShelvesMixin, ChooseResultsView):
    """Its list, when the search changes."""


class CategoryChooserViewSet(ChooserViewSet):
    """Shelves of the shop."""

    model = Category
    icon = "folder-open-inverse"
    choose_view_class = ShelfChooseView
    choose_results_view_class = ShelfChooseResultsView
    choose_one_text = _("Choose a category")
    choose_another_text = _("Choose another category")
    edit_item_text = _("Edit this category")


product_chooser = ProductChooserViewSet("product_chooser")
category_chooser = CategoryChooserViewSet("category_chooser")
