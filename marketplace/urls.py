"""Joins the addresses of all apps, and nothing else."""

from django.urls import path

urlpatterns: list[path] = []
