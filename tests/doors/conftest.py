import logging

import pytest

from marketplace.kernel import clock
from tests.doors.world import make_world


@pytest.fixture(autouse=True)
def _quiet():
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def world(db):
    with clock.frozen(clock.now()):
        yield make_world()
