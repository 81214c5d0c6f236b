"""Development settings behind gunicorn; UNCACHED=1 takes the cache of whole pages away."""

import os

from marketplace.settings.development import *  # noqa: F403
from marketplace.settings.development import MIDDLEWARE

ROOT_URLCONF = "marketplace.urls"
if os.environ.get("UNCACHED"):
    MIDDLEWARE = [name for name in MIDDLEWARE if not name.endswith(".PublicPageCache")]
