"""Pages of the site that wait for somebody: to be judged, finished, translated, answered."""

from __future__ import annotations

from datetime import datetime

from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _
from wagtail.models import Comment, Page, Revision, WorkflowState
from wagtail.permission_policies.pages import PagePermissionPolicy

from marketplace.accounts.models import User

#: Permissions on pages with which somebody has work to do on them.
WORK = ("add", "change", "publish")
WAITS = {
    "moderation": _("Handed in, to be judged"),
    "returned": _("Sent back for changes"),
    "comments": _("Comments without an answer"),
    "drafts": _("Changed and not published"),
    "untranslated": _("Published in Vietnamese, not yet in English"),
    "scheduled": _("To be published by themselves"),
}


def works_on_pages(user: User) -> bool:
    """Whether this person writes, translates or publishes pages."""
    return PagePermissionPolicy().user_has_any_permission(user, WORK)


def pages_visible_to(user: User) -> QuerySet[Page]:
    """The pages on which this person may work; none for others."""
    if not user.is_active or not works_on_pages(user):
        return Page.objects.none()
    pages = PagePermissionPolicy().instances_user_has_any_permission_for(user, WORK)
    return pages.filter(depth__gt=1)


def waiting(pages: QuerySet[Page], wait: str, now: datetime, *, of: User | None = None) -> QuerySet:
    """Those of ``pages`` that wait in one way of ``WAITS``; with ``of`` only what is this
    person's: written, or handed in, by them."""
    in_workflow = {
        status: Exists(
            WorkflowState.objects.filter(
                base_content_type=ContentType.objects.get_for_model(Page),
                object_id=Cast(OuterRef("pk"), CharField()),
                status=status,
                **({"requested_by": of} if of else {}),
            )
        )
        for status in (WorkflowState.STATUS_IN_PROGRESS, WorkflowState.STATUS_NEEDS_CHANGES)
    }
    is_scheduled = Exists(
        Revision.objects.filter(
            base_content_type=ContentType.objects.get_for_model(Page),
            object_id=Cast(OuterRef("pk"), CharField()),
            approved_go_live_at__isnull=False,
        )
    )
    if of is not None and wait not in ("moderation", "returned"):
        pages = pages.filter(owner=of)
    match wait:
        case "moderation":
            return pages.filter(in_workflow[WorkflowState.STATUS_IN_PROGRESS])
        case "returned":
            return pages.filter(in_workflow[WorkflowState.STATUS_NEEDS_CHANGES])
        case "comments":
            open_ones = Comment.objects.filter(page=OuterRef("pk"), resolved_at__isnull=True)
            return pages.filter(Exists(open_ones))
        case "scheduled":
            return pages.filter(Q(is_scheduled) | Q(live=False, go_live_at__gt=now))
        case "untranslated":
            english = Page.objects.filter(
                translation_key=OuterRef("translation_key"), locale__language_code="en",
                alias_of__isnull=True,
            )
            return pages.filter(
                ~Exists(english), live=True, locale__language_code="vi", alias_of__isnull=True
            )
    return pages.filter(
        ~in_workflow[WorkflowState.STATUS_IN_PROGRESS],
        ~is_scheduled, has_unpublished_changes=True, alias_of__isnull=True,
    )
