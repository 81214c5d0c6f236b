"""Addresses for whoever runs the servers."""

from django.urls import path

from marketplace.platform import health

app_name = "platform"

urlpatterns = [
    path("health/live", health.live, name="live"),
    path("health/ready", health.ready, name="ready"),
]
