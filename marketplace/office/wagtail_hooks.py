"""Puts the office's desks into Wagtail's admin."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.utils.html import format_html
from wagtail import hooks
from wagtail.admin.viewsets.base import ViewSetGroup

from marketplace.office.panels import TodayPanel
from marketplace.office.viewsets import Market


@hooks.register("register_admin_viewset")
def register_market() -> ViewSetGroup:
    """Orders, calls, stock, listings, producers, rules."""
    return Market()


@hooks.register("construct_homepage_panels")
def add_today(request: HttpRequest, panels: list[Any]) -> None:
    """What waits, for whoever may do something about it."""
    panels.insert(0, TodayPanel(request.user))


@hooks.register("insert_global_admin_css")
def office_css() -> str:
    """Tables that can be read on a phone, and rows that are forms."""
    return format_html('<link rel="stylesheet" href="{}">', static("office/office.css"))
