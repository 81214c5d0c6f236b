"""Addresses of prepared pictures; in production the web server answers them from the folder."""

from django.urls import path

from marketplace.media import views

app_name = "media"
urlpatterns = [path("media/renditions/<path:name>", views.rendition, name="rendition")]
