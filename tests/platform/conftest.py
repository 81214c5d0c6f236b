import pytest

from tests.platform import pages


@pytest.fixture
def public_pages(settings):
    """A small site of public pages; see ``tests.platform.pages``."""
    settings.ROOT_URLCONF = "tests.platform.pages"
    settings.PUBLIC_PAGE_QUERY_KEYS = ("page", "q")
    pages.rendered.clear()
    pages.during.clear()
    pages.stock["left"] = 5
    return pages


@pytest.fixture
def user(django_user_model):
    return django_user_model.objects.create_user("lan@example.test", "secret-password")
