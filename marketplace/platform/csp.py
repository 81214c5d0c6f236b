"""The content security policies, for the settings.

The public site runs no inline script and no inline style, so a script stored in a text cannot
run. The staff's admins are looser because their own pages need it; they are reached only with
a second factor.
"""

from __future__ import annotations

from csp.constants import NONE, SELF, UNSAFE_INLINE

PUBLIC: dict[str, list[str]] = {
    "default-src": [NONE],
    "script-src": [SELF],
    "style-src": [SELF],
    "img-src": [SELF, "data:"],
    "font-src": [SELF],
    "connect-src": [SELF],
    "manifest-src": [SELF],
    "media-src": [SELF],
    "form-action": [SELF],
    "base-uri": [NONE],
    "frame-ancestors": [NONE],
    "object-src": [NONE],
}

ADMIN: dict[str, list[str]] = {
    **PUBLIC,
    "script-src": [SELF, UNSAFE_INLINE],
    "style-src": [SELF, UNSAFE_INLINE],
    "img-src": [SELF, "data:", "blob:"],
    # Previews are shown in a frame of the same site.
    "frame-src": [SELF],
    "frame-ancestors": [SELF],
    "worker-src": [SELF, "blob:"],
    "base-uri": [SELF],
}

CONTENT_SECURITY_POLICY = {"DIRECTIVES": PUBLIC}
#: A policy for each part of the site that is not public, by the beginning of the path.
CSP_BY_PREFIX = {"/cms/": ADMIN, "/django-admin/": ADMIN, "/dashboard/": ADMIN}
