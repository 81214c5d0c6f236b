"""The sample pages, on a development machine only."""

from django.urls import path

from theme import views

urlpatterns = [
    path("", views.sample_page, name="samples"),
    path("<slug:name>/", views.sample_whole_page, name="sample_page"),
]
