"""Who gets what at which address. A new page is a new line.

A line names routes by their English pattern (the failing test prints what is missing), ending
in ``*`` for a whole family. The first line that fits counts, so exceptions stand above their
family. ``/en/`` twins are the same routes.

What a line says: ``anybody(OK)`` – the same for all; ``signed_in(OK)`` – visitors are sent to
sign in; ``desk(Role…)`` – a staff page for these roles and superusers, other staff are refused
(or told that there is nothing), customers and producers never get in.
"""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.accounts.roles import Role
from tests.permissions.outcomes import (
    BROKEN,
    LET_IN,
    METHOD,
    NONE,
    OK,
    ON,
    REFUSED,
    SIGN_IN,
    UNREADY,
)
from tests.permissions.people import (
    ANONYMOUS,
    EVERYBODY,
    OUTSIDERS,
    OWNER,
    PACKER,
    STAFF,
    SUPERUSER,
)

Outcomes = dict[str, frozenset[str]]


@dataclass(frozen=True)
class Rule:
    """One line: ``routes`` is a pattern, or the beginning of many when it ends in ``*``."""

    routes: str
    outcomes: Outcomes

    def fits(self, key: str) -> bool:
        if self.routes.endswith("*"):
            return key.startswith(self.routes[:-1])
        return key == self.routes


def anybody(*outcomes: str) -> Outcomes:
    """The same for everybody."""
    return dict.fromkeys(EVERYBODY, frozenset(outcomes))


def signed_in(*outcomes: str, visitors: str = SIGN_IN) -> Outcomes:
    """The same for everybody who is signed in."""
    return {**anybody(*outcomes), ANONYMOUS: frozenset({visitors})}


def desk(*roles: Role, outcomes: frozenset[str] = LET_IN) -> Outcomes:
    """A staff page: for ``roles`` and superusers, who get one of ``outcomes``."""
    return {
        ANONYMOUS: frozenset({SIGN_IN}),
        **dict.fromkeys(OUTSIDERS, frozenset({REFUSED})),
        **dict.fromkeys(STAFF, frozenset({REFUSED})),
        **{role.value: outcomes for role in roles},
        SUPERUSER: outcomes,
    }


def portal(*outcomes: str) -> Outcomes:
    """A producer's page: nobody else has a producer."""
    return {
        **signed_in(REFUSED),
        **dict.fromkeys((OWNER, PACKER), frozenset(outcomes)),
    }


ALL = tuple(Role)
WRITERS = (Role.TOURISM_EDITOR, Role.TOURISM_PUBLISHER, Role.TRANSLATOR, Role.OPERATOR)
AUTHORS = (Role.TOURISM_EDITOR, Role.TOURISM_PUBLISHER, Role.OPERATOR)
KEEPERS = (Role.OCOP_OFFICER, Role.OPERATOR)
PUBLISHERS = (Role.TOURISM_PUBLISHER, Role.OPERATOR)

#: Wagtail looks the thing up first, and says "none" to whoever asks for one that is not there.
STOPPED = frozenset({REFUSED, NONE})


def desk_by_object(*roles: Role) -> Outcomes:
    """As ``desk``, where staff without the permission may hear that there is no such thing."""
    return {
        **dict.fromkeys(STAFF, STOPPED),
        **{role: outcomes for role, outcomes in desk(*roles).items() if outcomes != {REFUSED}},
        **dict.fromkeys(OUTSIDERS, frozenset({REFUSED})),
    }


