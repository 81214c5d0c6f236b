"""The shop window (being written)."""
from django.http import Http404


def product_list(request, **kwargs):
    raise Http404


category = product = producer_list = producer = search = commune_options = product_list
