"""axe finds nothing on the office's own pages; what is Wagtail's alone is named with its reason."""

import pytest
from django.test import Client
from django.urls import reverse

from marketplace.orders.models import Consignment
from marketplace.payments.models import CodLimits, CollectorAccount
from marketplace.shipping.models import Rate
from tests.browser.axe import need_axe, violations
from tests.factories.accounts import make_superuser, sign_in
from tests.media.conftest import _own_folders  # noqa: F401  (a fixture)
from tests.office.market import make_market

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

#: Beginning of what axe says → why it is left: it stands in Wagtail's own markup, which neither
#: a style sheet nor a template of ours reaches without copying a whole component.
WAGTAILS: dict[str, str] = {}


@pytest.mark.parametrize("width", [390, pytest.param(1280, marks=pytest.mark.full)])
def test_the_office(width, open_browser, live_server):
    need_axe()
    market = make_market()
    browser = open_browser(width)
    client = sign_in(Client(), make_superuser())
    browser.get(live_server.url + "/robots.txt")
    browser.add_cookie({"name": "sessionid", "value": client.cookies["sessionid"].value})
    found = {}
    for path in pages(market):
        browser.get(live_server.url + path)
        said = [
            line for line in violations(browser)
            if not any(line.startswith(known) for known in WAGTAILS)
        ]
        if said:
            found[path] = said
    assert not found, "\n".join(f"{path}: {line}" for path in found for line in found[path])


def pages(market) -> list[str]:
    """An address of each kind of page."""
    grower, listing = market["grower"].pk, market["listing"].pk
    order = Consignment.objects.first().order_id
    limits = CodLimits.objects.order_by("effective_from").last().pk
    return [
        reverse(name, args=args)
        for name, *args in [
            ("wagtailadmin_home",),
            ("office_orders:index",), ("office_orders:order", order),
            ("office_orders:history", order), ("office_calls:index",),
            ("office_call_list:index",), ("office_receipts:index",), ("office_refunds:index",),
            ("office_payouts:index",), ("office_payouts:account", grower),
            ("office_stock:index",), ("office_listings:index",), ("office_listings:add",),
            ("office_listings:edit", listing), ("office_listings:revisions",),
            ("office_listings:unpublish", listing), ("office_producers:index",),
            ("office_producers:add",), ("office_producers:edit", grower),
            ("office_producers:suspend", grower), ("office_producers:history", grower),
            ("office_applications:index",), ("office_papers:index",), ("office_helpers:index",),
            ("office_imports:index",), ("office_pages:index",), ("office_rules:index",),
            ("office_rules:working_days",), ("office_rules:table", "delivery-prices"),
            ("office_rules:table", "cash-limits"), ("office_rules:new", "papers"),
            ("office_rules:new", "trust"), ("office_rules:change", "cash-limits", limits),
            ("office_rules:withdraw", "cash-limits", limits),
            ("office_rules:end", "collector", CollectorAccount.objects.get().pk),
            ("office_rules:history", "cash-limits"),
        ]
    ] + [
        f"{reverse('office_rules:new', args=('delivery-prices',))}?like="
        f"{Rate.objects.order_by('pk').first().pk}"
    ]
