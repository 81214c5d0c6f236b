"""Papers of the demo producers, applications to sell, and consents that somebody acts for them."""

from datetime import timedelta

from catalogue.queries import product_sets_of
from marketplace.accounts.models import User
from marketplace.accounts.roles import Role
from marketplace.demo.loading import Tracker, people, read
from marketplace.kernel import clock
from marketplace.places.models import Commune
from marketplace.producers import (
    application_actions,
    delegation_actions,
    paper_actions,
    team_actions,
)
from marketplace.producers.checklist import checklist
from marketplace.producers.models import ChecklistItem, Membership, Producer

#: (issued, valid through) in days from today for each standing.
_DAYS = {
    "": (-400, 690), "stated": (-6, 1080), "refused": (-6, 1080),
    "ending": (-1075, 20), "ended": (-1107, -12),
}  # fmt: skip


def load(track: Tracker) -> None:
    """Through the real actions, in the past where it belongs there."""
    content = read("sellers.toml")
    if not User.objects.filter(groups__name=Role.AREA_OFFICER).exists():
        people.load_accounts(track)
    officer = User.objects.filter(groups__name=Role.OCOP_OFFICER).order_by("pk").first()
    producers = list(Producer.objects.select_related("commune").order_by("pk"))
    special = {entry["producer"]: entry for entry in content["paper"]}
    for producer in track(producers, len(producers), "Papers"):
        _papers(producer, special.get(producer.slug, {}), officer)
    _applications(content["application"], officer)
    _helpers(content, officer)
    _invitations(content["invitation"])


def _papers(producer: Producer, special: dict, officer: User) -> None:
    today = clock.today()
    standing = special.get("standing", "")
    issued, through = _DAYS[standing]
    found = checklist(producer, day=today, product_sets=product_sets_of(producer))
    for entry in found.entries:
        if entry.item.proof != ChecklistItem.Proof.PAPER or entry.paper is not None:
            continue
        moment = clock.now() + timedelta(days=max(issued, -400))
        paper = paper_actions.state_paper(
            producer=producer,
            item=entry.item,
            number=f"DEMO-{producer.pk:03d}-{entry.item.pk:02d}",
            issuer="Sở Nông nghiệp và Môi trường Đồng Tháp"
            if entry.item.needs_verification
            else f"UBND {producer.commune.full_name}",
            issued_on=today + timedelta(days=issued),
            valid_through=today + timedelta(days=through),
            scan=None,
            actor=officer,
            now=moment,
            today=today,
        )
        if standing != "stated":
            paper_actions.judge_paper(
                paper_id=paper.pk,
                accept=standing != "refused",
                reason=special.get("reason", ""),
                actor=officer,
                now=moment + timedelta(hours=20),
            )


def _applications(entries: list[dict], officer: User) -> None:
    communes = {commune.code: commune for commune in Commune.objects.filter(valid_through=None)}
    for entry in entries:
        moment = clock.now() + timedelta(days=entry["days"])
        values = {
            name: entry.get(name, "")
            for name in (
                "kind", "name", "representative", "phone", "email", "street", "tax_code",
                "registration_no", "goods",
            )
        }  # fmt: skip
        application = application_actions.apply_to_sell(
            values={**values, "commune": communes[entry["commune_code"]]},
            language="vi",
            now=moment,
        )
        if reason := entry.get("declined"):
            application_actions.decline(
                application_id=application.pk,
                reason=reason,
                actor=officer,
                now=moment + timedelta(days=1),
            )


def _helpers(content: dict, officer: User) -> None:
    area_officer = User.objects.filter(groups__name=Role.AREA_OFFICER).order_by("pk").first()
    producers = {producer.slug: producer for producer in Producer.objects.all()}
    growers = [(producers[entry["producer"]], entry) for entry in content["grower"]]
    delegation_actions.set_area(
        user=area_officer,
        commune_ids={producer.commune_id for producer, _entry in growers},
        actor=officer,
    )
    for producer, entry in growers:
        if "how" in entry:
            _consent(producer, entry, officer, agent=area_officer)
    for entry in content["cooperative"]:
        _consent(
            producers[entry["producer"]], entry, officer,
            agent_producer=producers[entry["agent"]],
        )  # fmt: skip


def _invitations(entries: list[dict]) -> None:
    for entry in entries:
        owner = Membership.objects.select_related("producer", "user").get(
            producer__slug=entry["producer"], role=Membership.Role.OWNER
        )
        team_actions.invite(
            producer=owner.producer,
            email=entry.get("email", ""),
            phone=entry.get("phone", ""),
            role=Membership.Role(entry["role"]),
            language="vi",
            actor=owner.user,
            now=clock.now() + timedelta(days=entry["days"]),
        )


def _consent(producer: Producer, entry: dict, officer: User, **agent: object) -> None:
    delegation_actions.delegate(
        producer=producer,
        how=entry["how"],
        consented_on=clock.today() + timedelta(days=entry["agreed_days"]),
        actor=officer,
        now=clock.now() + timedelta(days=entry["agreed_days"]),
        today=clock.today(),
        **agent,
    )
