"""Goods that can be sent within Đồng Tháp."""

import pytest
from django.utils import translation

from tests.factories.catalogue import make_producer, make_product
from tests.factories.orders import make_tariff


@pytest.fixture
def english():
    """Words are compared in English, the language of the source: addresses are below /en/."""
    with translation.override("en"):
        yield


@pytest.fixture
def tariff(db):
    return make_tariff()


@pytest.fixture
def mango(tariff):
    """Ten boxes of 3 kg for 285.000 ₫."""
    return make_product("Xoài cát Hòa Lộc", 285_000, 10, producer=make_producer("Vườn Út Lành"))