RULES = [
    # --- Machines -----------------------------------------------------------------------
    Rule("health/live", anybody(OK)),
    Rule("health/ready", anybody(OK, UNREADY)),
    Rule("robots.txt", anybody(OK)),
    Rule("sitemap*", anybody(OK, NONE)),
    Rule("cards/*", anybody(OK, ON, NONE)),
    Rule("media/*", anybody(OK, NONE)),
    # --- Only where people develop ------------------------------------------------------
    Rule("demo/*", anybody(OK, NONE)),
    Rule("mau/*", anybody(OK, NONE)),
    # --- Other password doors: all lead to the sign-in page -----------------------------
    Rule("cms/login/", signed_in(ON)),
    Rule("django-admin/login/", signed_in(ON)),
    Rule("dashboard/login/", signed_in(ON)),
    Rule("en/_util/login/", signed_in(ON)),
    Rule("_util/login/", signed_in(ON)),
    Rule("^cms/password_reset/", anybody(ON)),
    Rule("cms/password_reset/*", anybody(ON)),
    Rule("django-admin/password_change/*", anybody(ON)),
    Rule(r"^dashboard/users/(?P<pk>-?\d+)/password-reset/$", desk()),
    # --- The shop window ----------------------------------------------------------------
    Rule("products/*", anybody(OK, ON, NONE)),
    Rule("categories/*", anybody(OK, ON, NONE)),
    Rule("growers/*", anybody(OK, NONE)),
    Rule("sell-with-us/sent/", anybody(ON)),
    Rule("sell-with-us/", anybody(OK)),
    Rule("search/*", anybody(OK)),
    Rule("basket/", anybody(OK)),
    # Posted to; whoever opens them by hand goes to the basket.
    Rule("basket/*", anybody(ON, METHOD)),
    Rule("checkout/thank-you/*", anybody(OK, NONE)),
    Rule("checkout/*", anybody(OK, ON)),
    Rule("orders/", anybody(OK)),
    Rule("orders/*", anybody(OK, NONE, METHOD)),
    # --- One's own account --------------------------------------------------------------
    Rule("account/sign-in/", {**anybody(ON, REFUSED), ANONYMOUS: frozenset({OK})}),
    Rule("account/register/", {**anybody(ON, REFUSED), ANONYMOUS: frozenset({OK})}),
    Rule("account/sign-out/", signed_in(OK, visitors=ON)),
    Rule("account/closed/", anybody(OK)),
    Rule("account/confirm-e-mail/*", anybody(OK, NONE)),
    Rule("account/forgotten-password/*", anybody(OK, ON, NONE)),
    # Between the password and the desk; who is through is sent on.
    Rule("account/second-factor/code/", signed_in(ON, REFUSED)),
    Rule("account/second-factor/*", signed_in(OK, ON, NONE)),
    Rule("account/orders/<str:number>/", signed_in(NONE)),
    Rule("account/*", signed_in(OK, ON)),
    # --- The producers' desk ------------------------------------------------------------
    Rule("portal/", portal(OK)),
    Rule("portal/letter/", anybody(OK)),
    Rule("portal/more/", portal(OK)),
    Rule("portal/profile/", {**portal(OK), PACKER: frozenset({REFUSED})}),
    Rule("portal/profile/*", {**portal(OK), PACKER: frozenset({REFUSED})}),
    Rule("portal/team/", {**portal(OK), PACKER: frozenset({REFUSED})}),
    Rule("portal/team/invite/", {**portal(OK), PACKER: frozenset({REFUSED})}),
    Rule("portal/team/<int:pk>/", {**portal(NONE), PACKER: frozenset({REFUSED})}),
    Rule("portal/team/*", anybody(METHOD)),
    Rule("portal/invitations/", signed_in(OK)),
    Rule("portal/invitations/*", anybody(NONE)),
    Rule("portal/papers/", {**portal(OK), PACKER: frozenset({REFUSED})}),
    Rule("portal/papers/*", {**portal(NONE), PACKER: frozenset({REFUSED})}),
    Rule("portal/money/", {**portal(OK), PACKER: frozenset({REFUSED})}),
    Rule("portal/tables/", {**portal(OK), PACKER: frozenset({REFUSED})}),
    Rule("portal/tables/template/*", {**portal(NONE), PACKER: frozenset({REFUSED})}),
    Rule("portal/tables/<int:pk>/", {**portal(NONE), PACKER: frozenset({REFUSED})}),
    Rule("portal/tables/<int:pk>/errors/", {**portal(NONE), PACKER: frozenset({REFUSED})}),
    # Posted to.
    Rule("portal/tables/*", signed_in(METHOD, visitors=METHOD)),
    Rule("portal/listings/", {**portal(OK), PACKER: frozenset({NONE})}),
    Rule("portal/listings/new/", {**portal(OK), PACKER: frozenset({NONE})}),
    Rule("portal/listings/*", portal(NONE, METHOD)),
    Rule("portal/helping/", signed_in(REFUSED)),
    Rule("portal/helping/*", signed_in(METHOD)),
    Rule("portal/parcels/", portal(OK)),
    # Nothing to print: back to the list.
    Rule("portal/parcels/day/", portal(ON)),
    Rule("portal/*", portal(NONE, METHOD)),
    # --- The staff's desk: the market ---------------------------------------------------
    Rule("cms/market/orders/<int:pk>/cancel/", desk(Role.OPERATOR)),
    Rule("cms/market/orders/consignments/*", desk(Role.OPERATOR)),
    Rule("cms/market/orders/*", desk(Role.FINANCE, Role.OPERATOR)),
    Rule("cms/market/calls/*", desk(Role.OPERATOR)),
    Rule("cms/market/call-list/*", desk(Role.OPERATOR)),
    Rule("cms/market/receipts/*", desk(Role.FINANCE, Role.OPERATOR)),
    Rule("cms/market/refunds/*", desk(Role.FINANCE, Role.OPERATOR)),
    Rule("cms/market/payouts/*", desk(Role.FINANCE, Role.OPERATOR)),
    Rule("cms/market/vouchers/new/", desk(Role.OPERATOR)),
    Rule("cms/market/vouchers/<int:pk>/stop/", desk(Role.OPERATOR)),
    Rule("cms/market/vouchers/*", desk(Role.FINANCE, Role.OPERATOR)),
    Rule("cms/market/stock/*", desk(Role.OCOP_OFFICER, Role.FINANCE, Role.OPERATOR)),
    Rule("cms/market/listings/new/", desk(*KEEPERS)),
    Rule("cms/market/listings/revisions/", desk(*KEEPERS)),
    Rule(
        "cms/market/listings/revisions/<int:pk>/judge/",
        desk(*KEEPERS, outcomes=frozenset({METHOD})),
    ),
    Rule("cms/market/listings/<int:pk>/return/", desk(*KEEPERS)),
    Rule("cms/market/listings/<int:pk>/take-off-sale/", desk(*KEEPERS)),
    Rule("cms/market/listings/*", desk(*KEEPERS, Role.TRANSLATOR, Role.FINANCE)),
    Rule("cms/market/producers/new/", desk(*KEEPERS)),
    Rule("cms/market/producers/<int:pk>/letter/", desk(*KEEPERS)),
    Rule("cms/market/producers/<int:pk>/suspend/", desk(*KEEPERS)),
    Rule(
        "cms/market/producers/*",
        desk(*KEEPERS, Role.TRANSLATOR, Role.FINANCE, Role.AREA_OFFICER),
    ),
    Rule("cms/market/applications/*", desk(*KEEPERS)),
    Rule("cms/market/papers/<int:pk>/judge/", desk(*KEEPERS)),
    Rule("cms/market/papers/*", desk(*KEEPERS, Role.AREA_OFFICER)),
    Rule("cms/market/helpers/*", desk(*KEEPERS)),
    Rule("cms/market/imports/*", desk(*KEEPERS)),
    Rule("cms/market/pages/", desk(*WRITERS)),
    Rule("cms/market/rules/working-days/<int:pk>/remove/", desk(Role.OPERATOR)),
    Rule("cms/market/rules/working-days/*", desk(Role.FINANCE, Role.OPERATOR)),
    # Asked with the table of trust: who keeps which is in tests/office/test_rules.py.
    Rule("cms/market/rules/<slug:table>/new/", desk(Role.OPERATOR)),
    Rule("cms/market/rules/<slug:table>/<int:pk>/*", desk(Role.OPERATOR)),
    Rule("cms/market/rules/*", desk(Role.FINANCE, Role.OPERATOR, Role.OCOP_OFFICER)),
    # --- The staff's desk: Wagtail ------------------------------------------------------
    # Raises an error on purpose, for whoever watches the error reports.
    Rule("cms/failwhale/", desk(*ALL, outcomes=frozenset({BROKEN}))),
    Rule("cms/users/*", desk()),
    Rule("cms/groups/*", desk()),
    Rule("cms/locales/*", desk()),
    Rule("cms/sites/*", desk()),
    Rule("cms/collections/<int:pk>/delete/", desk_by_object()),
    Rule("cms/collections/*", desk()),
    Rule("cms/settings/*", desk(*PUBLISHERS)),
    Rule("cms/redirects/<int:redirect_id>/delete/", desk_by_object(*PUBLISHERS)),
    Rule("cms/redirects/*", desk(*PUBLISHERS)),
    # Wagtail refuses even superusers: there are no snippets, no forms, no such task.
    Rule("cms/snippets/", desk(outcomes=STOPPED)),
    Rule("cms/forms/submissions/<int:page_id>/delete/", desk(outcomes=STOPPED)),
    Rule("cms/pages/workflow/preview/*", desk(outcomes=STOPPED)),
    Rule("cms/forms/submissions/*", desk(*ALL)),
    Rule("cms/forms/*", desk(*WRITERS)),
    Rule("cms/workflows/task_chooser/*", desk(*ALL)),
    # Posted to, or judged by the page that is named.
    Rule("cms/workflows/remove/*", desk(*ALL)),
    Rule("cms/workflows/enable/*", desk(*ALL)),
    Rule("cms/workflows/tasks/enable/*", desk(*ALL)),
    Rule("cms/workflows/tasks/add/*", desk(*ALL)),
    Rule("cms/workflows/*", desk()),
    Rule("cms/reports/site-history/*", desk(*ALL)),
    Rule("cms/reports/locked/*", desk(*PUBLISHERS)),
    Rule("cms/reports/*", desk(*WRITERS)),
    Rule("cms/pages/<int:page_id>/delete/", desk(*PUBLISHERS)),
    Rule("cms/pages/<int:page_id>/unpublish/", desk(*PUBLISHERS)),
    Rule("cms/pages/<int:page_id>/privacy/", desk(*PUBLISHERS)),
    Rule("cms/pages/<int:page_to_move_id>/move/", desk(*PUBLISHERS)),
    Rule("cms/pages/<int:page_id>/revisions/<int:revision_id>/unschedule/", desk(*PUBLISHERS)),
    Rule("cms/pages/<int:parent_page_id>/add_subpage/", desk(*AUTHORS)),
    # Refused also where this kind of page may not stand below that one.
    Rule("cms/pages/add/*", desk(*AUTHORS, outcomes=LET_IN | {REFUSED})),
    # These judge by the page in question and answer "none", "method" or "on" before that.
    Rule("cms/pages/create/*", desk(*ALL)),
    Rule("cms/pages/workflow/*", desk(*ALL)),
    Rule("cms/pages/<int:page_id>/convert_alias/", desk(*ALL)),
    Rule("cms/pages/<int:page_id>/lock/", desk(*ALL, outcomes=frozenset({METHOD}))),
    Rule("cms/pages/<int:page_id>/unlock/", desk(*ALL, outcomes=frozenset({METHOD}))),
    Rule("cms/pages/<int:page_to_move_id>/*", desk(*ALL)),
    Rule("cms/pages/<int:page_id>/revisions/", desk(*ALL)),
    Rule("cms/pages/<int:page_id>/revisions/<int:revision_id>/revert/", desk(*ALL)),
    Rule("cms/pages/^*", desk(*ALL)),
    Rule("cms/pages/*", desk(*WRITERS)),
    Rule("cms/localize/submit/*", desk(Role.TOURISM_PUBLISHER, Role.TRANSLATOR)),
    Rule("cms/localize/update/*", desk(Role.TOURISM_PUBLISHER, Role.TRANSLATOR)),
    Rule("cms/localize/page/*", desk(*WRITERS)),
    # Each judges by the translation in question.
    Rule("cms/localize/*", desk(*ALL)),
    Rule("cms/images/", desk(*AUTHORS, Role.TRANSLATOR, Role.OCOP_OFFICER)),
    Rule("cms/images/results/", desk(*AUTHORS, Role.TRANSLATOR, Role.OCOP_OFFICER)),
    Rule("cms/images/<int:image_id>/", desk(*AUTHORS, Role.TRANSLATOR, Role.OCOP_OFFICER)),
    Rule("cms/images/add/", desk(*AUTHORS, Role.OCOP_OFFICER)),
    Rule("cms/images/multiple/add/", desk(*AUTHORS, Role.OCOP_OFFICER)),
    Rule("cms/images/chooser/create/", desk(*AUTHORS, Role.OCOP_OFFICER)),
    Rule("cms/images/*", desk(*ALL)),
    Rule("cms/documents/", desk(*PUBLISHERS)),
    Rule("cms/documents/results/", desk(*PUBLISHERS)),
    Rule("cms/documents/add/", desk(*PUBLISHERS)),
    Rule("cms/documents/edit/*", desk(*PUBLISHERS)),
    Rule("cms/documents/multiple/add/", desk(*PUBLISHERS)),
    Rule("cms/documents/chooser/create/", desk(*PUBLISHERS)),
    Rule("cms/documents/*", desk(*ALL)),
    Rule("cms/product_chooser/create/", desk(Role.OCOP_OFFICER, Role.OPERATOR)),
    Rule("cms/category_chooser/create/", desk(Role.OPERATOR)),
    Rule("cms/product_chooser/*", desk(*ALL)),
    Rule("cms/category_chooser/*", desk(*ALL)),
    # What everybody at the desk has: the first page, choosers, one's own preferences.
    Rule("cms/", desk(*ALL, outcomes=frozenset({OK}))),
    Rule("cms/account/", desk(*ALL, outcomes=frozenset({OK}))),
    Rule("cms/logout/", desk(*ALL, outcomes=frozenset({METHOD}))),
    Rule("cms/api/*", desk(*ALL)),
    Rule("cms/bulk/*", desk(*ALL)),
    Rule("cms/choose-*", desk(*ALL)),
    Rule("cms/tag-autocomplete/*", desk(*ALL)),
    Rule("cms/editing-sessions/*", desk(*ALL)),
    Rule("cms/dismissibles/", desk(*ALL)),
    Rule("cms/block-preview/", desk(*ALL)),
    Rule("cms/embeds/*", desk(*ALL)),
    Rule("cms/sprite/", desk(*ALL)),
    Rule("cms/jsi18n/", desk(*ALL)),
    Rule("cms/test404/", desk(*ALL)),
    Rule("cms/^.*/$", desk(*ALL, outcomes=frozenset({NONE}))),
    # --- For superusers -----------------------------------------------------------------
    Rule("dashboard/*", desk()),
    # Django's admin refuses even them what a model's admin forbids (rows that are only read).
    Rule("django-admin/*", {**desk(), SUPERUSER: LET_IN | {REFUSED}}),
    # --- Wagtail's public pages ---------------------------------------------------------
    Rule("documents/*", anybody(OK, NONE)),
    Rule("_util/authenticate_with_password/*", anybody(NONE)),
    Rule(r"^((?:[\w\-]+/)*)$", anybody(OK, NONE)),
]


def rule_for(key: str) -> Rule | None:
    """The line that counts for a route."""
    return next((rule for rule in RULES if rule.fits(key)), None)
