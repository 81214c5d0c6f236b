from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from wagtail.users.apps import WagtailUsersAppConfig


class AccountsConfig(AppConfig):
    name = "marketplace.accounts"
    label = "accounts"
    verbose_name = _("Accounts")
    default_auto_field = "django.db.models.BigAutoField"
    default = True

    def ready(self) -> None:
        from marketplace.accounts import history, signals  # noqa: F401  connects its receivers
        from marketplace.platform import audit

        audit.declare(history.ACTIONS)


class StaffUsersConfig(WagtailUsersAppConfig):
    """Wagtail's pages for users, with our fields in place of a user name and a password."""

    user_viewset = "marketplace.accounts.staff_users.StaffUserViewSet"
