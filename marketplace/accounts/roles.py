"""Who works here, and what each role may do: one table, applied by ``manage.py sync_roles``.

A role is a group with exactly the permissions listed below: what the table drops, the command
takes away. People's parts in a producer's work are memberships (``producers.Membership``), not
roles; a customer has none. A role is added here when it first has a page.

Who may give out groups could give himself any of them, so that no role may change users or
groups: superusers do.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """Names of the groups; the value is the group's name in the database."""

    TOURISM_EDITOR = "tourism_editor", _("Tourism editor")
    TOURISM_PUBLISHER = "tourism_publisher", _("Tourism publisher")
    TRANSLATOR = "translator", _("Translator")
    OCOP_OFFICER = "ocop_officer", _("OCOP officer")
    AREA_OFFICER = "area_officer", _("Area officer")
    FINANCE = "finance", _("Finance")
    OPERATOR = "operator", _("Operator")


@dataclass(frozen=True)
class Grant:
    """What a role may do.

    ``models`` maps ``app_label.model`` to actions; an action without "_" stands for Django's
    ``<action>_<model>``. ``pages`` are page permissions on the root, hence on every page;
    ``collection`` are permissions on the root collection, hence on every image and document.
    """

    models: dict[str, tuple[str, ...]]
    pages: tuple[str, ...] = ()
    collection: dict[str, tuple[str, ...]] | None = None


VIEW = ("view",)
KEEP = ("view", "add", "change")
KEEP_AND_DELETE = ("view", "add", "change", "delete")

_ENTER = {"wagtailadmin.admin": ("access_admin",)}
# Wagtail asks for the permissions of its own image model, whatever model stands in its place.
_PICTURES = {
    "wagtailimages.image": ("add", "change", "choose"),
    "wagtaildocs.document": ("choose",),
}
# The dated rows that decide how the market runs, and what of the money.
_MARKET_RULES = (
    "orders.consenttext", "orders.fulfilmentterms", "payments.codlimits", "payments.methodterms",
    "delivery.rate", "delivery.notoffered", "delivery.freethreshold",
    "delivery.workingdayexception", "producers.checklistitem", "catalogue.listingrequirement",
    "catalogue.trustrule",
)  # fmt: skip
_MONEY_RULES = ("payments.collectoraccount", "payments.feeterms")
# What came in, what goes back to buyers, what goes out to producers. A posting is never changed.
_MONEY = {
    "payments.ledgertransaction": ("view", "add"),
    "payments.ledgerrow": VIEW,
    "payments.paymentattempt": VIEW,
    "payments.transfer": ("view", "change"),
    "payments.receipt": KEEP,
    "payments.refund": KEEP,
    "payments.refundaccount": VIEW,
    "payments.payout": KEEP,
    "payments.produceraccount": KEEP,
}

GRANTS: dict[Role, Grant] = {
    # Writes stories and hands them in; does not publish.
    Role.TOURISM_EDITOR: Grant(
        models=_ENTER,
        pages=("add", "change"),
        collection=_PICTURES,
    ),
    Role.TOURISM_PUBLISHER: Grant(
        models={
            **_ENTER,
            "wagtail_localize.translation": ("submit_translation",),
            "cms.sitesettings": ("change",),
            "wagtailredirects.redirect": KEEP_AND_DELETE,
        },
        pages=("add", "change", "publish", "lock", "unlock", "bulk_delete"),
        collection={
            "wagtailimages.image": ("add", "change", "delete", "choose"),
            "wagtaildocs.document": ("add", "change", "delete", "choose"),
        },
    ),
    # Submits pages for translation and edits the translations; a publisher publishes them.
    Role.TRANSLATOR: Grant(
        models={
            **_ENTER,
            "wagtail_localize.translation": ("submit_translation",),
            "catalogue.product": ("view", "change"),
            "catalogue.category": ("view", "change"),
            "producers.producer": ("view", "change"),
        },
        pages=("change",),
        collection={"wagtailimages.image": ("change", "choose")},
    ),
    # Identifies producers and looks after their listings; sees no order and no buyer.
    Role.OCOP_OFFICER: Grant(
        models={
            **_ENTER,
            "producers.producer": KEEP,
            "producers.membership": KEEP_AND_DELETE,
            "producers.paper": ("view", "change"),
            "producers.sellerapplication": ("view", "change"),
            "producers.delegation": KEEP,
            "producers.areaassignment": KEEP_AND_DELETE,
            "catalogue.product": KEEP,
            "catalogue.productimage": KEEP_AND_DELETE,
            "catalogue.category": VIEW,
            "catalogue.productclass": VIEW,
            "partner.stockrecord": VIEW,
            "imports.import": ("view", "add"),
            "producers.checklistitem": VIEW,
            "catalogue.listingrequirement": VIEW,
            "catalogue.trustrule": VIEW,
        },
        collection=_PICTURES,
    ),
    # Looks after growers of some communes: sees them, and does their desk's work when asked.
    Role.AREA_OFFICER: Grant(
        models={**_ENTER, "producers.producer": VIEW, "producers.paper": VIEW},
    ),
    # Reads what was sold; records what came in and what was sent.
    Role.FINANCE: Grant(
        models={
            **_ENTER,
            "producers.producer": VIEW,
            "catalogue.product": VIEW,
            "partner.stockrecord": VIEW,
            "order.order": VIEW,
            "orders.orderdetails": VIEW,
            "orders.consignment": VIEW,
            **_MONEY,
            "vouchers.voucherterms": VIEW,
            # Carriers' cash is noted where parcels are moved.
            "payments.ledgertransaction": VIEW,
            **dict.fromkeys(_MARKET_RULES, VIEW),
            **dict.fromkeys(_MONEY_RULES, KEEP),
        },
    ),
    # Runs the market from day to day.
    Role.OPERATOR: Grant(
        models={
            **_ENTER,
            "producers.producer": KEEP,
            "producers.membership": KEEP_AND_DELETE,
            "producers.paper": ("view", "change"),
            "producers.sellerapplication": ("view", "change"),
            "producers.delegation": KEEP,
            "producers.areaassignment": KEEP_AND_DELETE,
            "catalogue.product": KEEP,
            "catalogue.productimage": KEEP_AND_DELETE,
            "catalogue.category": KEEP,
            "catalogue.productclass": VIEW,
            "partner.stockrecord": KEEP,
            "imports.import": ("view", "add"),
            "order.order": VIEW,
            "orders.orderdetails": VIEW,
            "orders.consignment": ("view", "change"),
            "payments.calltask": ("view", "change"),
            "vouchers.voucherterms": KEEP,
            **_MONEY,
            **dict.fromkeys(_MARKET_RULES, KEEP),
            **dict.fromkeys(_MONEY_RULES, VIEW),
            "cms.sitesettings": ("change",),
            "wagtailredirects.redirect": KEEP_AND_DELETE,
        },
        pages=("add", "change", "publish", "lock", "unlock"),
        collection={
            "wagtailimages.image": ("add", "change", "delete", "choose"),
            "wagtaildocs.document": ("add", "change", "delete", "choose"),
        },
    ),
}


