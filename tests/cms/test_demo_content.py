"""The demo's own files make a whole site in both languages."""

import pytest
from django.core.management import call_command

from cms.actions import Material, build_site
from cms.models import HomePage, LegalPage, SiteSettings, StoryPage
from tests.factories.pages import demo_content

pytestmark = pytest.mark.django_db


class OnePicture(dict):
    """Stands for all drawings."""

    def get(self, key, default=None):
        return self["any"] if key else default


def test_the_files_of_the_demo_build_a_site(tea, picture, client):
    pages, stories = demo_content()
    material = Material.at_hand(OnePicture(any=picture))
    build_site(content=pages, stories=stories, material=material)
    assert StoryPage.objects.live().count() == 2 * len(stories) == 12
    kinds = set(LegalPage.objects.values_list("kind", flat=True))
    assert kinds == {
        "operator", "rules", "delivery", "returns", "payment", "privacy", "complaints",
    }
    row = SiteSettings.objects.get()
    # Of its shelves only one is there in this test; its pages all are.
    assert row.menu_entries.count() == 2
    assert sum(column.links.count() for column in row.footer_columns.all()) == 12
    for page in [*StoryPage.objects.all(), *LegalPage.objects.all()]:
        response = client.get(page.get_url())
        assert response.status_code == 200, page.get_url()
        assert page.title in response.content.decode().replace("&#x27;", "'")
    for path in ("/", "/en/", "/chuyen-lang/", "/en/stories/"):
        assert client.get(path).status_code == 200


def test_a_bare_site_can_be_started(client, capsys):
    call_command("start_site")
    call_command("start_site")
    assert HomePage.objects.count() == 2
    for path in ("/", "/en/", "/chuyen-lang/"):
        assert client.get(path).status_code == 200
