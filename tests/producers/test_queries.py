"""Which producers sell, and for which somebody acts."""

from datetime import date

import pytest
from django.contrib.auth.models import AnonymousUser

from marketplace.accounts.models import User
from marketplace.producers import queries
from marketplace.producers.models import Membership
from tests.factories.catalogue import make_producer

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 24)


def test_only_identified_producers_sell_and_not_while_closed():
    open_ = make_producer("Mở")
    closed = make_producer("Nghỉ", paused=(TODAY, TODAY))
    make_producer("Lạ", verified=False)

    assert set(queries.in_public()) == {open_, closed}
    assert set(queries.selling_on(TODAY)) == {open_}
    assert set(queries.selling_on(date(2026, 11, 25))) == {open_, closed}


def test_people_see_the_producers_they_act_for():
    mine, _other = make_producer(), make_producer()
    user = User.objects.create_user("lanh@example.test")
    Membership.objects.create(producer=mine, user=user, role=Membership.Role.PACKER)

    assert list(queries.visible_to(user)) == [mine]
    assert list(queries.visible_to(AnonymousUser())) == []
