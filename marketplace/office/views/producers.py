"""Producers: who they are, that somebody checked it, and when they are closed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import django_filters
from django.contrib import messages
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column

from marketplace.kernel import clock, formats
from marketplace.office import queries
from marketplace.office.forms.producers import PauseForm, ProducerForm, VerifyForm, WithdrawForm
from marketplace.office.search import with_words
from marketplace.office.views.base import OfficeIndexView, OfficeView
from marketplace.office.views.history import HistoryView, entries_about, told
from marketplace.producers import actions
from marketplace.producers.errors import ProducersError
from marketplace.producers.models import Producer
from theme.views import forbidden

VIEW = "producers.view_producer"
CHANGE = "producers.change_producer"
ADD = "producers.add_producer"
ABOVE = [("office_producers:index", gettext_lazy("Producers"))]


class ProducerFilters(WagtailFilterSet):
    """By kind, by whether the identity was checked, by whether they are closed today."""

    kind = django_filters.ChoiceFilter(label=gettext_lazy("Kind"), choices=Producer.Kind.choices)
    verified = django_filters.ChoiceFilter(
        label=gettext_lazy("Identity"),
        choices=[("yes", gettext_lazy("Verified")), ("no", gettext_lazy("Not verified yet"))],
        method="by_verified",
    )
    paused = django_filters.ChoiceFilter(
        label=gettext_lazy("Open today"),
        choices=[("no", gettext_lazy("Open")), ("yes", gettext_lazy("Closed"))],
        method="by_paused",
    )
    suspended = django_filters.ChoiceFilter(
        label=gettext_lazy("Suspended"),
        choices=[("no", gettext_lazy("May sell")), ("yes", gettext_lazy("Suspended"))],
        method="by_suspended",
    )

    english = django_filters.ChoiceFilter(
        label=gettext_lazy("In English"),
        choices=[("no", gettext_lazy("Story without English"))],
        method="by_english",
    )

    class Meta:
        model = Producer
        fields: list[str] = []

    def by_english(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return queries.growers_without_english(rows)

    def by_verified(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(identity_verified_at__isnull=value == "no")

    def by_suspended(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(suspended_at__isnull=value == "no")

    def by_paused(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        today = clock.today()
        closed = Q(paused_from__lte=today, paused_through__gte=today)
        return rows.filter(closed if value == "yes" else ~closed)


class ProducerIndexView(OfficeIndexView):
    """All producers, in Vietnamese alphabetical order."""

    needs = [VIEW]
    model = Producer
    filterset_class = ProducerFilters
    default_ordering = "sort_key"
    header_icon = "group"
    page_title = gettext_lazy("Producers")
    add_item_label = gettext_lazy("New producer")
    list_export = [
        "name_vi", "name_en", "kind", "commune.full_name", "registration_no",
        "identity_verified_at", "suspended_at", "paused_from", "paused_through",
    ]  # fmt: skip
    export_filename = "producers"

    @cached_property
    def columns(self) -> list[Column]:
        return [
            self._get_title_column("name_vi"),
            Column("kind", label=_("Kind"), accessor="get_kind_display"),
            Column("commune", label=_("Commune"), accessor="commune.full_name"),
            Column("phone", label=_("Phone"), accessor=lambda p: formats.phone(p.phone)),
            Column("verified", label=_("Identity"), accessor=identity_word),
            Column("open", label=_("Open"), accessor=open_word),
        ]

    def _get_title_column(self, field_name: str, **kwargs: Any) -> Column:
        column = super()._get_title_column(field_name, **kwargs)
        column.label = _("Producer")
        return column

    def get_base_queryset(self) -> QuerySet[Producer]:
        return queries.producers_visible_to(self.request.user).select_related("commune")

    def search_queryset(self, queryset: QuerySet) -> QuerySet:
        return with_words(
            queryset, self.search_query, "name_vi", "representative", "commune__name"
        )


def identity_word(producer: Producer) -> str:
    """Whether and when the identity was checked, for a column."""
    if producer.is_identified:
        return _("Verified %(day)s") % {"day": formats.date(producer.identity_verified_at)}
    return _("Not verified yet")


def open_word(producer: Producer) -> str:
    """Whether the producer is open today, and until when not."""
    if producer.is_suspended:
        return _("Suspended since %(day)s") % {"day": formats.date(producer.suspended_at)}
    if producer.is_paused(clock.today()):
        return _("Closed through %(day)s") % {"day": formats.date(producer.paused_through)}
    return _("Open")


class ProducerAddView(OfficeView):
    """A new producer, not yet identified."""

    needs = [VIEW, ADD]
    template_name = "office/producer_form.html"
    header_icon = "group"
    above = ABOVE
    page_title = gettext_lazy("New producer")

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.shown(ProducerForm(user=request.user))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ProducerForm(request.POST, user=request.user)
        if not form.is_valid():
            return self.shown(form, status=422)
        values = {name: form.cleaned_data[name] for name in form.fields}
        producer = actions.create_producer(values=values, actor=request.user)
        messages.success(
            request,
            _("%(name)s was added. Check the identity next, so that it may sell.")
            % {"name": producer.name},
        )
        return redirect("office_producers:edit", producer.pk)

    def shown(self, form: ProducerForm, status: int = 200) -> HttpResponse:
        return self.render_to_response(
            self.get_context_data(form=form, media=form.media, may_change=True), status=status
        )


class ProducerEditView(OfficeView):
    """One producer: profile, identity, pause, and what was done last.

    Each part is a form of its own, told apart by ``do``.
    """

    needs = [VIEW]
    needs_to_post = [CHANGE]
    template_name = "office/producer_form.html"
    header_icon = "group"
    above = ABOVE

    def get_page_title(self) -> str:
        return str(self.producer)

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.forms: dict[str, Any] = {}

    def dispatch(self, request: HttpRequest, pk: int) -> HttpResponse:
        if request.user.has_perms(self.needs):
            self.producer = self.find(
                queries.producers_visible_to(request.user).select_related(
                    "commune__province", "identity_verified_by", "portrait", "suspended_by"
                ),
                pk,
            )
        return super().dispatch(request, pk)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.shown()

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        do = request.POST.get("do", "profile")
        part = {
            "profile": self.save_profile,
            "verify": self.verify,
            "withdraw": self.withdraw,
            "pause": self.pause,
        }.get(do)
        if part is None:
            return self.shown(status=422)
        # Whoever may only translate touches neither the identity nor the opening days.
        if do != "profile" and not request.user.has_perm(ADD):
            return forbidden(request)
        try:
            done = part()
        except ProducersError as error:
            self.forms[do].add_error(None, str(error))
            done = ""
        if not done:
            return self.shown(status=422)
        messages.success(request, done)
        return redirect("office_producers:edit", pk)

    def save_profile(self) -> str:
        form = self.forms["profile"] = ProducerForm(
            self.request.POST, instance=self.producer, user=self.request.user
        )
        if not form.is_valid():
            return ""
        actions.change_producer(
            producer=self.producer, values=form.values, actor=self.request.user
        )
        return _("The profile was saved.")

    def verify(self) -> str:
        form = self.forms["verify"] = VerifyForm(self.request.POST)
        if not form.is_valid():
            return ""
        actions.verify_identity(
            producer=self.producer,
            how=form.cleaned_data["how"],
            actor=self.request.user,
            now=clock.now(),
        )
        return _("The identity was noted as verified. The producer may sell now.")

    def withdraw(self) -> str:
        form = self.forms["withdraw"] = WithdrawForm(self.request.POST)
        if not form.is_valid():
            return ""
        actions.withdraw_verification(
            producer=self.producer, reason=form.cleaned_data["reason"], actor=self.request.user
        )
        return _("The verification was withdrawn. Nothing of this producer is sold any more.")

    def pause(self) -> str:
        form = self.forms["pause"] = PauseForm(self.request.POST)
        if not form.is_valid():
            return ""
        cleaned = form.cleaned_data
        actions.set_pause(producer=self.producer, actor=self.request.user, **cleaned)
        if cleaned["paused_from"] is None:
            return _("The producer is open.")
        return _("The pause was saved. The producer opens again by itself.")

    def letter_form(self) -> Any:
        """The form for a letter with a code, as typed or with the producer's number."""
        from marketplace.office.views.letters import LetterForm

        return self.forms.get("letter") or LetterForm(
            initial={"phone": formats.phone(self.producer.phone)}
        )

    def shown(self, status: int = 200) -> HttpResponse:
        producer, user = self.producer, self.request.user
        may_decide = user.has_perms([CHANGE, ADD])
        profile = self.forms.get("profile") or ProducerForm(instance=producer, user=user)
        if profile.is_bound:
            # The form has written what was typed into its copy; the page tells what is stored.
            producer.refresh_from_db()
        return self.render_to_response(
            self.get_context_data(
                form=profile,
                media=profile.media + PauseForm().media,
                producer=producer,
                may_change=user.has_perm(CHANGE),
                may_decide=may_decide,
                is_paused=producer.is_paused(clock.today()),
                verify_form=self.forms.get("verify") or VerifyForm(),
                withdraw_form=self.forms.get("withdraw") or WithdrawForm(),
                pause_form=self.forms.get("pause")
                or PauseForm(
                    initial={
                        "paused_from": producer.paused_from,
                        "paused_through": producer.paused_through,
                        "reason_vi": producer.pause_reason_vi,
                        "reason_en": producer.pause_reason_en,
                    }
                ),
                letter_form=self.letter_form(),
                letter_url=reverse("office_producers:letter", args=(producer.pk,)),
                team=producer.memberships.select_related("user").order_by("pk"),
                history=told(entries_about([producer])[:5]),
                history_url=reverse("office_producers:history", args=(producer.pk,)),
                suspend_url=reverse("office_producers:suspend", args=(producer.pk,)),
                listings_url=f"{reverse('office_listings:index')}?producer={producer.pk}",
            ),
            status=status,
        )


class ProducerHistoryView(HistoryView):
    """Everything that was done to one producer."""

    needs = [VIEW]
    above = ABOVE

    def get_target(self, pk: int) -> Model:
        return self.find(queries.producers_visible_to(self.request.user), pk)

    def get_related(self, target: Model) -> Iterable[Model]:
        return ()
