"""An editor writes a story, a publisher lets it out, and a reader buys out of it."""

import pytest
from django.test import Client
from django.urls import reverse
from oscar.apps.order.models import Order
from wagtail.models import TaskState

from cms.models import StoryPage
from marketplace.accounts.roles import Role
from tests.factories.accounts import make_staff, sign_in
from tests.factories.buying import confirm, form_with, say_where
from tests.factories.orders import make_tariff
from tests.factories.pages import make_site, make_tea, story_form
from tests.factories.pictures import make_picture

pytestmark = pytest.mark.django_db


def test_a_story_is_published_and_sells(client):
    make_tariff()
    tea, picture = make_tea(), make_picture()
    site = make_site(picture)
    editor = sign_in(Client(), make_staff(Role.TOURISM_EDITOR))
    publisher = sign_in(Client(), make_staff(Role.TOURISM_PUBLISHER))
    add = reverse("wagtailadmin_pages:add", args=["cms", "storypage", site.index.pk])

    assert editor.get(add).status_code == 200
    # The editor's button for publishing does nothing for him.
    form = story_form(tea, picture) | {"action-publish": "action-publish"}
    response = editor.post(add, form, follow=True)
    assert response.status_code == 200
    page = StoryPage.objects.get(title="Đi coi sen nở")
    assert page.slug == "di-coi-sen-no"
    assert not page.live
    assert client.get(page.get_url()).status_code == 404

    edit = reverse("wagtailadmin_pages:edit", args=[page.pk])
    editor.post(edit, story_form(tea, picture, slug=page.slug) | {"action-submit": "action-submit"})
    page.refresh_from_db()
    assert page.workflow_in_progress
    state = TaskState.objects.get(status="in_progress")
    approve = reverse("wagtailadmin_pages:workflow_action", args=[page.pk, "approve", state.pk])
    editor.post(approve, {"comment": ""})
    page.refresh_from_db()
    assert not page.live
    publisher.post(approve, {"comment": "Hay lắm."})
    page.refresh_from_db()
    assert page.live

    story = client.get(page.get_url())
    html = story.content.decode()
    assert "Chỉ nhà cô Ba Sương sáng đèn." in html
    assert "120.000" in html
    form = form_with(story, "product")
    basket = client.post(
        form.action, form.fields, headers={"sec-fetch-site": "same-origin"}, follow=True
    )
    assert "Trà tim sen" in basket.content.decode()
    assert say_where(client).status_code == 302
    thanks = confirm(client, follow=True)
    order = Order.objects.get()
    assert order.number in thanks.content.decode()
    assert [line.product_id for line in order.lines.all()] == [tea.pk]
