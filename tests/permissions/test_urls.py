"""Every route × every role, as the table says; a route that the table lacks fails the build."""

from __future__ import annotations

import logging
from datetime import timedelta
from functools import partial

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from marketplace.accounts import door_urls
from marketplace.accounts.roles import Role
from marketplace.kernel import clock
from tests.factories.accounts import make_staff, make_superuser, sign_in
from tests.permissions import people, table
from tests.permissions.outcomes import BROKEN, LET_IN, METHOD, ON, REFUSED, SIGN_IN, outcome
from tests.permissions.routes import Route, all_routes


class Visitor:
    """A client whose requests leave nothing behind, neither rows nor a lost session."""

    def __init__(self, role: str, client: Client) -> None:
        self.role = role
        self.client = client
        self.session = client.cookies.get("sessionid")

    def request(self, method: str, path: str) -> str:
        """The outcome of one request."""
        with transaction.atomic():
            response = getattr(self.client, method)(path)
            transaction.set_rollback(True)
        self.client.cookies.clear()
        if self.session is not None:
            self.client.cookies["sessionid"] = self.session.value
        return outcome(response, path)


#: Guarded by their first word, whatever comes after: a few roles stand for all, but in --full.
BY_PREFIX = ("dashboard/", "django-admin/")
FEW = (people.ANONYMOUS, people.CUSTOMER, "operator", people.SUPERUSER)
#: Whose posts are tried, but in --full.
POSTERS = (people.ANONYMOUS, people.CUSTOMER, "translator", "finance")


@pytest.fixture(autouse=True)
def _quiet():
    """Thousands of refusals, each logged with its traceback, would take most of the time."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def is_full(request) -> bool:
    return request.config.getoption("--full")


@pytest.fixture
def visitors(db) -> list[Visitor]:
    return [Visitor(role, client) for role, client in people.clients().items()]


@pytest.fixture
def samples(db) -> dict[str, object]:
    return people.samples()


def _routes() -> list[Route]:
    """All routes; of two with one address only the first can ever be reached."""
    return list({route.key: route for route in reversed(all_routes())}.values())[::-1]


def test_every_route_stands_in_the_table_and_every_line_has_a_route():
    used, missing = set(), []
    for route in _routes():
        rule = table.rule_for(route.key)
        if rule is None:
            missing.append(route.key)
        else:
            used.add(rule.routes)
    assert not missing, f"Add to tests/permissions/table.py: {missing}"
    assert not {rule.routes for rule in table.RULES} - used, "lines without a route"


def test_every_role_gets_what_the_table_says(visitors, samples, is_full):
    surprises = []
    for route in _routes():
        rule = table.rule_for(route.key)
        path = route.path(samples)
        for visitor in visitors:
            if route.key.startswith(BY_PREFIX) and visitor.role not in FEW and not is_full:
                continue
            got = visitor.request("get", path)
            if got not in rule.outcomes[visitor.role]:
                surprises.append(f"{route.key} as {visitor.role}: {got} ({rule.routes})")
    assert not surprises, "\n" + "\n".join(surprises)


def test_whoever_may_not_look_may_not_post_either(visitors, samples, is_full):
    surprises = []
    for route in _routes():
        rule = table.rule_for(route.key)
        path = route.path(samples)
        for visitor in visitors:
            if rule.outcomes[visitor.role] & (LET_IN | {BROKEN}) or (
                visitor.role not in POSTERS and not is_full
            ):
                continue
            got = visitor.request("post", path)
            if got not in (REFUSED, SIGN_IN, METHOD):
                surprises.append(f"POST {route.key} as {visitor.role}: {got}")
    assert not surprises, "\n".join(surprises)


#: The staff's addresses, and the growers' desk, which staff open with a grower's consent.
STAFF_PREFIXES = ("cms/", "^cms/", "dashboard/", "^dashboard/", "django-admin/", "portal/")


def _staff_routes() -> list[Route]:
    return [
        route for route in _routes()
        if route.key.startswith(STAFF_PREFIXES) and table.rule_for(route.key).outcomes[
            people.SUPERUSER
        ] != frozenset({ON})
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("make", "has_one", "door"),
    [
        (make_superuser, False, "mfa_activate_totp"),
        pytest.param(make_superuser, True, "mfa_reauthenticate", marks=pytest.mark.full),
        pytest.param(
            partial(make_staff, Role.OPERATOR), False, "mfa_activate_totp", marks=pytest.mark.full
        ),
        (partial(make_staff, Role.OPERATOR), True, "mfa_reauthenticate"),
    ],
    ids=["superuser, none", "superuser, not shown", "operator, none", "operator, not shown"],
)
def test_without_a_second_factor_no_page_of_the_staff_opens(db, samples, make, has_one, door):
    """Neither for who has none nor for whose session has not shown it; GET and POST (R22)."""
    client = sign_in(
        Client(raise_request_exception=False), make(with_second_factor=has_one),
        second_factor=False,
    )  # fmt: skip
    surprises, asked = [], 0
    for route in _staff_routes():
        if door_urls.is_door(path := route.path(samples)):
            continue
        for method in (client.get, client.post):
            response = method(path)
            asked += 1
            target = response.headers.get("Location", "")
            is_shut = response.status_code == 302 and target.startswith(reverse(door))
            # The addresses of superusers alone are shut before the code is asked for.
            is_shut |= response.status_code == 403 and route.key.lstrip("^").startswith(BY_PREFIX)
            if not is_shut:
                surprises.append(f"{route.key}: {response.status_code} {target}")
    assert asked > 500
    assert not surprises, "\n".join(surprises[:50])


def test_after_half_an_hour_away_no_page_of_the_staff_opens(db, samples):
    client = sign_in(Client(raise_request_exception=False), make_superuser())
    client.get("/cms/")
    session = client.cookies["sessionid"].value
    surprises = []
    with clock.frozen(clock.now() + timedelta(minutes=31)):
        for route in _staff_routes():
            if door_urls.is_door(path := route.path(samples)):
                continue
            client.cookies["sessionid"] = session
            with transaction.atomic():
                response = client.get(path)
                transaction.set_rollback(True)
            if outcome(response, path) != SIGN_IN:
                surprises.append(f"{route.key}: {response.status_code}")
    assert not surprises, "\n".join(surprises[:50])
