"""What growers hear of the office's acts: who, how, in which language, and once."""

from datetime import date

import pytest

from catalogue import actions, revision_actions, state_actions
from catalogue.models import ListingEvent, TrustRule
from catalogue.states import ListingActor
from catalogue.telling import tell_of_step
from marketplace.platform import messages, outbox
from marketplace.producers.models import ChecklistItem, Membership
from tests.factories.accounts import make_user
from tests.factories.catalogue import make_producer, make_product

pytestmark = pytest.mark.django_db
OFFICE, PRODUCER = ListingActor.OFFICE, ListingActor.PRODUCER


@pytest.fixture(autouse=True)
def papers_in_order(db):
    ChecklistItem.objects.all().delete()


@pytest.fixture
def mails(monkeypatch):
    found = []
    monkeypatch.setattr(outbox, "send_mail", lambda **mail: found.append(mail))
    return found


@pytest.fixture
def texts(monkeypatch):
    found = []
    monkeypatch.setattr(outbox, "send_sms", lambda **text: found.append(text))
    return found


@pytest.fixture
def grower():
    return make_producer("Vườn Út Lành")


def join(producer, role="owner", **fields):
    user = make_user(**fields)
    Membership.objects.create(producer=producer, user=user, role=role)
    return user


def read(mail):
    """The whole mail as it leaves: subject, text and HTML."""
    made = messages.mail(
        **{name: mail[name] for name in ("template", "to", "language", "context")}
    )
    (html, _kind), = made.alternatives
    return made.subject, made.body, html


def submitted(grower, title="Xoài cát Chu"):
    listing = make_product(title, producer=grower, published=False)
    state_actions.submit(listing=listing, actor=None)
    return listing


def test_publishing_is_told_to_owner_and_staff_each_in_their_language(grower, mails):
    owner = join(grower)
    staff = join(grower, "staff", language="en")
    join(grower, "packer")
    gone = join(grower, "staff")
    gone.is_active = False
    gone.save()
    join(make_producer("Hương Sen"))
    listing = submitted(grower)
    assert mails == []
    actions.publish(product=listing, actor=None)
    assert [(mail["to"], mail["language"]) for mail in mails] == [
        (owner.email, "vi"), (staff.email, "en")
    ]
    subject, body, html = read(mails[0])
    assert subject == "Đã lên sàn: Xoài cát Chu"
    assert f"/portal/hang/{listing.pk}/" in body and f"/portal/hang/{listing.pk}/" in html
    subject, body, _html = read(mails[1])
    assert subject == "On sale now: Xoài cát Chu"
    assert f"/en/portal/listings/{listing.pk}/" in body
    # Publishing what is on sale already says nothing.
    actions.publish(product=listing, actor=None)
    assert len(mails) == 2


def test_a_return_names_each_field_with_its_reason(grower, mails):
    join(grower)
    listing = submitted(grower, "Xoài <b>")
    state_actions.send_back(
        listing=listing, remarks={"title": "Ghi <i>rõ</i> giống", "storage": "Bao nhiêu độ?"},
        reason="Gần xong rồi", actor=None,
    )
    (mail,) = mails
    subject, body, html = read(mail)
    assert subject == "Cần sửa lại: Xoài <b>"
    for words in ("Gần xong rồi", "tên: Ghi <i>rõ</i> giống", "Bao nhiêu độ?"):
        assert words in body
    assert "Ghi &lt;i&gt;rõ&lt;/i&gt; giống" in html and "<i>rõ" not in html


def test_who_has_no_address_gets_an_sms(grower, mails, texts):
    join(grower, email=None, phone="+84912345678")
    listing = submitted(grower)
    state_actions.send_back(listing=listing, remarks={"title": "Ghi rõ"}, actor=None)
    assert mails == []
    (text,) = texts
    assert text["to"] == "+84912345678"
    words = messages.sms(
        template=text["template"], language=text["language"], context=text["context"]
    )
    assert words.startswith("Đất Sen: Cần sửa lại: Xoài cát Chu (tên). http")
    assert words.endswith(f"/portal/hang/{listing.pk}/")


def test_off_sale_and_on_again_by_the_office_but_not_by_the_grower(grower, mails):
    join(grower)
    listing = make_product(producer=grower)
    state_actions.suspend(listing=listing, acted_as=PRODUCER, actor=None)
    state_actions.resume(listing=listing, actor=None)
    assert mails == []
    state_actions.suspend(listing=listing, acted_as=OFFICE, reason="Nhãn sai", actor=None)
    actions.publish(product=listing, actor=None)
    assert [read(mail)[0].split(":")[0] for mail in mails] == ["Tạm ngừng bán", "Bán trở lại"]
    assert "Nhãn sai" in read(mails[0])[1]
    actions.unpublish(product=listing, actor=None, reason="Thu hồi")
    assert "Thu hồi" in read(mails[2])[1]


def test_a_change_accepted_declined_and_passed_by_rule(grower, mails):
    join(grower)
    listing = make_product("Xoài", producer=grower)
    first = revision_actions.propose(listing=listing, values={"title_vi": "Xoài A"}, actor=None)
    assert mails == []
    revision_actions.decline(revision=first, reason="Không đúng giống", actor=None)
    subject, body, _html = read(mails[0])
    assert subject == "Chỗ sửa chưa được nhận: Xoài"
    assert "Không đúng giống" in body and "tên: Xoài A" in body
    second = revision_actions.propose(listing=listing, values={"title_vi": "Xoài B"}, actor=None)
    revision_actions.accept(revision=second, actor=None)
    assert read(mails[1])[0] == "Chỗ sửa đã lên sàn: Xoài B"
    third = revision_actions.propose(listing=listing, values={"title_vi": "Xoài C"}, actor=None)
    revision_actions.withdraw_revision(revision=third, actor=None)
    TrustRule.objects.create(
        producer=grower, fields=["title_vi"], effective_from=date(2020, 1, 1), reason="Tin"
    )
    revision_actions.propose(listing=listing, values={"title_vi": "Xoài D"}, actor=None)
    assert len(mails) == 2


def test_one_act_is_told_once(grower, mails):
    user = join(grower)
    # The same unconfirmed address stands in a second account.
    join(grower, "staff", email=user.email, is_confirmed=False)
    listing = submitted(grower)
    actions.publish(product=listing, actor=None)
    tell_of_step(ListingEvent.objects.last())
    assert len({mail["dedupe_key"] for mail in mails}) == 1


def test_a_refused_act_tells_nothing(grower, mails):
    join(grower)
    listing = submitted(grower)
    with pytest.raises(Exception, match=r"Please say why|Hãy|lý do|vì sao"):
        state_actions.send_back(listing=listing, remarks={}, actor=None)
    assert mails == []
