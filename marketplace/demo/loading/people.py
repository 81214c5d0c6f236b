"""Demo accounts for each role, and the producers with the people who act for them."""

from datetime import timedelta

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from oscar.apps.partner.models import Partner

from marketplace.accounts import second_factor
from marketplace.accounts.models import User
from marketplace.accounts.roles import sync_roles
from marketplace.demo.loading import Tracker, drawings, read
from marketplace.kernel import clock
from marketplace.places.models import Commune
from marketplace.producers.models import Membership, Producer

KINDS = {
    "co-operative": Producer.Kind.COOPERATIVE,
    "cooperative": Producer.Kind.COOPERATIVE,
    "company": Producer.Kind.COMPANY,
    "household": Producer.Kind.HOUSEHOLD,
    "group": Producer.Kind.GROUP,
}
PRODUCER_ROLES = {
    "producer_owner": Membership.Role.OWNER,
    "producer_staff": Membership.Role.STAFF,
    "producer_packer": Membership.Role.PACKER,
}


def load_accounts(track: Tracker) -> None:
    """One account a role, its address confirmed; staff are enrolled for the second factor."""
    sync_roles()
    accounts = read("accounts.toml")["account"]
    for entry in track(accounts, len(accounts), "Accounts"):
        role, email = entry["role"], entry["email"]
        if User.objects.filter(email=email).exists():
            continue
        family, _, given = entry["name"].rpartition(" ")
        is_superuser = role == "superuser"
        user = User.objects.create_user(
            email,
            entry["password"],
            last_name=family,
            first_name=given,
            email_confirmed_at=clock.now(),
            is_superuser=is_superuser,
            is_staff=is_superuser,
            language=entry.get("language", "vi"),
        )
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
        if entry["staff"]:
            if not is_superuser:
                user.groups.add(Group.objects.get(name=role))
            second_factor.enrol_totp(user)


def load_producers(track: Tracker) -> None:
    """The 24 producers, who verified them and when, and their teams."""
    today = clock.today()
    officer = User.objects.filter(groups__name="ocop_officer").order_by("pk").first()
    pictures = drawings.by_file()
    communes = {commune.code: commune for commune in Commune.objects.filter(valid_through=None)}
    entries = read("producers.toml")["producer"]
    for entry in track(entries, len(entries), "Producers"):
        partner, _ = Partner.objects.update_or_create(
            code=entry["slug"], defaults={"name": entry["name_vi"]}
        )
        pause = entry.get("paused_from_days")
        verified = entry["identity_verified"]
        Producer.objects.update_or_create(
            slug=entry["slug"],
            defaults={
                "partner": partner,
                "kind": KINDS[entry["kind"]],
                "name_vi": entry["name_vi"],
                "name_en": entry["name_en"],
                "representative": entry["representative"],
                "registration_no": entry.get("registration_no", ""),
                "tax_code": entry.get("tax_code", ""),
                "street": entry["street"],
                "commune": communes[entry["commune_code"]],
                "phone": entry["phone"],
                "answers_on_zalo": entry.get("zalo", False),
                "established_year": entry["established_year"],
                "story_vi": entry["story_vi"].strip(),
                "story_en": entry["story_en"].strip(),
                "portrait": pictures[entry["portrait"]],
                "preparation_days": entry["prep_days"],
                "identity_verified_at": clock.now()
                + timedelta(days=entry.get("identity_verified_days", -100))
                if verified
                else None,
                "identity_verified_by": officer if verified else None,
                "identity_verified_how": "VNeID (dữ liệu mẫu)" if verified else "",
                "paused_from": None if pause is None else today + timedelta(days=pause),
                "paused_through": None
                if pause is None
                else today + timedelta(days=entry["paused_through_days"]),
                "pause_reason_vi": entry.get("pause_reason_vi", ""),
                "pause_reason_en": entry.get("pause_reason_en", ""),
            },
        )
    for entry in read("accounts.toml")["account"]:
        if role := PRODUCER_ROLES.get(entry["role"]):
            Membership.objects.update_or_create(
                user=User.objects.get(email=entry["email"]),
                producer=Producer.objects.get(slug=entry["producer"]),
                defaults={"role": role},
            )
