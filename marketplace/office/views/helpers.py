"""Who acts for growers: their recorded consents, and the communes of area officers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.widgets import AdminDateInput

from marketplace.accounts.models import User
from marketplace.accounts.roles import Role
from marketplace.checkout.forms import PlainText
from marketplace.kernel import clock
from marketplace.office import queries
from marketplace.office.views.base import OfficeView, PostOnly
from marketplace.places.models import Commune
from marketplace.places.queries import communes_on
from marketplace.producers import delegation_actions as actions
from marketplace.producers.errors import ProducersError
from marketplace.producers.models import AreaAssignment, Delegation, Producer
from marketplace.producers.queries import delegations_in_force

VIEW = "producers.view_delegation"
ADD = "producers.add_delegation"
CHANGE = "producers.change_delegation"
AREAS = "producers.change_areaassignment"
PROVINCE = "82"


class DelegationForm(forms.Form):
    """Whose consent, for whom, and how it was given."""

    producer = forms.ModelChoiceField(
        Producer.objects.none(), label=gettext_lazy("Grower who agreed")
    )
    agent = forms.ModelChoiceField(
        User.objects.none(),
        label=gettext_lazy("Area officer"),
        required=False,
        help_text=gettext_lazy("Either an officer of the grower's commune …"),
    )
    agent_producer = forms.ModelChoiceField(
        Producer.objects.none(),
        label=gettext_lazy("Co-operative"),
        required=False,
        help_text=gettext_lazy("… or a co-operative, whose owners and staff then may."),
    )
    how = forms.ChoiceField(
        label=gettext_lazy("How they agreed"),
        choices=[choice for choice in Delegation.How.choices if choice[0] != Delegation.How.DESK],
    )
    consented_on = forms.DateField(
        label=gettext_lazy("Agreed on"), widget=AdminDateInput, initial=clock.today
    )
    valid_through = forms.DateField(
        label=gettext_lazy("Valid through"),
        widget=AdminDateInput,
        required=False,
        help_text=gettext_lazy("Empty: until it is withdrawn."),
    )
    note = PlainText(
        label=gettext_lazy("Note"),
        max_length=300,
        required=False,
        attrs={"autocomplete": "off"},
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        growers = queries.producers_visible_to(user).order_by("sort_key")
        self.fields["producer"].queryset = growers
        self.fields["agent_producer"].queryset = growers.filter(
            kind=Producer.Kind.COOPERATIVE
        )
        self.fields["agent"].queryset = _area_officers()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors and bool(cleaned["agent"]) == bool(cleaned["agent_producer"]):
            self.add_error("agent", _("Choose either an officer or a co-operative."))
        return cleaned


class AreaForm(forms.Form):
    """The communes of one officer."""

    communes = forms.ModelMultipleChoiceField(
        Commune.objects.none(),
        label=gettext_lazy("Communes"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["communes"]
        field.queryset = (
            communes_on(clock.today()).filter(province=PROVINCE).order_by("sort_key")
        )
        field.label_from_instance = lambda commune: commune.full_name


def _area_officers() -> Any:
    return User.objects.filter(groups__name=Role.AREA_OFFICER, is_active=True).order_by("pk")


class HelpersView(OfficeView):
    """All consents that stand, the form for a new one, and the officers with their communes."""

    needs = [VIEW]
    needs_to_post = [ADD]
    template_name = "office/helpers.html"
    header_icon = "group"
    page_title = gettext_lazy("Acting for growers")

    def get(self, request: HttpRequest) -> HttpResponse:
        initial = {"producer": request.GET.get("producer")}
        return self.shown(DelegationForm(initial=initial, user=request.user))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = DelegationForm(request.POST, user=request.user)
        if form.is_valid():
            try:
                delegation = actions.delegate(
                    **form.cleaned_data,
                    actor=request.user,
                    now=clock.now(),
                    today=clock.today(),
                )
            except ProducersError as error:
                form.add_error(None, str(error))
            else:
                messages.success(
                    request,
                    _("The consent of %(name)s was recorded.")
                    % {"name": delegation.producer.name},
                )
                return redirect("office_helpers:index")
        return self.shown(form, status=422)

    def shown(self, form: DelegationForm, status: int = 200) -> HttpResponse:
        rows = queries.delegations_visible_to(self.request.user).select_related(
            "producer__commune", "agent", "agent_producer", "recorded_by", "withdrawn_by"
        )
        standing = set(delegations_in_force(clock.today()).values_list("pk", flat=True))
        areas: dict[int, list[str]] = {}
        for area in AreaAssignment.objects.select_related("commune").order_by(
            "commune__sort_key"
        ):
            areas.setdefault(area.user_id, []).append(area.commune.full_name)
        return self.render_to_response(
            self.get_context_data(
                form=form,
                media=form.media,
                standing=[row for row in rows.filter(withdrawn_at=None) if row.pk in standing],
                resting=[row for row in rows.filter(withdrawn_at=None) if row.pk not in standing],
                withdrawn=rows.exclude(withdrawn_at=None)[:30],
                officers=[(officer, areas.get(officer.pk, [])) for officer in _area_officers()],
                may_add=self.request.user.has_perm(ADD),
                may_withdraw=self.request.user.has_perm(CHANGE),
                may_set_areas=self.request.user.has_perm(AREAS),
            ),
            status=status,
        )


class WithdrawView(PostOnly, OfficeView):
    """End one consent; the desk closes at the agent's next request."""

    needs = [VIEW, CHANGE]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        delegation = self.find(queries.delegations_visible_to(request.user), pk)
        actions.withdraw(delegation_id=delegation.pk, actor=request.user, now=clock.now())
        messages.success(request, _("The consent was withdrawn."))
        return redirect("office_helpers:index")


class AreaView(OfficeView):
    """Which communes one officer looks after."""

    needs = [VIEW, AREAS]
    template_name = "office/area.html"
    header_icon = "site"
    above = [("office_helpers:index", gettext_lazy("Acting for growers"))]

    def get_page_title(self) -> str:
        return str(self.officer)

    def dispatch(self, request: HttpRequest, pk: int) -> HttpResponse:
        if request.user.has_perms(self.needs):
            self.officer = self.find(_area_officers(), pk)
        return super().dispatch(request, pk)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        chosen = AreaAssignment.objects.filter(user=self.officer).values_list(
            "commune", flat=True
        )
        return self.shown(AreaForm(initial={"communes": list(chosen)}))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = AreaForm(request.POST)
        if not form.is_valid():
            return self.shown(form, status=422)
        actions.set_area(
            user=self.officer,
            commune_ids={commune.pk for commune in form.cleaned_data["communes"]},
            actor=request.user,
        )
        messages.success(request, _("The communes were saved."))
        return redirect("office_helpers:index")

    def shown(self, form: AreaForm, status: int = 200) -> HttpResponse:
        return self.render_to_response(
            self.get_context_data(form=form, officer=self.officer), status=status
        )
