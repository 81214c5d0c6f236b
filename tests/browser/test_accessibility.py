"""axe finds nothing on the pages from the basket to the desk, in any of their states."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from marketplace.kernel import clock
from marketplace.orders import actions as orders
from marketplace.orders.actions import Missing
from marketplace.orders.models import InvoiceWish
from marketplace.payments.models import CodLimits
from marketplace.producers import team_actions
from marketplace.producers.models import Membership
from tests.browser.axe import need_axe, violations
from tests.factories.accounts import make_user, sign_in
from tests.factories.buying import put_in, say_where
from tests.factories.catalogue import make_commune, make_producer, make_product
from tests.factories.orders import make_order, make_tariff
from tests.factories.vouchers import make_voucher
from tests.orders.conftest import ANYBODY, bring

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

@pytest.fixture(params=[390, pytest.param(1280, marks=pytest.mark.full)])
def browser(request, open_browser, live_server):
    need_axe()
    browser = open_browser(request.param)
    browser.base = live_server.url
    return browser


def take_over(browser, client):
    """Go on as this client."""
    browser.get(browser.base + reverse("orders:track_form"))
    browser.delete_all_cookies()
    for name, morsel in client.cookies.items():
        if morsel.value:
            browser.add_cookie({"name": name, "value": morsel.value, "path": "/"})


def visit(browser, name, *args, query=""):
    browser.get(browser.base + reverse(name, args=args) + query)
    return violations(browser)


def send_as_it_is(browser):
    """Send the page's form unfilled, and look at the answer with its errors."""
    form = "main form[method=post]:not([data-quantity])"
    browser.execute_script(f"document.querySelector('{form}').submit()")
    WebDriverWait(browser, 15).until(lambda b: b.find_elements(By.CSS_SELECTOR, ".errs"))
    return violations(browser)


def use_code(browser, code, *, found):
    """Type a code and press its button; look at the answer once ``found`` stands there."""
    browser.execute_script(
        "document.querySelector('.code-box details').open = true;"
        "document.getElementById('code').value = arguments[0];"
        "document.querySelector('.code-box [value=use]').click()",
        code,
    )
    WebDriverWait(browser, 15).until(lambda b: b.find_elements(By.CSS_SELECTOR, found))
    return violations(browser)


def test_from_the_basket_to_the_order(browser):
    make_tariff()
    make_commune()
    make_voucher("SEN50")
    client = Client()
    take_over(browser, client)
    assert visit(browser, "checkout:basket") == []
    put_in(client, make_product("Xoài", 285_000, 10, producer=make_producer("Út Lành")), 2)
    put_in(client, make_product("Rượu sen", 120_000, 5, set_number=14))
    take_over(browser, client)
    assert visit(browser, "checkout:basket") == []
    assert visit(browser, "checkout:basket", query="?giao-den=82") == []
    assert use_code(browser, "SAI", found=".errs") == []
    assert use_code(browser, "SEN50", found=".code-on") == []
    assert visit(browser, "checkout:where") == []
    assert send_as_it_is(browser) == []
    assert say_where(client, note="Gọi trước", gift_text="Chúc mừng").status_code == 302
    take_over(browser, client)
    assert visit(browser, "checkout:pay") == []
    browser.execute_script("document.getElementById('id_invoice_company').value = 'Bông Súng'")
    assert send_as_it_is(browser) == []


def test_following_and_cancelling(browser):
    make_tariff()
    order = make_order(make_product("Xoài", 100_000, 9), make_product("Trà", 50_000, 9))
    bring(order.consignments.first(), "packed", clock.now())
    secret = order.details.secret
    assert visit(browser, "orders:track_form") == []
    assert send_as_it_is(browser) == []
    for name in ("checkout:thank_you", "orders:track", "orders:cancel"):
        assert visit(browser, name, order.number, secret) == []
    assert visit(browser, "orders:track", order.number, "wrong") == []


