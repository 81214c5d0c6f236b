"""What a producer must show before it sells, as dated data, and the papers that show it."""

from __future__ import annotations

import secrets
from datetime import date
from pathlib import PurePath

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from marketplace.platform.dated import one_at_a_time, same_text
from marketplace.producers.models.profile import Producer


class ChecklistItem(models.Model):
    """One thing that producers must have before a listing may be submitted, and since when.

    Law changes (Decrees 15/2018 and 46/2026 on food safety, Law 122/2025 on e-commerce): a new
    duty is a new row. An item holds for the kinds of producer and the product sets it names;
    an empty list means all.
    """

    class Proof(models.TextChoices):
        IDENTITY = "identity", _("Identity verified by the office")
        TAX_CODE = "tax_code", _("Tax code or registration number in the profile")
        PAPER = "paper", _("A paper")

    code = models.SlugField(_("code"), max_length=40)
    name_vi = models.CharField(_("name (Vietnamese)"), max_length=160)
    name_en = models.CharField(_("name (English)"), max_length=160)
    help_vi = models.CharField(_("what it is, in Vietnamese"), max_length=300, blank=True)
    help_en = models.CharField(_("what it is, in English"), max_length=300, blank=True)
    proof = models.CharField(_("shown by"), max_length=10, choices=Proof)
    producer_kinds = ArrayField(
        models.CharField(max_length=12, choices=Producer.Kind), default=list, blank=True,
        verbose_name=_("kinds of producer"),
    )
    #: Numbers of OCOP product sets (1 to 26).
    product_sets = ArrayField(
        models.PositiveSmallIntegerField(), default=list, blank=True,
        verbose_name=_("product sets"),
    )
    ends = models.BooleanField(_("has a last day"), default=False)
    #: Otherwise it is enough that the producer says so, under its own responsibility.
    needs_verification = models.BooleanField(_("the office must have seen it"), default=False)
    #: Days before its last day on which the producer is reminded; each once.
    remind_days = ArrayField(
        models.PositiveSmallIntegerField(), default=list, blank=True,
        verbose_name=_("reminders, in days before"),
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    effective_from = models.DateField(_("from"))
    effective_through = models.DateField(_("through"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=200)

    class Meta:
        verbose_name = _("item of the seller's checklist")
        verbose_name_plural = _("seller's checklist")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["code", "effective_from"], name="producers_checklistitem_once"
            ),
            models.CheckConstraint(
                condition=Q(effective_through__isnull=True)
                | Q(effective_through__gte=F("effective_from")),
                name="producers_checklistitem_ends_after_it_begins",
            ),
            one_at_a_time("producers_checklistitem_one_at_a_time", same_text("code")),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """What it is called in the reader's language."""
        return self.name_en if (get_language() or "vi").startswith("en") else self.name_vi

    @property
    def help(self) -> str:
        """What it is, for somebody who has never heard of it."""
        return self.help_en if (get_language() or "vi").startswith("en") else self.help_vi

    def holds_for(self, kind: str, product_sets: frozenset[int]) -> bool:
        """Whether a producer of this kind that sells goods of these sets needs it."""
        return (not self.producer_kinds or kind in self.producer_kinds) and (
            not self.product_sets or not product_sets.isdisjoint(self.product_sets)
        )


def paper_path(_paper: Paper, name: str) -> str:
    """Where a scanned paper is kept: out of the public's reach, under a random name."""
    return f"papers/{secrets.token_hex(16)}{PurePath(name).suffix}"


class Paper(models.Model):
    """One paper of one producer: what it is, until when it holds, and who has seen it.

    A newer paper of the same item does not overwrite the older: what held when is history.
    """

    class State(models.TextChoices):
        ATTESTED = "attested", _("Stated by the producer")
        VERIFIED = "verified", _("Seen by the office")
        REFUSED = "refused", _("Not accepted")

    producer = models.ForeignKey(Producer, models.CASCADE, related_name="papers")
    item = models.ForeignKey(ChecklistItem, models.PROTECT, related_name="papers")
    number = models.CharField(_("number"), max_length=60)
    issuer = models.CharField(_("issued by"), max_length=160)
    issued_on = models.DateField(_("issued on"))
    valid_through = models.DateField(_("valid through"), null=True, blank=True)
    #: A photograph, encoded anew, or the PDF that was sent; handed out as a download only.
    scan = models.FileField(_("scan"), upload_to=paper_path, blank=True, max_length=100)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.ATTESTED)
    stated_at = models.DateTimeField(_("stated at"))
    stated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    judged_at = models.DateTimeField(_("judged at"), null=True, blank=True)
    judged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    refusal = models.CharField(_("why it was not accepted"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("paper")
        verbose_name_plural = _("papers")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["producer", "item", "-id"], name="producers_paper_newest"),
            models.Index(
                fields=["valid_through"],
                name="producers_paper_ending",
                condition=Q(valid_through__isnull=False),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_through__isnull=True) | Q(valid_through__gte=F("issued_on")),
                name="producers_paper_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(state="attested", judged_at__isnull=True)
                | Q(state="verified", judged_at__isnull=False, judged_by__isnull=False)
                | (
                    Q(state="refused", judged_at__isnull=False, judged_by__isnull=False)
                    & ~Q(refusal="")
                ),
                name="producers_paper_judged_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item.name} {self.number}"

    def holds_on(self, day: date) -> bool:
        """Whether it was issued by ``day`` and has not ended (the last day is inclusive)."""
        return self.issued_on <= day and (
            self.valid_through is None or self.valid_through >= day
        )
