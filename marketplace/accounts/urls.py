"""Addresses of accounts, in the reader's language; the names are allauth's.

allauth's own list of addresses is English, so its views are listed here one by one. Views of
ways to sign in that are off (codes by SMS or mail, passkeys) have no address. Views that write
rows which the audit tells of are one transaction.
"""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from django.db import transaction
from django.urls import include, path, re_path
from django.utils.translation import gettext_lazy as _

from marketplace.accounts import views

password_reset = [
    path("", account.password_reset, name="account_reset_password"),
    path(_("sent/"), account.password_reset_done, name="account_reset_password_done"),
    path(
        _("done/"),
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
]

second_factor = [
    path("", mfa.index, name="mfa_index"),
    path(_("code/"), mfa.authenticate, name="mfa_authenticate"),
    path(_("code-again/"), mfa.reauthenticate, name="mfa_reauthenticate"),
    path(_("set-up/"), transaction.atomic(totp.activate_totp), name="mfa_activate_totp"),
    path(_("take-away/"), transaction.atomic(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path(_("recovery-codes/"), recovery.view_recovery_codes, name="mfa_view_recovery_codes"),
    path(
        _("recovery-codes/new/"),
        transaction.atomic(recovery.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path(
        _("recovery-codes/download/"),
        recovery.download_recovery_codes,
        name="mfa_download_recovery_codes",
    ),
]

own_pages = [
    path("", views.home, name="account_home"),
    path(_("details/"), views.details, name="account_details"),
    path(_("sign-in/"), account.login, name="account_login"),
    path(_("sign-out/"), account.logout, name="account_logout"),
    path(_("register/"), account.signup, name="account_signup"),
    path(_("closed/"), account.account_inactive, name="account_inactive"),
    path(_("password-again/"), account.reauthenticate, name="account_reauthenticate"),
    path(_("e-mail/"), transaction.atomic(account.email), name="account_email"),
    path(
        _("confirm-e-mail/"),
        account.email_verification_sent,
        name="account_email_verification_sent",
    ),
    path(
        _("confirm-e-mail/"),
        include(
            [
                re_path(
                    r"^(?P<key>[-:\w]+)/$",
                    transaction.atomic(account.confirm_email),
                    name="account_confirm_email",
                )
            ]
        ),
    ),
    path(_("change-password/"), account.password_change, name="account_change_password"),
    path(_("set-password/"), account.password_set, name="account_set_password"),
    path(_("forgotten-password/"), include(password_reset)),
    path(_("second-factor/"), include(second_factor)),
]

urlpatterns = [path(_("account/"), include(own_pages))]
