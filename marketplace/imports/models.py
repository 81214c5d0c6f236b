"""A table somebody handed in, and what each of its rows would do or has done."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from marketplace.accounts.models import User
from marketplace.producers.models import Membership


def import_path(instance: Import, name: str) -> str:
    """Where the file is kept: out of the public's reach, under a random name."""
    suffix = {"pictures": ".zip"}.get(instance.kind) or (
        ".csv" if name.lower().endswith(".csv") else ".xlsx"
    )
    return f"imports/{secrets.token_hex(16)}{suffix}"


class ImportQuerySet(QuerySet):
    """Tables handed in."""

    def visible_to(self, user: User) -> ImportQuerySet:
        """All of them for the office; those of their producers for owners and staff."""
        if not user.is_active:
            return self.none()
        if user.has_perm("imports.view_import"):
            return self.all()
        return self.of_producers(
            Membership.objects.filter(user=user)
            .exclude(role=Membership.Role.PACKER)
            .values("producer")
        )

    def of_producers(self, producers: object) -> ImportQuerySet:
        """Those handed in at the desks of these producers."""
        return self.filter(producer__in=producers)


class Import(models.Model):
    """One table (or archive of pictures) with its fate.

    Nothing of it is written before somebody has seen what it would do and confirmed it; then
    all of it is written in one transaction, or nothing. ``producer`` is set when it came from
    a producer's desk: then it touches only what is theirs.
    """

    class Kind(models.TextChoices):
        PRODUCERS = "producers", _("Producers")
        LISTINGS = "listings", _("Listings")
        PRICES = "prices", _("Prices")
        STOCK = "stock", _("Stock")
        PICTURES = "pictures", _("Pictures")

    class State(models.TextChoices):
        WAITING = "waiting", _("Being checked")
        REFUSED = "refused", _("Not readable")
        JUDGED = "judged", _("Checked, nothing written yet")
        APPLYING = "applying", _("Being written")
        APPLIED = "applied", _("Taken over")
        UNDOING = "undoing", _("Being taken back")
        UNDONE = "undone", _("Taken back")
        DISCARDED = "discarded", _("Thrown away")

    #: While the worker has it.
    AT_WORK = (State.WAITING, State.APPLYING, State.UNDOING)

    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    producer = models.ForeignKey(
        "producers.Producer", models.PROTECT, null=True, blank=True, related_name="+"
    )
    file = models.FileField(_("file"), upload_to=import_path, max_length=100)
    file_name = models.CharField(_("file name"), max_length=200)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(_("handed in at"))
    #: The grower for whom somebody acted with their consent.
    acting_for = models.CharField(_("acting for"), max_length=160, blank=True)
    judged_at = models.DateTimeField(_("checked at"), null=True, blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    applied_at = models.DateTimeField(_("written at"), null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    undone_at = models.DateTimeField(_("taken back at"), null=True, blank=True)
    #: Why it was refused, or what came in between: ``{"code": …, "params": {…}}``.
    note = models.JSONField(default=dict, blank=True)
    #: Headings of columns that nobody asked for and that were not read.
    unread = models.JSONField(default=list, blank=True)
    n_new = models.PositiveIntegerField(_("new"), default=0)
    n_changed = models.PositiveIntegerField(_("changed"), default=0)
    n_unchanged = models.PositiveIntegerField(_("unchanged"), default=0)
    n_errors = models.PositiveIntegerField(_("with errors"), default=0)

    objects = ImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("table")
        verbose_name_plural = _("tables")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(applied_at__isnull=True) | Q(confirmed_by__isnull=False),
                name="imports_import_applied_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["applied", "undoing", "undone"])
                | Q(applied_at__isnull=False),
                name="imports_import_applied_when",
            ),
            models.CheckConstraint(
                condition=~Q(state="undone")
                | Q(undone_at__isnull=False, undone_by__isnull=False),
                name="imports_import_undone_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} #{self.pk}"

    @property
    def audit_label(self) -> str:
        """By number: a file's name may be a person's."""
        return f"{self.kind} #{self.pk}"

    @property
    def is_at_work(self) -> bool:
        """Whether the worker has it, so that the page asks again soon."""
        return self.state in self.AT_WORK

    @property
    def n_to_write(self) -> int:
        """How many rows would change something."""
        return self.n_new + self.n_changed


class ImportRow(models.Model):
    """One row of a table: what it would do (its fate), what it said, and how to take it back."""

    class Fate(models.TextChoices):
        NEW = "new", _("New")
        CHANGED = "changed", _("Changed")
        UNCHANGED = "unchanged", _("Unchanged")
        ERROR = "error", _("Error")

    table = models.ForeignKey(Import, models.CASCADE, related_name="rows")
    #: As the spreadsheet counts; in an archive, the place in it.
    number = models.PositiveIntegerField()
    key = models.CharField(max_length=200, blank=True)
    name = models.CharField(max_length=200, blank=True)
    fate = models.CharField(max_length=9, choices=Fate)
    #: ``[column, old, new]`` for each thing that becomes another.
    changes = models.JSONField(default=list)
    #: ``{"column", "code", "params"}`` for each fault.
    problems = models.JSONField(default=list)
    #: What would be written, for the kind that reads it.
    values = models.JSONField(default=dict)
    #: What the row said, to hand it back for mending.
    cells = models.JSONField(default=dict)
    #: What was written, to take it back.
    written = models.JSONField(null=True, blank=True)
    #: Judged again because the world had changed between checking and confirming.
    is_stale = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("row of a table")
        verbose_name_plural = _("rows of tables")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["table", "number"], name="imports_row_once")
        ]
        indexes = [models.Index(fields=["table", "fate", "number"], name="imports_row_fate")]

    def __str__(self) -> str:
        return f"{self.table_id}:{self.number} {self.fate}"


class ImportProgress(models.Model):
    """How far the worker is, in rows: written by a connection of its own, beside the
    transaction that the work is done in, so that a page can see it."""

    table = models.OneToOneField(
        Import, models.CASCADE, primary_key=True, related_name="progress"
    )
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("progress of a table")
        verbose_name_plural = _("progress of tables")

    def __str__(self) -> str:
        return f"{self.done}/{self.total}"

    @property
    def percent(self) -> int:
        """0 to 100."""
        return min(100, self.done * 100 // self.total) if self.total else 0
