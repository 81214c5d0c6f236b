"""What tests of the shop window share."""

import pytest
from django.core.management import call_command

from tests.factories.catalogue import make_category, make_producer, make_product


@pytest.fixture
def reference(db):
    """All provinces, communes and product sets."""
    call_command("load_reference", verbosity=0)


@pytest.fixture
def shop(db):
    """A small shop: three things of two growers, one with sizes."""
    fruit = make_category("Trái cây", name_en="Fruit", description_vi="<p>Theo mùa</p>")
    mango = make_category("Xoài", parent=fruit, name_en="Mangoes")
    lanh = make_producer("Vườn Út Lành", name_en="Út Lành Garden", answers_on_zalo=True)
    sen = make_producer("Cơ sở Hương Sen", story_vi="Làm trà từ năm 1998.")
    return {
        "fruit": fruit,
        "mango": mango,
        "lanh": lanh,
        "sen": sen,
        "hoa_loc": make_product(
            "Xoài cát Hòa Lộc", producer=lanh, category=mango, title_en="Cát Hòa Lộc mango",
            variants=[("Thùng 3 kg", 285_000, 10), ("Thùng 5 kg", 460_000, 0)],
            harvest_main=[2, 3, 4, 5], harvest_side=[8, 9, 10, 11, 12, 1],
        ),
        "chu": make_product(
            "Xoài cát Chu", 150_000, 3, producer=lanh, category=mango, set_number=1
        ),
        "tea": make_product(
            "Trà tim sen", 120_000, producer=sen, category=make_category("Trà"), set_number=12
        ),
    }
