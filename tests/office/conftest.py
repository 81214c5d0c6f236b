"""Staff of each role at their desks, and goods that lack nothing but a word."""

import pytest
from django.test import Client

from marketplace.accounts.models import User
from marketplace.accounts.roles import Role
from tests.factories.accounts import make_staff, sign_in


@pytest.fixture
def desk(db):
    """``desk(role)``: a client signed in as somebody of that role; ``client.user`` is who."""

    def open_desk(*roles: Role) -> Client:
        client = Client()
        client.user = User.objects.get(pk=make_staff(*roles).pk)
        return sign_in(client, client.user)

    return open_desk


@pytest.fixture
def operator(desk):
    return desk(Role.OPERATOR)


@pytest.fixture
def officer(desk):
    return desk(Role.OCOP_OFFICER)


@pytest.fixture
def finance(desk):
    return desk(Role.FINANCE)
