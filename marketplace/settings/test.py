"""For the test suite: as development, with quick password hashes and no compression."""

import os

from marketplace.settings import embedded
from marketplace.settings.development import *  # noqa: F403
from marketplace.settings.development import DATABASES, IS_EMBEDDED, STORAGES, VAR_DIR

#: Sets apart what several runs at once would share.
SUFFIX = os.environ.get("TEST_DB_SUFFIX", "")
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")

DATABASES["default"]["CONN_MAX_AGE"] = 0
DATABASES["default"]["TEST"] = {
    "NAME": "test_ocop" + SUFFIX,
    "TEMPLATE": embedded.TEMPLATE if IS_EMBEDDED else None,
}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
MEDIA_ROOT = VAR_DIR / f"test-media{SUFFIX}{WORKER}"
PRIVATE_ROOT = MEDIA_ROOT / "private"
STORAGES = {
    "default": {**STORAGES["default"], "OPTIONS": {"location": PRIVATE_ROOT}},
    "renditions": {
        **STORAGES["renditions"],
        "OPTIONS": {**STORAGES["renditions"]["OPTIONS"], "location": MEDIA_ROOT / "public"},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "test"},
    "pages": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "pages"},
}
PUBLIC_PAGES_ARE_STRICT = True
# No worker runs beside the tests; what they do not look at is done at once.
TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
# pytest shows what is logged.
LOGGING_CONFIG = None
