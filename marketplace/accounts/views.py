"""A customer's own pages."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from marketplace.accounts import second_factor
from marketplace.accounts.forms import DetailsForm
from marketplace.accounts.menu import account_menu
from marketplace.accounts.panels import registered


@never_cache
@login_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Who I am, what apps above have to show, and the ways on."""
    parts = []
    for panel in registered():
        values = panel.context(request)
        if values is not None:
            html = render_to_string(panel.template, values, request)
            parts.append({"label": panel.label, "url": panel.url, "html": html})
    return render(
        request,
        "account/home.html",
        {
            "account_menu": account_menu(request),
            "parts": parts,
            "has_second_factor": second_factor.is_set_up(request.user),
            "desk_url": reverse("wagtailadmin_home") if request.user.works_here else "",
        },
    )


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def details(request: HttpRequest) -> HttpResponse:
    """Change name, phone and language."""
    form = DetailsForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Your details are saved."))
        return redirect("account_home")
    return render(
        request, "account/details.html", {"account_menu": account_menu(request), "form": form}
    )
