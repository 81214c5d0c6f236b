"""A producer's team over HTTP: asking people in, by e-mail and by phone, and letting them go."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from marketplace.accounts.models import User
from marketplace.accounts.roles import Role
from marketplace.kernel import clock
from marketplace.platform import messages, outbox
from marketplace.platform.audit import AuditEntry
from marketplace.producers import team_actions
from marketplace.producers.delegation_actions import delegate, set_area
from marketplace.producers.models import Delegation, Invitation, Membership
from tests.factories.accounts import PASSWORD, make_staff, make_superuser, make_user, sign_in
from tests.factories.buying import form_with, forms_of, send
from tests.factories.catalogue import make_producer, make_product
from tests.factories.orders import make_order, make_tariff

pytestmark = pytest.mark.django_db
NEW = "vườn nhà Út 1998"
PHONE = "+84912345678"


@pytest.fixture(autouse=True)
def english(db):
    make_tariff()
    with translation.override("en"):
        yield


@pytest.fixture
def garden():
    return make_producer("Vườn Út Lành")


@pytest.fixture
def owner(garden):
    user = make_user(last_name="Nguyễn Thị", first_name="Lành")
    Membership.objects.create(producer=garden, user=user, role="owner")
    return user


@pytest.fixture
def desk(owner):
    return sign_in(Client(), owner)


@pytest.fixture
def texts(monkeypatch, settings):
    """SMS that left, with a gateway in place."""
    settings.SMS_GATEWAY = "tests"
    found = []
    monkeypatch.setattr(outbox, "send_sms", lambda **sms: found.append(sms))
    return found


def join(producer, role, **fields):
    user = make_user(**fields)
    return Membership.objects.create(producer=producer, user=user, role=role)


def ask(desk, **said):
    page = desk.get(reverse("portal:team_invite"))
    form = form_with(page, "email", "phone", "role")
    return send(desk, page, form, **{"language": "en", **said})


def link_of(mail):
    """The path of the link in a mail, as its reader would follow it."""
    written = messages.mail(
        template=mail["template"], to=mail["to"], language=mail["language"],
        context=mail["context"],
    )
    return re.search(r"https?://[^/]+(\S+/invitations/\S+)", written.body)[1]


# --- By e-mail --------------------------------------------------------------------------


def test_somebody_with_an_account_joins_by_the_link(garden, desk, sent):
    lan = make_user("lan@example.test")
    answer = ask(desk, email=" LAN@example.test ", role="packer")
    assert answer.status_code == 302
    (mail,) = sent
    assert (mail["to"], mail["language"]) == ("lan@example.test", "en")
    path = link_of(mail)
    # The secret stands nowhere but in the mail.
    key = path.rstrip("/").rsplit("/", 1)[1]
    assert key not in str(Invitation.objects.values())

    stranger = Client()
    seen = stranger.get(path)
    assert "Vườn Út Lành asks you into the team" in seen.content.decode()
    sign_in_url = re.search(r'href="([^"]*sign-in/\?next=[^"]*)"', seen.content.decode())[1]
    page = stranger.get(sign_in_url)
    form = form_with(page, "login", "password")
    answer = send(stranger, page, form, login=lan.email, password=PASSWORD)
    assert answer.url == path
    page = stranger.get(path)
    (button,) = [f for f in forms_of(page) if f.action == ""]
    assert send(stranger, page, button).url == reverse("portal:home")
    assert Membership.objects.get(user=lan).role == "packer"
    entry = AuditEntry.objects.get(action="producer.invitation_accepted")
    assert (entry.user_id, entry.after["role"]) == (lan.pk, "packer")
    assert "lan@" not in str(list(AuditEntry.objects.values("before", "after", "label")))
    # Used: it says so, to whoever opens it.
    for client in (stranger, Client()):
        again = client.get(path)
        assert again.status_code == 410
        assert "has been used" in again.content.decode()


def test_somebody_without_an_account_opens_one_and_comes_back(garden, desk, sent):
    ask(desk, email="moi@example.test", role="staff")
    path = link_of(sent.pop())
    visitor = Client()
    page = visitor.get(path).content.decode()
    url = re.search(r'href="([^"]*register/\?next=[^"]*)"', page)[1]
    page = visitor.get(url)
    send(visitor, page, form_with(page, "email", "password1"),
         email="moi@example.test", password1=NEW)
    # Until the address is confirmed there is neither sign-in nor member.
    assert visitor.get(path).context["request"].user.is_anonymous
    (confirmation,) = sent
    confirm = re.search(r"https?://[^/]+(/\S+)", confirmation["context"]["activate_url"])[1]
    page = visitor.get(confirm)
    (form,) = [f for f in forms_of(page) if "sign-out" not in f.action]
    answer = send(visitor, page, form)
    assert answer.url == path
    page = visitor.get(path)
    send(visitor, page, next(f for f in forms_of(page) if f.action == ""))
    assert Membership.objects.get(user__email="moi@example.test").role == "staff"


def test_after_confirming_elsewhere_the_invitation_is_where_one_arrives(garden, desk, sent):
    ask(desk, email="moi@example.test", role="staff")
    make_user("moi@example.test")
    client = Client()
    page = client.get(reverse("account_login"))
    answer = send(client, page, form_with(page, "login"),
                  login="moi@example.test", password=PASSWORD)
    assert answer.url == reverse("portal:invitations")
    # Nor does the desk say "for growers only".
    assert client.get(reverse("portal:home")).url == reverse("portal:invitations")
    page = client.get(answer.url)
    send(client, page, form_with(page, "invitation"))
    assert Membership.objects.filter(user__email="moi@example.test").exists()


def test_links_that_do_not_work_say_why(garden, desk, sent):
    lan = make_user("lan@example.test")
    guest = sign_in(Client(), lan)
    ask(desk, email="lan@example.test", role="staff")
    old = link_of(sent.pop())
    ask(desk, email="lan@example.test", role="staff")
    new = link_of(sent.pop())
    assert Invitation.objects.count() == 1

    def said(path, status, client=guest):
        answer = client.get(path)
        assert answer.status_code == status
        assert client.post(path).status_code in (302, status)
        return answer.content.decode()

    assert "a newer one has taken its place" in said(old, 404)
    assert "is not known" in said(reverse("portal:invitation", args=["x" * 500]), 404)
    other = sign_in(Client(), make_user())
    assert "went to another e-mail address" in said(new, 403, other)
    with clock.frozen(clock.now() + timedelta(days=7)):
        assert "older than 7 days" in said(new, 410)
        assert "older than 7 days" in said(new, 410, Client())
        assert "Ran out on" in sign_in(Client(), desk_owner(garden)).get(
            reverse("portal:team")).content.decode()
    invitation = Invitation.objects.get()
    desk.post(reverse("portal:team_withdraw", args=[invitation.pk]))
    assert "was taken back" in said(new, 410)
    assert not Membership.objects.filter(user=lan).exists()
    officer = make_staff(Role.OCOP_OFFICER, email="canbo@example.test")
    ask(desk, email="canbo@example.test", role="owner")
    path = link_of(sent.pop())
    assert "account of the office" in said(path, 410, sign_in(Client(), officer))
    assert not Membership.objects.filter(user=officer).exists()


def desk_owner(garden):
    return garden.memberships.filter(role="owner").first().user


def test_inviting_tells_nobody_who_has_an_account(garden, desk, sent):
    make_user("co@example.test")
    pages = [
        ask(desk, email=email, role="staff").url for email in ("co@example.test", "ko@example.test")
    ]
    assert len(set(pages)) == 1
    body = desk.get(reverse("portal:team")).content.decode()
    assert body.count("Can be accepted through") == 2
    assert len(sent) == 2


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({}, "email"),
        ({"email": "no"}, "email"),
        ({"email": "a@example.test", "phone": "0912345678"}, "phone"),
        ({"phone": "12"}, "phone"),
        ({"email": "a@example.test", "role": "operator"}, "role"),
        ({"email": "a@example.test", "role": "superuser"}, "role"),
        ({"email": "a@example.test", "role": ""}, "role"),
        ({"email": "a@example.test", "language": "fr"}, "language"),
    ],
)
def test_wrong_invitations_are_refused_at_the_field(garden, desk, sent, said, field):
    answer = ask(desk, **{"role": "staff", **said})
    assert answer.status_code == 422
    assert f'href="#id_{field}' in answer.content.decode()
    assert not Invitation.objects.exists()
    assert sent == []


def test_members_are_not_invited_and_too_many_are_refused(garden, desk, owner, sent):
    answer = ask(desk, email=owner.email, role="staff")
    assert "in the team already" in answer.content.decode()
    statuses = [
        ask(desk, email=f"n{number}@example.test", role="staff").status_code
        for number in range(20)
    ]
    # The refused one counted as well.
    assert statuses == [302] * 19 + [429]
    assert len(sent) == 19


# --- By phone ---------------------------------------------------------------------------


def type_in(code, password=NEW):
    client = Client()
    return client, client.post(
        reverse("portal:letter"), {"phone": "0912 345 678", "code": code, "password": password}
    )


def test_without_a_gateway_the_owner_reads_the_code_out(garden, desk):
    shown = ask(desk, phone="0912 345 678", role="packer")
    assert shown.status_code == 200
    assert "no-store" in shown["Cache-Control"]
    code = re.search(r'class="one-code">([\d ]+)<', shown.content.decode())[1]
    packer, answer = type_in(code)
    assert answer.url == reverse("portal:home")
    user = User.objects.get(phone=PHONE)
    # The owner could have typed the code as well: nobody has shown that the number is theirs.
    assert user.phone_confirmed_at is None
    assert Membership.objects.get(user=user).role == "packer"
    assert packer.get(reverse("portal:home")).status_code == 200
    # It works once.
    assert type_in(code)[1].status_code == 422
    signed = Client().post(reverse("account_login"), {"login": "0912345678", "password": NEW})
    assert signed.url == reverse("portal:home")


def test_by_sms_the_number_is_confirmed_and_the_owner_sees_no_code(garden, desk, texts):
    answer = ask(desk, phone="0912 345 678", role="staff", language="vi")
    assert answer.status_code == 302
    (text,) = texts
    assert (text["to"], text["language"]) == (PHONE, "vi")
    written = messages.sms(
        template=text["template"], language=text["language"], context=text["context"]
    )
    code = re.search(r"\b\d{10}\b", written)[0]
    assert "Vườn Út Lành mời" in written
    desk.post(reverse("portal:team_again", args=[Invitation.objects.get().pk]))
    newer = texts[1]["context"]["code"]
    assert type_in(code)[1].status_code == 422
    assert type_in(newer)[1].status_code == 302
    user = User.objects.get(phone=PHONE)
    assert user.phone_confirmed_at is not None
    assert user.language == "vi"


@pytest.mark.parametrize("is_confirmed", [True, False])
def test_a_code_is_no_way_into_anybodys_account(garden, desk, is_confirmed):
    theirs = make_user(None, phone=PHONE, is_confirmed=is_confirmed)
    shown = ask(desk, phone="0912 345 678", role="staff")
    code = re.search(r'class="one-code">([\d ]+)<', shown.content.decode())[1]
    assert type_in(code)[1].status_code == 422
    theirs.refresh_from_db()
    assert theirs.check_password(PASSWORD)
    assert not Membership.objects.filter(user=theirs).exists()
    assert type_in(code, PASSWORD)[1].status_code == 302
    assert Membership.objects.get(user=theirs).role == "staff"


def test_nor_into_the_offices_nor_after_seven_days(garden, desk):
    make_staff(Role.OPERATOR, phone=PHONE)
    code = re.search(
        r'class="one-code">([\d ]+)<',
        ask(desk, phone="0912 345 678", role="owner").content.decode(),
    )[1]
    assert type_in(code, PASSWORD)[1].status_code == 422
    User.objects.filter(phone=PHONE).update(phone=None)
    with clock.frozen(clock.now() + timedelta(days=7)):
        assert type_in(code)[1].status_code == 422
    assert Membership.objects.count() == 1


# --- Who is in --------------------------------------------------------------------------


def test_what_each_part_sees(garden, desk):
    make_order(make_product("Xoài cát", 100_000, producer=garden))
    staff = sign_in(Client(), join(garden, "staff").user)
    packer = sign_in(Client(), join(garden, "packer").user)
    team = reverse("portal:team")
    assert desk.get(team).status_code == 200
    for client in (staff, packer):
        for url in (team, reverse("portal:team_invite"),
                    reverse("portal:team_member", args=[garden.memberships.first().pk])):
            assert client.get(url).status_code == 403
            assert client.post(url).status_code == 403
        assert client.post(reverse("portal:team_undo")).status_code == 403
        assert team not in client.get(reverse("portal:home")).content.decode()
    assert "100,000" in staff.get(reverse("portal:home")).content.decode()
    assert "100,000" not in packer.get(reverse("portal:home")).content.decode()


def test_an_officer_with_consent_and_a_cooperative_decide_on_no_team(garden):
    today, boss = clock.today(), make_superuser()
    officer = make_staff(Role.AREA_OFFICER)
    set_area(user=officer, commune_ids={garden.commune_id}, actor=boss)
    coop = make_producer("HTX", kind="cooperative")
    for to in ({"agent": officer}, {"agent_producer": coop}):
        delegate(producer=garden, how=Delegation.How.SIGNED, consented_on=today, actor=boss,
                 now=clock.now(), today=today, **to)
    for user in (officer, join(coop, "owner").user):
        client = sign_in(Client(), user)
        client.post(reverse("portal:helping_start", args=[garden.pk]))
        assert client.get(reverse("portal:profile")).status_code == 200
        assert client.get(reverse("portal:team")).status_code == 403
        assert client.post(
            reverse("portal:team_invite"),
            {"producer": garden.pk, "email": "x@example.test", "role": "owner", "language": "vi"},
        ).status_code == 403
    assert not Invitation.objects.exists()


def test_foreign_things_do_not_exist(garden, desk, sent):
    other = make_producer("Hương Sen")
    theirs = join(other, "staff")
    foreign = sign_in(Client(), join(other, "owner").user)
    ask(foreign, email="x@example.test", role="staff")
    asked = Invitation.objects.get()
    assert desk.get(reverse("portal:team") + f"?producer={other.pk}").status_code == 404
    for name, pk in (
        ("team_member", theirs.pk), ("team_again", asked.pk), ("team_withdraw", asked.pk),
    ):
        url = reverse(f"portal:{name}", args=[pk])
        assert desk.post(url, {"do": "remove"}).status_code == 404
    assert desk.post(reverse("portal:team_undo"), {"producer": other.pk}).status_code == 404
    mine = sign_in(Client(), make_user("y@example.test"))
    assert mine.post(reverse("portal:invitations"), {"invitation": asked.pk}).status_code == 404
    assert mine.post(reverse("portal:invitations"), {"invitation": "x"}).status_code == 404
    assert Membership.objects.filter(pk=theirs.pk).exists()
    assert Invitation.objects.get().is_open


def test_another_part_counts_at_the_next_request(garden, desk):
    member = join(garden, "staff")
    client = sign_in(Client(), member.user)
    assert client.get(reverse("portal:money")).status_code == 200
    page = desk.get(reverse("portal:team_member", args=[member.pk]))
    send(desk, page, form_with(page, "role"), role="packer")
    assert client.get(reverse("portal:money")).status_code == 403
    entry = AuditEntry.objects.get(action="producer.member_role_changed")
    assert (entry.before["role"], entry.after["role"]) == ("staff", "packer")
    answer = send(desk, page, form_with(page, "role"), role="operator")
    assert answer.status_code == 422
    member.refresh_from_db()
    assert member.role == "packer"


def test_out_of_the_team_and_back_within_some_minutes(garden, desk):
    member = join(garden, "packer", last_name="Ngô Văn", first_name="Bé")
    client = sign_in(Client(), member.user)
    assert client.get(reverse("portal:parcels")).status_code == 200
    url = reverse("portal:team_member", args=[member.pk])
    page = desk.get(url)
    (form,) = [f for f in forms_of(page) if f.fields.get("do") == "remove"]
    send(desk, page, form)
    assert client.get(reverse("portal:parcels")).status_code == 403
    page = desk.get(reverse("portal:team"))
    assert "Ngô Văn Bé is out of the team" in page.content.decode()
    send(desk, page, next(f for f in forms_of(page) if f.action == reverse("portal:team_undo")))
    assert client.get(reverse("portal:parcels")).status_code == 200
    assert Membership.objects.get(user=member.user).role == "packer"
    # Nothing is left to undo; nor after a quarter of an hour.
    desk.post(reverse("portal:team_undo"))
    assert "too late" in desk.get(reverse("portal:team")).content.decode()
    again = Membership.objects.get(user=member.user)
    desk.post(reverse("portal:team_member", args=[again.pk]), {"do": "remove"})
    with clock.frozen(clock.now() + timedelta(minutes=16)):
        desk.post(reverse("portal:team_undo"))
    assert not Membership.objects.filter(user=member.user).exists()
    assert desk.post(reverse("portal:team_member", args=[again.pk]), {"do": "remove"}
                     ).status_code == 404


def test_the_last_owner_stays(garden, desk, owner):
    url = reverse("portal:team_member", args=[garden.memberships.get(user=owner).pk])
    for said in ({"do": "remove"}, {"do": "role", "role": "staff"}):
        answer = desk.post(url, said)
        assert answer.status_code == 422
        assert "needs an owner" in answer.content.decode()
    assert garden.memberships.get(user=owner).role == "owner"
    join(garden, "owner")
    assert desk.post(url, {"do": "remove"}).url == reverse("account_home")
    assert desk.get(reverse("portal:home")).status_code == 403


def test_the_page_costs_the_same_for_any_number(garden, desk, sent, django_assert_max_num_queries):
    for number in range(12):
        join(garden, "staff")
        ask(desk, email=f"n{number}@example.test", role="staff")
    desk.get(reverse("portal:team"))
    with django_assert_max_num_queries(12):
        body = desk.get(reverse("portal:team")).content.decode()
    assert body.count("Can be accepted through") == 12


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_mail_in_both_languages(garden, desk, sent, language):
    ask(desk, email="lan@example.test", role="packer", language=language)
    (mail,) = sent
    context = mail["context"]
    assert context["inviter"] == "Nguyễn Thị Lành"
    assert ("/en/" in context["button_url"]) is (language == "en")
    assert ("Sees no money" in context["may"]) is (language == "en")


def test_old_invitations_are_forgotten(garden, desk, sent):
    ask(desk, email="xua@example.test", role="staff")
    now = clock.now()
    assert team_actions.forget(now=now + timedelta(days=36)) == 0
    assert team_actions.forget(now=now + timedelta(days=38)) == 1
    # That there was one stays, without the address.
    assert AuditEntry.objects.filter(action="producer.invited").count() == 1
