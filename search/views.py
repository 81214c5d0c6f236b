"""What Oscar's loader asks of a search app. The real pages live in ``marketplace.shop``."""

from django.views.generic import RedirectView


class _ToOurAddress(RedirectView):
    """Oscar's own address of a page of ours: one address per thing, so send the reader there."""

    permanent = True


class FacetedSearchView(_ToOurAddress):
    pattern_name = "shop:search"
    query_string = True


class CatalogueView(_ToOurAddress):
    pattern_name = "shop:product_list"


class ProductCategoryView(_ToOurAddress):
    pattern_name = "shop:product_list"
