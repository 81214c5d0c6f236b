"""The whole of what was promised: 10,000 listings, seven of them bad."""

import pytest

from tests.benchmarks.imports import run

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "count", [pytest.param(10_000, marks=pytest.mark.full), 70], ids=["10000", "70"]
)
def test_all_good_rows_are_written_and_go_again(count):
    assert run(count, tell=lambda line: None) == {
        "new": count - 7, "errors": 7, "written": count - 7, "left": 0,
    }  # fmt: skip
