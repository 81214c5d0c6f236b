"""What allauth is told about our accounts."""

import secrets
import unicodedata
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import DefaultMFAAdapter
from django import forms
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from marketplace.accounts import panels, queries, second_factor
from marketplace.accounts.fields import PhoneField
from marketplace.accounts.models import User
from marketplace.accounts.sessions import start_staff_session
from marketplace.kernel import clock
from marketplace.platform import outbox

#: As long as an address may be (RFC 5321), and as our columns are.
MAX_EMAIL = 254


class AccountAdapter(DefaultAccountAdapter):
    """Accounts without user names, entered by e-mail address or phone; mail by the outbox."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        # One sentence for whatever was wrong: neither says whether there is such an account.
        **dict.fromkeys(
            ("email_password_mismatch", "phone_password_mismatch", "username_password_mismatch"),
            _("The e-mail address or phone number and the password do not fit together."),
        ),
    }

    # --- Signing in -------------------------------------------------------------------

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Leave counting to ``guessing``: allauth counts in the cache, and phones as one."""

    def get_login_stages(self) -> list[str]:
        """allauth's, with a step for e-mail that lets accounts without an address pass."""
        ours = "marketplace.accounts.stages.EmailVerificationStage"
        theirs = "allauth.account.stages.EmailVerificationStage"
        return [ours if stage == theirs else stage for stage in super().get_login_stages()]

    def login(self, request: HttpRequest, user: User) -> None:
        """Sign in; staff for half an hour at a time."""
        super().login(request, user)
        if user.works_here:
            start_staff_session(request)

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Ask for the password again only where it was not typed just now."""
        if not super().is_reauthentication_required(app=app, **kwargs):
            return False
        records = get_authentication_records(self.request, self.request.user)
        latest = max((record["at"] for record in records), default=0)
        return clock.now().timestamp() - latest > settings.ACCOUNT_REAUTHENTICATION_TIMEOUT

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Staff to their desk, producers to theirs, everybody else to their own page."""
        if request.user.works_here:
            return reverse("wagtailadmin_home")
        return panels.landing_of(request.user) or reverse("account_home")

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        return self.get_login_redirect_url(request)

    def get_logout_redirect_url(self, request: HttpRequest) -> str:
        """Home, in the language that the person was reading."""
        return f"/{get_language()}/" if get_language() != settings.LANGUAGE_CODE else "/"

    # --- E-mail address and phone -----------------------------------------------------

    def clean_email(self, email: str) -> str:
        """The address in lower case; refuses what is too long and what cannot be seen."""
        address = User.objects.normalize_email(email) or ""
        if len(address) > MAX_EMAIL or any(
            unicodedata.category(char).startswith("C") for char in address
        ):
            raise ValidationError(_("This e-mail address is not right."), code="invalid")
        return address

    def can_delete_email(self, email_address: EmailAddress) -> bool:
        """Never the address that an account without a phone lives by."""
        if email_address.primary and not email_address.user.phone:
            return False
        return super().can_delete_email(email_address)

    def phone_form_field(self, **kwargs: Any) -> forms.Field:
        return PhoneField(**kwargs)

    def get_phone(self, user: User) -> tuple[str, bool] | None:
        return (user.phone, user.phone_confirmed_at is not None) if user.phone else None

    def get_user_by_phone(self, phone: str) -> User | None:
        return queries.account_by_phone(phone)

    def set_phone(self, user: User, phone: str, verified: bool) -> None:
        user.phone = phone
        user.phone_confirmed_at = clock.now() if verified else None
        user.save(update_fields=["phone", "phone_confirmed_at"])

    def set_phone_verified(self, user: User, phone: str) -> None:
        self.set_phone(user, phone, verified=True)

    # --- Mail -------------------------------------------------------------------------

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """As allauth does, and say whose language to write in."""
        super().send_notification_mail(
            template_prefix, user, {**(context or {}), "user": user}, email
        )

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Hand the mail to the outbox, in the language of whoever it goes to.

        allauth's ``account/email/password_reset_key`` is our ``account/password_reset_key``.
        """
        user = context.get("user") or queries.account_by_email(email)
        if isinstance(user, AnonymousUser):
            user = None
        outbox.send_mail(
            template="account/" + template_prefix.rsplit("/", 1)[-1],
            to=email,
            language=user.language if user else get_language() or settings.LANGUAGE_CODE,
            context={
                "name": str(user.get_full_name()) if user else "",
                "email": email,
                **{
                    key: value
                    for key, value in context.items()
                    if key.endswith("_url") or key in ("from_email", "to_email", "deleted_email")
                },
            },
            # Each is wanted: allauth has limited how often one may be asked for.
            dedupe_key=f"account:{secrets.token_hex(16)}",
        )


class SecondFactorAdapter(DefaultMFAAdapter):
    """Secrets are sealed in the database; staff cannot do without a second factor."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "add_email_blocked": _(
            "With a second factor the address cannot be changed here. If you work here, ask a"
            " colleague of the operator to enter the new one, and confirm it by the mail that you"
            " get. If not, take the second factor away, change the address and set it up again."
        ),
        "cannot_delete_authenticator": _(
            "Staff need a second factor. Whoever has a new phone asks a colleague of the operator."
        ),
    }

    def encrypt(self, text: str) -> str:
        return second_factor.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return second_factor.unseal(encrypted_text)

    def can_delete_authenticator(self, authenticator: Any) -> bool:
        return not authenticator.user.works_here
