"""Every route × every role, as the table says; a route that the table lacks fails the build."""

from __future__ import annotations

import logging

import pytest
from django.db import transaction
from django.test import Client

from tests.permissions import people, table
from tests.permissions.outcomes import BROKEN, LET_IN, METHOD, REFUSED, SIGN_IN, outcome
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
