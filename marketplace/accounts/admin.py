"""Accounts in Django's admin, for superusers."""

from django.contrib import admin

from marketplace.accounts.models import User


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    list_display = ("__str__", "email", "phone", "is_staff", "is_active", "date_joined")
    list_filter = ("is_staff", "is_active", "groups")
    search_fields = ("email", "phone", "first_name", "last_name")
    readonly_fields = ("password", "last_login", "date_joined")
    filter_horizontal = ("groups", "user_permissions")
