"""The password doors of Wagtail, Oscar and Django's admin: all lead to the one sign-in page.

Included before those packages' own addresses, so that these match first.
"""

import re

from django.urls import include, path, re_path

from marketplace.accounts import door_views

#: Names that Oscar's dashboard links to; the pages are ours.
oscar_names = ([path("", door_views.own_page, name="summary")], "customer")

urlpatterns = [
    path("dashboard/own-page/", include(oscar_names)),
    path("cms/login/", door_views.sign_in, {"desk": "/cms/"}),
    re_path(r"^cms/password_reset/", door_views.reset_password),
    path("django-admin/login/", door_views.sign_in, {"desk": "/django-admin/"}),
    path("django-admin/password_change/", door_views.change_password),
    path("django-admin/password_change/done/", door_views.change_password),
    path("dashboard/login/", door_views.sign_in, {"desk": "/dashboard/"}),
    # Wagtail's, for pages that only some may read.
    path("_util/login/", door_views.sign_in, {"desk": "/"}),
    path("en/_util/login/", door_views.sign_in, {"desk": "/en/"}),
    re_path(r"^dashboard/users/(?P<pk>-?\d+)/password-reset/$", door_views.reset_password),
]

_DOORS = re.compile(
    r"/(?:(?:cms|django-admin|dashboard)/login/|cms/password_reset/|django-admin/password_change/)"
)


def is_door(path_info: str) -> bool:
    """Whether this address only leads to the sign-in page and may be opened by anybody."""
    return _DOORS.match(path_info) is not None