#: Made by migrations of Wagtail and Oscar; the last opens every producer's orders.
FOREIGN_GROUPS = ("Editors", "Moderators", "All Oscar Dashboard Permissions")


class UnknownPermission(LookupError):
    """The table names a permission that an installed model does not have."""


def _permissions(table: dict[str, tuple[str, ...]]) -> set[Permission]:
    """The rows that ``table`` names. A model that is not installed yet grants nothing."""
    found: set[Permission] = set()
    missing: list[str] = []
    for label, actions in table.items():
        app_label, model = label.split(".")
        try:
            apps.get_model(app_label, model)
        except LookupError:
            # Wagtail's access_admin hangs on a content type without a model.
            if label not in _ENTER:
                continue
        wanted = {action if "_" in action else f"{action}_{model}" for action in actions}
        rows = {
            row.codename: row
            for row in Permission.objects.filter(
                content_type__app_label=app_label, content_type__model=model, codename__in=wanted
            )
        }
        found.update(rows.values())
        missing += [f"{app_label}.{codename}" for codename in sorted(wanted - rows.keys())]
    if missing:
        raise UnknownPermission(
            "The table of roles names permissions that do not exist: "
            + ", ".join(missing)
            + ". Run migrate first; otherwise correct marketplace/accounts/roles.py."
        )
    return found


def _match(current: models.QuerySet, wanted: set, make: Iterable) -> int:
    """Delete rows of ``current`` that are not ``wanted``, create what is missing; count both."""
    changed = 0
    have = {row.permission_id: row for row in current}
    ids = {permission.pk for permission in wanted}
    for permission_id, row in have.items():
        if permission_id not in ids:
            row.delete()
            changed += 1
    for row in make:
        if row.permission_id not in have:
            row.save()
            changed += 1
    return changed


@transaction.atomic
def sync_roles() -> dict[str, int]:
    """Make every role's group hold exactly what the table says; safe to repeat.

    Returns the number of permissions added and taken away by role. Raises UnknownPermission,
    and then changes nothing. Groups that Wagtail and Oscar create, with permissions of their
    own choice, are taken away.
    """
    # Wagtail's models cannot be imported before the user model, which imports this module.
    from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission, Page

    root = Page.objects.filter(depth=1).get()
    library = Collection.get_first_root_node()
    page_permissions = {
        row.codename.removesuffix("_page"): row
        for row in Permission.objects.filter(
            content_type__app_label="wagtailcore", content_type__model="page"
        )
    }
    Group.objects.filter(name__in=FOREIGN_GROUPS).delete()
    changes = {}
    for role, grant in GRANTS.items():
        group, _created = Group.objects.get_or_create(name=role.value)
        wanted = _permissions(grant.models)
        have = set(group.permissions.all())
        group.permissions.set(wanted)
        changed = len(wanted ^ have)

        pages = {page_permissions[action] for action in grant.pages}
        changed += _match(
            GroupPagePermission.objects.filter(group=group, page=root),
            pages,
            [GroupPagePermission(group=group, page=root, permission=row) for row in pages],
        )
        shelves = _permissions(grant.collection or {})
        changed += _match(
            GroupCollectionPermission.objects.filter(group=group, collection=library),
            shelves,
            [
                GroupCollectionPermission(group=group, collection=library, permission=row)
                for row in shelves
            ],
        )
        # Anything given below the root by hand is not in the table.
        stray = GroupPagePermission.objects.filter(group=group).exclude(page=root)
        stray_shelves = GroupCollectionPermission.objects.filter(
            ~Q(collection=library), group=group
        )
        changed += stray.delete()[0] + stray_shelves.delete()[0]
        changes[role.value] = changed
    return changes
