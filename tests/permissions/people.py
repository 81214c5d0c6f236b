"""One signed-in client for each role, and things for them to ask for."""

from __future__ import annotations

from django.contrib.auth.models import Group
from django.test import Client
from wagtail.models import Collection, Locale, Page, Site

from marketplace.accounts.models import User
from marketplace.accounts.roles import Role
from marketplace.producers.models import Membership
from tests.factories.accounts import make_staff, make_superuser, make_user, sign_in
from tests.factories.catalogue import make_producer, make_product

ANONYMOUS = "anonymous"
CUSTOMER = "customer"
OWNER = "producer_owner"
PACKER = "producer_packer"
SUPERUSER = "superuser"

OUTSIDERS = (CUSTOMER, OWNER, PACKER)
STAFF = tuple(role.value for role in Role)
EVERYBODY = (ANONYMOUS, *OUTSIDERS, *STAFF, SUPERUSER)


def clients() -> dict[str, Client]:
    """A client for each role, in the table's order."""
    producer = make_producer()
    owner, packer = make_user(), make_user()
    Membership.objects.create(producer=producer, user=owner, role=Membership.Role.OWNER)
    Membership.objects.create(producer=producer, user=packer, role=Membership.Role.PACKER)
    people = {
        CUSTOMER: make_user(),
        OWNER: owner,
        PACKER: packer,
        **{role.value: make_staff(role) for role in Role},
        SUPERUSER: make_superuser(),
    }
    found = {ANONYMOUS: Client(raise_request_exception=False)}
    for role, user in people.items():
        found[role] = sign_in(Client(raise_request_exception=False), user)
    return found


def samples() -> dict[str, object]:
    """Values for the placeholders in routes: things that exist, where it matters."""
    product = make_product()
    page = Page.objects.filter(depth=2).first() or Page.objects.get(depth=1)
    return {
        "page_id": page.pk,
        "parent_page_id": page.pk,
        "page_to_move_id": page.pk,
        "destination_id": page.pk,
        "content_type_app_name": "cms",
        "content_type_model_name": "storypage",
        "app_label": "cms",
        "app_name": "cms",
        "model_name": "sitesettings",
        "collection_id": Collection.get_first_root_node().pk,
        "cms/users/:pk": User.objects.values_list("pk", flat=True).first(),
        "cms/groups/:pk": Group.objects.values_list("pk", flat=True).first(),
        "cms/sites/:pk": Site.objects.values_list("pk", flat=True).first(),
        "cms/locales/:pk": Locale.objects.values_list("pk", flat=True).first(),
        "products/:pk": product.pk,
        "cms/market/listings/:pk": product.pk,
        "cms/market/producers/:pk": product.producer_id,
        "cms/market/rules/:table": "trust",
        "slug": "x",
        "path": "x",
        "number": "X1",
        "secret": "x",
        "key": "x",
        "uidb36": "1",
        "uidb64": "MQ",
        "token": "x",
        "name": "x",
        "action": "delete",
        "action_name": "x",
        "language": "vi",
        "version": "x",
        "filter_spec": "width-100",
        "mode": "x",
        "revision_id_a": "live",
        "revision_id_b": "latest",
        "section": "pages",
        "url": "x/",
    }
