"""Addresses of theme."""

urlpatterns: list = []
