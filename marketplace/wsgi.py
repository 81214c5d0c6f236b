"""The WSGI callable that gunicorn serves."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.settings.production")
application = get_wsgi_application()
# What is loaded now stays: the collector need not look through it again for garbage.
gc.collect()
gc.freeze()
