"""The ceiling: a bare Django view behind the standard eight middlewares whose 30 KB page comes
out of the same cache. Everything else is measured as a share of it."""

import os

import django
from django.conf import settings
from django.core.cache import cache
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

PAGE = b"<!doctype html><title>x</title>" + b"<p>Trang.</p>" * 2400

settings.configure(
    ALLOWED_HOSTS=["*"],
    SECRET_KEY="only-for-measuring",
    ROOT_URLCONF=__name__,
    CACHES={
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": os.environ["CACHE_URL"],
        }
        if os.environ.get("CACHE_URL", "").startswith("redis")
        else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    },
    INSTALLED_APPS=[
        "django.contrib.contenttypes", "django.contrib.auth", "django.contrib.sessions",
        "django.contrib.messages",
    ],
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.locale.LocaleMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
)
django.setup()


def page(request: HttpRequest) -> HttpResponse:
    """The page, out of the cache."""
    body = cache.get("ceiling")
    if body is None:
        body = PAGE
        cache.set("ceiling", body)
    return HttpResponse(body)


urlpatterns = [path("", page)]
application = get_wsgi_application()
