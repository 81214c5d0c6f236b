"""Rows of the services that know no trade."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ObjectDoesNotExist
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.models.audit_log import BaseLogEntry, BaseLogEntryManager
from wagtail.users.utils import get_deleted_user_display_name

from marketplace.kernel import clock
from marketplace.platform import audit_values


class PageVersion(models.Model):
    """When something that public pages show was last changed: one row for each thing.

    ``version`` only says "the same" or "not the same". It grows with the clock, in
    microseconds, so that a number never comes back, not even after the table was emptied.
    ``changed_in`` is the transaction that wrote it, by which a reader knows whether the change
    was already visible when it began to read.
    """

    key = models.CharField(max_length=100, primary_key=True)
    version = models.BigIntegerField()
    # A PostgreSQL xid8, added by SQL in the migration: Django has no such field.

    class Meta:
        verbose_name = _("page version")
        verbose_name_plural = _("page versions")

    def __str__(self) -> str:
        return f"{self.key} {self.version}"


class AuditEntryManager(BaseLogEntryManager):
    """Also what Wagtail calls when somebody changes one of our objects in its admin."""

    def get_instance_title(self, instance: models.Model) -> str:
        """What the object is called; a person only by number, so that a name can be erased."""
        if isinstance(instance, get_user_model()):
            return f"#{instance.pk}"
        return str(getattr(instance, "audit_label", None) or instance)

    def log_action(self, instance: models.Model, action: str, **kwargs: Any) -> AuditEntry:
        """Write what Wagtail's admin did, with the object's values before and after.

        ``before`` is what ``audit.remember(instance)`` noted, else what the last entry left.
        """
        kwargs.setdefault("object_id", str(instance.pk))
        kwargs.setdefault("timestamp", clock.now())
        kwargs.setdefault("request_id", audit_values.request_id())
        if "after" not in kwargs:
            kwargs["after"] = None if kwargs.get("deleted") else audit_values.snapshot(instance)
        if "before" not in kwargs:
            kwargs["before"] = audit_values.remembered(instance) or (
                self.for_instance(instance)
                .exclude(after=None)
                .values_list("after", flat=True)
                .first()
            )
        return super().log_action(instance, action, **kwargs)

    def for_instance(self, instance: models.Model) -> models.QuerySet:
        """The history of one object, newest first."""
        return self.filter(
            content_type=ContentType.objects.get_for_model(instance, for_concrete_model=False),
            object_id=str(instance.pk),
        )


class AuditEntry(BaseLogEntry):
    """One thing that somebody did: who, when, for whom, to what, and what was changed.

    A log entry of Wagtail's kind, so that object histories in the admin show it; pages keep
    Wagtail's own log. Rows are only ever added: a trigger refuses the rest
    (``platform_refuse_change``), so nothing here cascades and the users are referred to by
    number without a constraint. ``before`` and ``after`` hold no personal data.
    """

    object_id = models.CharField(max_length=255, blank=True)
    on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        null=True,
        blank=True,
        db_constraint=False,
        related_name="+",
    )
    #: The producer for whom somebody acted with its consent, who may have no account.
    acting_for = models.CharField(_("acting for"), max_length=160, blank=True)
    before = models.JSONField(null=True, blank=True, encoder=DjangoJSONEncoder)
    after = models.JSONField(null=True, blank=True, encoder=DjangoJSONEncoder)
    reason = models.TextField(_("reason"), blank=True)
    #: Joins an entry to the log lines of the request that caused it.
    request_id = models.CharField(max_length=64, blank=True)

    objects = AuditEntryManager()

    class Meta(BaseLogEntry.Meta):
        ordering = ["-timestamp", "-id"]
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        indexes = [
            models.Index(fields=["uuid", "action", "-timestamp"], name="platform_audit_uuid"),
            models.Index(fields=["content_type", "object_id"], name="platform_audit_object"),
        ]

    def __str__(self) -> str:
        return f"{self.timestamp:%Y-%m-%d %H:%M} {self.action} {self.label}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save without asking Wagtail whether it has heard of the action (four queries)."""
        super(BaseLogEntry, self).save(*args, **kwargs)

    @cached_property
    def user_display_name(self) -> str:
        """Who did it; of an account erased since, only its number."""
        try:
            return super().user_display_name
        except ObjectDoesNotExist:
            return get_deleted_user_display_name(self.user_id)

    @cached_property
    def object_verbose_name(self) -> str:
        """The kind of the object, or nothing when the entry is about none."""
        return super().object_verbose_name if self.content_type_id else ""

    @cached_property
    def message(self) -> str:
        """The action in words; one that nobody declared, by its name."""
        return super().message if self.formatter else self.action

    @cached_property
    def comment(self) -> str:
        """Why it was done."""
        return self.reason or super().comment


class SentMessage(models.Model):
    """A message that has left, or that its receiver's server refused for good.

    Holds no address: it only keeps a task that runs twice from sending twice.
    """

    class Channel(models.TextChoices):
        MAIL = "mail", _("e-mail")
        SMS = "sms", _("SMS")

    class Outcome(models.TextChoices):
        SENT = "sent", _("sent")
        REFUSED = "refused", _("refused")

    dedupe_key = models.CharField(max_length=200, unique=True)
    channel = models.CharField(max_length=4, choices=Channel)
    template = models.CharField(max_length=100)
    outcome = models.CharField(max_length=7, choices=Outcome)
    at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("sent message")
        verbose_name_plural = _("sent messages")

    def __str__(self) -> str:
        return f"{self.dedupe_key} {self.outcome}"


class RateLimit(models.Model):
    """How often one caller did one thing within one fixed window of time.

    ``caller`` is a keyed hash: neither address nor telephone number can be read from it.
    """

    scope = models.CharField(max_length=40)
    caller = models.CharField(max_length=32)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(db_index=True)
    count = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("rate limit")
        verbose_name_plural = _("rate limits")
        constraints = [
            models.UniqueConstraint(
                fields=["scope", "caller", "starts_at", "ends_at"], name="platform_ratelimit_window"
            )
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.count}"
