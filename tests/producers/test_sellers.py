"""Newcomers, papers and helpers, through the pages that people use."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import translation
from procrastinate.contrib.django.models import ProcrastinateJob

from marketplace.accounts.roles import Role
from marketplace.kernel import clock
from marketplace.orders.models import Consignment
from marketplace.platform.audit import AuditEntry
from marketplace.producers import delegation_actions
from marketplace.producers.checklist import Standing, checklist
from marketplace.producers.models import (
    ChecklistItem,
    Delegation,
    Membership,
    Paper,
    Producer,
    SellerApplication,
)
from marketplace.producers.reminders import remind_of_papers
from tests.factories.accounts import make_staff, make_user, sign_in
from tests.factories.catalogue import make_commune, make_producer, make_product
from tests.factories.orders import make_order, make_tariff
from tests.factories.pictures import photograph

pytestmark = pytest.mark.django_db

APPLICATION = {
    "kind": "household", "name": "Vườn Cô Ba", "representative": "Nguyễn Thị Ba",
    "phone": "0912 345 678", "email": "", "commune": "cao lanh", "street": "Ấp 3",
    "tax_code": "", "registration_no": "HKD 12", "goods": "Quýt hồng", "consent": "on",
}  # fmt: skip


@pytest.fixture(autouse=True)
def english(db):
    make_tariff()
    with translation.override("en"):
        yield


@pytest.fixture
def officer():
    return sign_in(Client(), make_staff(Role.OCOP_OFFICER))


def apply(client=None, **changes):
    client = client or Client()
    return client.post(reverse("shop:apply"), {**APPLICATION, **changes})


def member(role, producer):
    user = make_user()
    Membership.objects.create(producer=producer, user=user, role=role)
    client = sign_in(Client(), user)
    client.user = user
    return client


class TestApplying:
    def test_from_the_form_to_a_producer(self, officer):
        make_commune()
        sent = apply()
        assert sent.status_code == 302
        application = SellerApplication.objects.get()
        assert application.number in Client().get(sent.url).content.decode()
        assert application.phone == "+84912345678"

        judged = officer.post(
            reverse("office_applications:judge", args=[application.pk]), {"answer": "yes"}
        )
        producer = Producer.objects.get()
        assert judged.url == reverse("office_producers:edit", args=[producer.pk])
        assert (producer.name_vi, producer.is_identified) == ("Vườn Cô Ba", False)
        application.refresh_from_db()
        assert (application.state, application.producer) == ("accepted", producer)
        again = officer.post(
            reverse("office_applications:judge", args=[application.pk]), {"answer": "yes"}
        )
        assert again.status_code == 422
        assert Producer.objects.count() == 1

    def test_a_refusal_says_why(self, officer):
        make_commune()
        apply(email="ba@example.test")
        application = SellerApplication.objects.get()
        url = reverse("office_applications:judge", args=[application.pk])
        assert officer.post(url, {"answer": "no", "reason": " "}).status_code == 422
        assert not Producer.objects.exists()
        officer.post(url, {"answer": "no", "reason": "Not grown here."})
        application.refresh_from_db()
        assert (application.state, application.reason) == ("declined", "Not grown here.")
        mails = ProcrastinateJob.objects.filter(
            args__template__in=["application_received", "application_declined"]
        )
        assert mails.count() == 2

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"phone": "12"}, "Enter a phone number"),
            ({"commune": "Atlantis"}, "We know no commune of this name."),
            ({"registration_no": ""}, "the tax code or the business registration number"),
            ({"tax_code": "0100233489"}, "This tax code is not right."),
            ({"tax_code": "abc"}, "This tax code is not right."),
            ({"consent": ""}, "Without your consent"),
            ({"kind": "king"}, "Select a valid choice"),
            ({"name": "\u200b \u202e"}, "Please fill this in."),
            ({"goods": "x" * 1001}, "Please use at most 1000 characters"),
            ({"email": "nobody"}, "email address"),
        ],
    )
    def test_what_is_wrong_is_said_and_the_rest_kept(self, changes, words):
        make_commune()
        answer = apply(**changes)
        assert answer.status_code == 422
        page = answer.content.decode()
        assert words in page
        if "street" not in changes:
            assert "Ấp 3" in page
        assert not SellerApplication.objects.exists()

    @pytest.mark.parametrize(
        "code", ["0100233488", "0100233488-001", "０１００２３３４８８", "079012345678"]
    )
    def test_tax_codes_in_any_usual_writing(self, code):
        make_commune()
        assert apply(tax_code=code).status_code == 302
        assert SellerApplication.objects.get().tax_code.isdigit()

    def test_no_flood(self):
        make_commune()
        client = Client()
        answers = [apply(client).status_code for _try in range(7)]
        assert answers.count(429) >= 1
        assert SellerApplication.objects.count() == answers.count(302) <= 5

    def test_a_forged_number_leads_back(self):
        assert Client().get(reverse("shop:apply_sent") + "?s=HS123").status_code == 302


class TestPapers:
    @pytest.fixture
    def garden(self):
        producer = make_producer("Vườn Út Lành", kind=Producer.Kind.HOUSEHOLD)
        make_product("Xoài cát", 100_000, 50, producer=producer)
        return producer

    def standing(self, producer, code, sets=(1,)):
        found = checklist(producer, day=clock.today(), product_sets=sets)
        return next(e for e in found.entries if e.item.code == code).standing

    def hand_in(self, client, code="food-safety-commitment", **changes):
        today = clock.today()
        return client.post(
            reverse("portal:papers_hand_in", args=[code]),
            {
                "number": "CK 1", "issuer": "UBND xã", "issued_on": f"{today:%Y-%m-%d}",
                "valid_through": f"{today + timedelta(days=1000):%Y-%m-%d}", **changes,
            },
        )  # fmt: skip

    def test_handed_in_judged_and_ending(self, garden, officer):
        owner = member("owner", garden)
        make_product("Bột gạo", 40_000, 9, producer=garden, set_number=6)
        assert self.standing(garden, "food-safety-commitment") == Standing.MISSING
        photo = SimpleUploadedFile("a.jpg", photograph(), "image/jpeg")
        assert self.hand_in(owner, scan=photo).status_code == 302
        assert self.standing(garden, "food-safety-commitment") == Standing.STATED
        paper = Paper.objects.get()
        download = officer.get(reverse("office_papers:scan", args=[paper.pk]))
        assert download["Content-Disposition"].startswith("attachment")
        url = reverse("office_papers:judge", args=[paper.pk])
        assert officer.post(url, {"answer": "no", "reason": ""}).status_code == 422
        assert officer.post(url, {"answer": "yes"}).status_code == 302
        assert self.standing(garden, "food-safety-commitment") == Standing.DONE
        assert officer.post(url, {"answer": "no", "reason": "blurred"}).status_code == 422
        later = clock.today() + timedelta(days=1001)
        found = checklist(garden, day=later, product_sets=[6])
        assert Standing.ENDED in {entry.standing for entry in found.entries}

    @pytest.mark.parametrize(
        "changes",
        [
            {"issued_on": "tomorrow"}, {"issued_on": "2999-01-01"}, {"valid_through": ""},
            {"valid_through": "2020-01-01"}, {"number": "\x00"}, {"issuer": "x" * 161},
        ],
    )  # fmt: skip
    def test_refused_at_the_field(self, garden, changes):
        owner = member("owner", garden)
        answer = self.hand_in(owner, **changes)
        assert answer.status_code == 422
        assert not Paper.objects.exists()

    @pytest.mark.parametrize(
        "scan", [b"MZ\x90\x00", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a" + b"0" * 50]
    )
    def test_only_pictures_and_pdf(self, garden, scan):
        owner = member("owner", garden)
        answer = self.hand_in(owner, scan=SimpleUploadedFile("a.pdf", scan))
        assert answer.status_code == 422
        assert not Paper.objects.exists()

    def test_foreign_and_packers(self, garden):
        other = make_producer("Hương Sen")
        owner = member("owner", other)
        url = reverse("portal:papers_hand_in", args=["food-safety-commitment"])
        assert owner.get(f"{url}?producer={garden.pk}").status_code == 404
        assert self.hand_in(owner, producer=garden.pk).status_code == 404
        assert member("packer", garden).get(reverse("portal:papers")).status_code == 403
        assert self.hand_in(owner, code="identity").status_code == 404

    def test_what_counts_depends_on_kind_and_goods(self, garden):
        found = checklist(garden, day=clock.today(), product_sets=[])
        assert [entry.item.code for entry in found.entries] == ["identity", "tax-code"]
        company = make_producer("Yến", kind=Producer.Kind.COMPANY)
        codes = {
            e.item.code for e in checklist(company, day=clock.today(), product_sets=[14]).entries
        }
        assert codes == {"identity", "tax-code", "food-safety-certificate", "production-licence"}

    def test_each_reminder_leaves_once(self, garden):
        item = ChecklistItem.objects.get(code="food-safety-commitment")
        today = clock.today()
        Paper.objects.create(
            producer=garden, item=item, number="1", issuer="x", stated_at=clock.now(),
            issued_on=today - timedelta(days=900), valid_through=today + timedelta(days=30),
        )  # fmt: skip
        garden.email = "ut@example.test"
        garden.save()
        assert remind_of_papers(today=today - timedelta(days=1)) == 0
        assert remind_of_papers(today=today) == 1
        assert remind_of_papers(today=today + timedelta(days=1)) == 1
        keys = set(
            ProcrastinateJob.objects.filter(args__template="paper_ending").values_list(
                "args__dedupe_key", flat=True
            )
        )
        assert len(keys) == 1
        Paper.objects.create(
            producer=garden, item=item, number="2", issuer="x", stated_at=clock.now(),
            issued_on=today, valid_through=today + timedelta(days=900),
        )  # fmt: skip
        assert remind_of_papers(today=today) == 0


class TestHelping:
    @pytest.fixture
    def garden(self):
        return make_producer("Vườn Út Lành")

    @pytest.fixture
    def helper(self, garden):
        user = make_staff(Role.AREA_OFFICER)
        delegation_actions.set_area(
            user=user, commune_ids={garden.commune_id}, actor=make_staff(Role.OPERATOR)
        )
        client = sign_in(Client(), user)
        client.user = user
        return client

    def consent(self, officer, garden, helper):
        return officer.post(
            reverse("office_helpers:index"),
            {
                "producer": garden.pk, "agent": helper.user.pk, "agent_producer": "",
                "how": "phone", "consented_on": f"{clock.today():%Y-%m-%d}", "note": "",
            },
        )  # fmt: skip

    def test_an_officer_confirms_for_a_grower_and_both_are_named(self, garden, helper, officer):
        mango = make_product("Xoài cát", 100_000, 50, producer=garden)
        consignment = make_order(mango).consignments.get()
        start = reverse("portal:helping_start", args=[garden.pk])
        assert helper.post(start).status_code == 404
        assert helper.get(reverse("portal:home")).status_code == 403

        assert self.consent(officer, garden, helper).status_code == 302
        assert helper.get(reverse("portal:home")).url == reverse("portal:helping")
        helper.post(start)
        desk = helper.get(reverse("portal:home")).content.decode()
        assert "You work for Vườn Út Lành" in desk
        helper.post(reverse("portal:confirm", args=[consignment.number]))
        consignment.refresh_from_db()
        assert consignment.state == "confirmed"
        entry = AuditEntry.objects.get(action="consignment.confirmed")
        assert (entry.user_id, entry.acting_for) == (helper.user.pk, "Vườn Út Lành")

        delegation = Delegation.objects.get()
        officer.post(reverse("office_helpers:withdraw", args=[delegation.pk]))
        assert helper.get(reverse("portal:home")).url == reverse("portal:helping")
        second = make_order(mango).consignments.get()
        helper.post(reverse("portal:confirm", args=[second.number]))
        second.refresh_from_db()
        assert second.state == "new"

    def test_only_in_the_area(self, garden, helper, officer):
        far = make_producer("Vườn Xa", commune=make_commune("Gò Công"))
        answer = self.consent(officer, far, helper)
        assert answer.status_code == 422
        assert "không phụ trách xã" in answer.content.decode()
        self.consent(officer, garden, helper)
        delegation_actions.set_area(user=helper.user, commune_ids=set(), actor=helper.user)
        assert helper.get(reverse("portal:home")).status_code == 403

    def test_it_ends_with_its_last_day(self, garden, helper, officer):
        self.consent(officer, garden, helper)
        Delegation.objects.update(valid_through=clock.today())
        helper.post(reverse("portal:helping_start", args=[garden.pk]))
        assert helper.get(reverse("portal:home")).status_code == 200
        with clock.frozen(clock.now() + timedelta(days=1)):
            assert helper.get(reverse("portal:home")).status_code == 302

    def test_a_co_operative_acts_by_owner_and_staff_not_by_packers(self, garden, officer):
        coop = make_producer("HTX Nắng Sớm", kind=Producer.Kind.COOPERATIVE)
        answer = officer.post(
            reverse("office_helpers:index"),
            {
                "producer": garden.pk, "agent": "", "agent_producer": coop.pk, "how": "signed",
                "consented_on": f"{clock.today():%Y-%m-%d}",
            },
        )  # fmt: skip
        assert answer.status_code == 302
        start = reverse("portal:helping_start", args=[garden.pk])
        assert member("staff", coop).post(start).status_code == 302
        assert member("packer", coop).post(start).status_code == 404
        stranger = make_producer("Vườn Lạ")
        assert member("owner", stranger).post(start).status_code == 404

    def test_an_area_officer_sees_the_growers_of_his_communes_only(self, garden, helper):
        far = make_producer("Vườn Xa", commune=make_commune("Gò Công"))
        body = helper.get(reverse("office_producers:index")).content.decode()
        assert garden.name in body
        assert far.name not in body
        assert helper.get(reverse("office_producers:edit", args=[far.pk])).status_code == 404
        assert helper.post(reverse("office_producers:edit", args=[garden.pk])).status_code == 403

    def test_without_consent_nothing_of_anybody(self, garden):
        mango = make_product("Xoài cát", 100_000, 50, producer=garden)
        make_order(mango)
        client = sign_in(Client(), make_user())
        assert client.post(reverse("portal:helping_start", args=[garden.pk])).status_code == 404
        assert Consignment.objects.get().state == "new"