def _parcels_on_their_way(browser, mango):
    """The list, a parcel in each state with its forms and their errors, and what its buyer sees."""
    assert visit(browser, "portal:parcels") == []
    for state in ("new", "confirmed", "packed", "handed_over", "delivered"):
        parcel = bring(make_order((mango, 1)).consignments.get(), state, clock.now())
        assert visit(browser, "portal:parcels_one", parcel.number) == []
    InvoiceWish.objects.create(
        order=parcel.order, company="Bông Súng", tax_code="0100233488", address="Cao Lãnh"
    )
    assert visit(browser, "portal:parcels_one", parcel.number) == []
    number, secret = parcel.order.number, parcel.order.details.secret
    assert visit(browser, "orders:report", number, secret, parcel.number) == []
    assert send_as_it_is(browser) == []
    orders.report_not_arrived(consignment_id=parcel.pk, reason="part", now=clock.now())
    assert visit(browser, "portal:parcels_one", parcel.number) == []
    parcel = bring(make_order((mango, 2)).consignments.get(), "confirmed", clock.now())
    assert visit(browser, "portal:parcels_missing", parcel.number) == []
    assert send_as_it_is(browser) == []
    orders.ask_buyer(
        consignment_id=parcel.pk, lines=[Missing(parcel.lines.get().pk, 1)], note="Mưa",
        new_handover_on=clock.today() + timedelta(days=3), actor=ANYBODY, now=clock.now(),
    )
    assert visit(browser, "portal:parcels_one", parcel.number) == []
    assert visit(browser, "orders:track", parcel.order.number, parcel.order.details.secret) == []


def test_the_desk_and_the_account(browser):
    make_tariff()
    # One number orders again and again here; nobody has to be called first.
    CodLimits.objects.update(open_orders_max=100, open_amount_max=None)
    mango = make_product("Xoài", 100_000, 50)
    owner, nobody = make_user(), make_user()
    Membership.objects.create(producer=mango.producer, user=owner, role="owner")
    take_over(browser, sign_in(Client(), owner))
    assert visit(browser, "portal:home") == []
    order = make_order(mango, user=nobody)
    bring(make_order(mango).consignments.get(), "packed", clock.now())
    assert visit(browser, "portal:home") == []
    assert visit(browser, "portal:decline", order.consignments.get().number) == []
    assert send_as_it_is(browser) == []
    _parcels_on_their_way(browser, mango)
    assert visit(browser, "orders:mine") == []
    take_over(browser, sign_in(Client(), nobody))
    assert visit(browser, "portal:home") == []
    assert visit(browser, "orders:mine") == []


def test_the_profile_and_the_team(browser):
    make_tariff()
    garden = make_producer("Vườn Út Lành", story_vi="Từ năm 1998.")
    owner, lan = make_user(), make_user("lan@example.test")
    Membership.objects.create(producer=garden, user=owner, role="owner")
    packer = Membership.objects.create(producer=garden, user=make_user(), role="packer")
    client = sign_in(Client(), owner)
    take_over(browser, client)
    assert visit(browser, "portal:more") == []
    for name in ("profile", "profile_delivery", "profile_rest", "team_invite"):
        assert visit(browser, f"portal:{name}") == []
    assert send_as_it_is(browser) == []
    days = {
        "producer": garden.pk, "do": "save", "first_day": clock.today().isoformat(),
        "last_day": (clock.today() + timedelta(days=9)).isoformat(), "reason_vi": "Nghỉ giỗ.",
    }
    client.post(reverse("portal:profile_rest"), days)
    assert visit(browser, "portal:profile_rest") == []
    browser.execute_script("document.querySelector('button[value=ask]').click()")
    WebDriverWait(browser, 15).until(
        lambda b: b.find_elements(By.CSS_SELECTOR, "button[value=save]")
    )
    assert violations(browser) == []
    now = clock.now()
    asked = [
        team_actions.invite(
            producer=garden, role=Membership.Role.STAFF, language="vi", actor=owner, now=at, **to
        )[0]
        for at, to in (
            (now, {"email": lan.email}), (now - timedelta(days=9), {"phone": "+84912345678"}),
        )
    ]
    assert visit(browser, "portal:team") == []
    browser.execute_script(
        "document.querySelector(`form[action='${arguments[0]}']`).submit()",
        reverse("portal:team_again", args=[asked[1].pk]),
    )
    WebDriverWait(browser, 15).until(lambda b: b.find_elements(By.CSS_SELECTOR, ".one-code"))
    assert violations(browser) == []
    client.post(reverse("portal:team_member", args=[packer.pk]), {"do": "remove"})
    assert visit(browser, "portal:team") == []
    assert visit(browser, "portal:team_member", garden.memberships.get().pk) == []
    take_over(browser, sign_in(Client(), lan))
    assert visit(browser, "portal:invitations") == []
    assert visit(browser, "portal:invitation", "none") == []
