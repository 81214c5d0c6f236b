"""What happens to a listing beside its columns: its steps, half-typed drafts, revisions, trust.

Part of ``catalogue.models``, which imports these; they name a product by its string.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalogue.states import ListingActor, ListingState
from marketplace.platform.dated import one_at_a_time, same_number


class ListingEvent(models.Model):
    """One step of a listing from state to state: who, as whom, when and why. Never changed."""

    listing = models.ForeignKey("catalogue.Product", models.CASCADE, related_name="events")
    from_state = models.CharField(max_length=10, choices=ListingState)
    to_state = models.CharField(max_length=10, choices=ListingState)
    actor = models.ForeignKey(
        "accounts.User", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    acted_as = models.CharField(max_length=8, choices=ListingActor)
    reason = models.CharField(max_length=500, blank=True)
    #: Field of the listing → what the office wants changed there.
    remarks = models.JSONField(default=dict, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.listing_id}: {self.from_state} → {self.to_state}"


class HalfStep(models.Model):
    """What a grower typed in one step of a draft and cannot be kept in its columns yet.

    Wrong or half-filled values stay as typed until the step is right, then the row goes.
    """

    listing = models.ForeignKey("catalogue.Product", models.CASCADE, related_name="half_steps")
    step = models.CharField(max_length=10)
    #: Name of the form's field → the text as typed.
    typed = models.JSONField(default=dict)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["listing", "step"], name="catalogue_halfstep_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.listing_id}: {self.step}"


class Revision(models.Model):
    """A change of a published listing's label that the office has yet to judge, or has judged.

    The listing sells as it was until the revision is accepted.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("Waits for the office")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    listing = models.ForeignKey("catalogue.Product", models.CASCADE, related_name="revisions")
    #: Name of a label field, or "unit.<id>.<field>" → the wanted value.
    values = models.JSONField()
    #: The same names → what stood there when it was proposed.
    base = models.JSONField()
    state = models.CharField(max_length=9, choices=State, default=State.PENDING)
    proposed_by = models.ForeignKey(
        "accounts.User", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        "accounts.User", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    #: The rule under which it passed without being judged.
    trust_rule = models.ForeignKey(
        "catalogue.TrustRule", models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["listing"], condition=Q(state="pending"),
                name="catalogue_revision_one_open",
            ),
            models.CheckConstraint(
                condition=Q(state="pending", decided_at__isnull=True)
                | (~Q(state="pending") & Q(decided_at__isnull=False)),
                name="catalogue_revision_decided",
            ),
            models.CheckConstraint(
                condition=~Q(state="declined") | ~Q(reason=""),
                name="catalogue_revision_declined_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.listing_id}: {self.state}"


class TrustRule(models.Model):
    """Which changes of one producer's published listings pass unjudged, and in which days.

    One row a day for each producer: what passes is written in one place.
    """

    producer = models.ForeignKey(
        "producers.Producer", models.CASCADE, related_name="trust_rules",
        verbose_name=_("producer"),
    )
    #: Names as in a revision, a unit's without its id ("net_weight_g").
    fields = ArrayField(
        models.CharField(max_length=40), verbose_name=_("changes that pass unjudged")
    )
    effective_from = models.DateField(_("from"))
    effective_through = models.DateField(_("through"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=500)
    set_by = models.ForeignKey(
        "accounts.User", models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("rule of trust")
        verbose_name_plural = _("rules of trust")
        constraints = [
            models.CheckConstraint(
                condition=Q(effective_through__isnull=True)
                | Q(effective_through__gte=F("effective_from")),
                name="catalogue_trustrule_ends_later",
            ),
            models.CheckConstraint(
                condition=~Q(reason=""), name="catalogue_trustrule_says_why"
            ),
            one_at_a_time("catalogue_trustrule_one_at_a_time", same_number("producer")),
        ]

    def __str__(self) -> str:
        return f"{self.producer_id}: {self.effective_from}"
