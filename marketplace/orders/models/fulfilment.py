"""A consignment's way: how it left, what was missing, what did not arrive, who was called."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from marketplace.orders.models.orders import Consignment, ConsignmentLine
from marketplace.platform.dated import one_at_a_time


class FulfilmentTerms(models.Model):
    """How long everybody has: dated, so that changed terms never reach back."""

    effective_from = models.DateField(_("from"), unique=True)
    effective_through = models.DateField(_("through"), null=True, blank=True)
    #: Working days after which an order that no producer confirmed is cancelled.
    unconfirmed_working_days = models.PositiveSmallIntegerField(
        _("working days to confirm"), default=2
    )
    #: Days after delivery when a consignment without complaint counts as completed.
    completed_after_days = models.PositiveSmallIntegerField(
        _("days until completed"), default=3
    )
    #: Full hours of a working day between which working hours are counted.
    work_begins_hour = models.PositiveSmallIntegerField(_("work begins at, hour"), default=8)
    work_ends_hour = models.PositiveSmallIntegerField(_("work ends at, hour"), default=17)
    #: Working hours after which a producer is reminded to confirm, once.
    remind_after_working_hours = models.PositiveSmallIntegerField(
        _("working hours until the producer is reminded"), default=2
    )
    #: Working hours after which the office calls the producer.
    escalate_after_working_hours = models.PositiveSmallIntegerField(
        _("working hours until the office calls the producer"), default=4
    )
    #: Hours for the buyer's answer about missing goods; silence means money back.
    short_pack_answer_hours = models.PositiveSmallIntegerField(
        _("hours for the buyer to answer about missing goods"), default=24
    )
    #: Minutes within which a step taken by mistake can be taken back.
    undo_minutes = models.PositiveSmallIntegerField(
        _("minutes to take a step back"), default=10
    )
    source = models.CharField(_("source"), max_length=200)

    class Meta:
        verbose_name = _("fulfilment terms")
        verbose_name_plural = _("fulfilment terms")
        ordering = ["-effective_from"]
        constraints = [
            models.CheckConstraint(
                condition=Q(effective_through__isnull=True)
                | Q(effective_through__gte=F("effective_from")),
                name="orders_terms_end_after_they_begin",
            ),
            models.CheckConstraint(
                condition=Q(work_begins_hour__lt=F("work_ends_hour"), work_ends_hour__lte=24),
                name="orders_terms_work_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(escalate_after_working_hours__gte=F("remind_after_working_hours")),
                name="orders_terms_reminded_before_called",
            ),
            one_at_a_time("orders_terms_one_at_a_time"),
        ]

    def __str__(self) -> str:
        return f"{self.effective_from:%Y-%m-%d}"


class Handover(models.Model):
    """With whom one consignment left. Gone again when the step was taken back."""

    consignment = models.OneToOneField(
        Consignment, models.PROTECT, primary_key=True, related_name="handover"
    )
    carrier = models.CharField(_("carrier"), max_length=80, blank=True)
    tracking_number = models.CharField(_("tracking number"), max_length=40, blank=True)
    #: Encoded anew, without camera data; kept in the private folder.
    photo = models.FileField(_("photo of the parcel"), upload_to="parcels/", blank=True)
    at = models.DateTimeField(_("at"))
    #: When the buyer was told: after the minutes in which the step can be taken back.
    told_at = models.DateTimeField(_("buyer told at"), null=True, blank=True)

    class Meta:
        verbose_name = _("handover")
        verbose_name_plural = _("handovers")
        indexes = [
            models.Index(
                fields=["at"], name="orders_handover_clock", condition=Q(told_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"{self.consignment_id}: {self.carrier} {self.tracking_number}"


class ShortPack(models.Model):
    """The producer cannot send all: what the buyer was asked, and the answer."""

    class Answer(models.TextChoices):
        OPEN = "", _("Not answered yet")
        WAIT = "wait", _("Wait for all of it")
        REPLACE = "replace", _("Take the replacement")
        MONEY_BACK = "money_back", _("Money back for what is missing")
        SILENCE = "silence", _("No answer in time: money back")
        WITHDRAWN = "withdrawn", _("The grower has all of it after all")
        ENDED = "ended", _("The parcel was cancelled")

    consignment = models.ForeignKey(Consignment, models.PROTECT, related_name="short_packs")
    note = models.CharField(_("reason"), max_length=500)
    #: With both the buyer may choose to wait.
    new_handover_on = models.DateField(_("new day of handing over"), null=True, blank=True)
    new_promise_on = models.DateField(_("new promise"), null=True, blank=True)
    asked_at = models.DateTimeField(_("asked at"))
    #: Silence until then means money back.
    answer_by = models.DateTimeField(_("answer until"))
    answer = models.CharField(
        _("answer"), max_length=12, choices=Answer, default=Answer.OPEN, blank=True
    )
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)

    class Meta:
        verbose_name = _("short pack")
        verbose_name_plural = _("short packs")
        ordering = ["pk"]
        indexes = [
            models.Index(
                fields=["answer_by"], name="orders_shortpack_clock", condition=Q(answer="")
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["consignment"],
                condition=Q(answer=""),
                name="orders_shortpack_one_open",
            ),
            models.CheckConstraint(
                condition=Q(answer="", answered_at__isnull=True)
                | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="orders_shortpack_answer_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(new_handover_on__isnull=True, new_promise_on__isnull=True)
                | Q(new_handover_on__isnull=False, new_promise_on__isnull=False),
                name="orders_shortpack_whole_new_promise_or_none",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.consignment_id}: {self.answer}"


class ShortPackLine(models.Model):
    """So many of one line are missing; perhaps something else could go instead."""

    short_pack = models.ForeignKey(ShortPack, models.CASCADE, related_name="lines")
    line = models.ForeignKey(ConsignmentLine, models.PROTECT, related_name="shortages")
    missing = models.PositiveIntegerField(_("missing"))
    #: Whether the missing pieces can be sold to somebody else; False: written off.
    is_sellable = models.BooleanField(_("still good to sell"), default=False)
    replacement = models.ForeignKey(
        "partner.StockRecord", models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("missing goods")
        verbose_name_plural = _("missing goods")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["short_pack", "line"], name="orders_shortpackline_once"
            ),
            models.CheckConstraint(
                condition=Q(missing__gt=0), name="orders_shortpackline_missing_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line_id}: {self.missing}"


class ArrivalReport(models.Model):
    """The buyer says that a consignment did not arrive as it should; somebody answers."""

    class Reason(models.TextChoices):
        LATE = "late", _("It has not come, and the promised day has passed")
        SHOWN_DELIVERED = "shown", _("It says delivered, but I have nothing")
        INCOMPLETE = "part", _("Something is missing or damaged")
        OTHER = "other", _("Something else")

    consignment = models.ForeignKey(
        Consignment, models.PROTECT, related_name="arrival_reports"
    )
    reason = models.CharField(_("reason"), max_length=8, choices=Reason)
    note = models.CharField(_("note"), max_length=500, blank=True)
    reported_at = models.DateTimeField(_("reported at"))
    answer = models.CharField(_("answer"), max_length=500, blank=True)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("report: not arrived")
        verbose_name_plural = _("reports: not arrived")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["consignment"],
                condition=Q(answered_at__isnull=True),
                name="orders_arrivalreport_one_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.consignment_id}: {self.reason}"


class Chase(models.Model):
    """That a consignment was left unconfirmed: the producer reminded, then the office asked."""

    consignment = models.OneToOneField(
        Consignment, models.PROTECT, primary_key=True, related_name="chase"
    )
    reminded_at = models.DateTimeField(_("reminded at"), null=True, blank=True)
    escalated_at = models.DateTimeField(_("on the call list since"), null=True, blank=True)

    class Meta:
        verbose_name = _("unconfirmed parcel")
        verbose_name_plural = _("unconfirmed parcels")

    def __str__(self) -> str:
        return f"{self.consignment_id}"


class CallNote(models.Model):
    """What somebody in the office said and heard on the phone about one consignment."""

    class About(models.TextChoices):
        UNCONFIRMED = "unconfirmed", _("Not confirmed by the grower yet")
        NOT_ARRIVED = "not_arrived", _("Not arrived")
        SHORT_PACK = "short_pack", _("Missing goods, no answer yet")

    consignment = models.ForeignKey(Consignment, models.PROTECT, related_name="call_notes")
    about = models.CharField(_("about"), max_length=12, choices=About)
    at = models.DateTimeField(_("at"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    said = models.CharField(_("what was said"), max_length=500)
    #: Whether nobody needs to call about this again.
    is_done = models.BooleanField(_("done"), default=False)
    #: Not before then; empty: at any time.
    again_at = models.DateTimeField(_("call again at"), null=True, blank=True)

    class Meta:
        verbose_name = _("call about a parcel")
        verbose_name_plural = _("calls about parcels")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["consignment", "about", "-id"], name="orders_callnote_newest")
        ]

    def __str__(self) -> str:
        return f"{self.consignment_id}: {self.about}"
