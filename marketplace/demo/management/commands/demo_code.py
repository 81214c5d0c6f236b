"""Print the second-factor code of a demo account, as its owner's phone would show it."""

from django.core.management.base import BaseCommand, CommandError, CommandParser

from marketplace.accounts import second_factor
from marketplace.accounts.models import User


class Command(BaseCommand):
    help = "Print the current second-factor code of a demo account."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: object, **options: str) -> None:
        try:
            user = User.objects.get_by_natural_key(options["email"])
        except User.DoesNotExist:
            raise CommandError(f"No account has the e-mail address {options['email']}.") from None
        code = second_factor.current_totp_code(user)
        if code is None:
            raise CommandError(f"{user} has no second factor; it is asked of staff only.")
        self.stdout.write(code)
