"""A site to look at."""

from types import SimpleNamespace

import pytest

from tests.factories.accounts import make_staff, sign_in
from tests.factories.pages import make_site, make_tea
from tests.factories.pictures import make_picture
from tests.media.conftest import _own_folders, upload  # noqa: F401  (fixtures)


@pytest.fixture
def picture(db):
    return make_picture(is_drawing=True)


@pytest.fixture
def tea(db):
    return make_tea()


@pytest.fixture
def site(tea, picture) -> SimpleNamespace:
    return make_site(picture)


@pytest.fixture
def client_of():
    """Make a client signed in as somebody with this role."""
    from django.test import Client

    return lambda role: sign_in(Client(), make_staff(role))
