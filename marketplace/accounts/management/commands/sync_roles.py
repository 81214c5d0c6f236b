"""Give every role exactly the permissions of the table in ``accounts/roles.py``."""

from django.core.management.base import BaseCommand, CommandError

from marketplace.accounts.roles import UnknownPermission, sync_roles


class Command(BaseCommand):
    help = "Make the groups of roles hold exactly the permissions of the table; safe to repeat."

    def handle(self, *args: object, **options: object) -> None:
        try:
            changes = sync_roles()
        except UnknownPermission as error:
            raise CommandError(str(error)) from None
        for role, changed in changes.items():
            self.stdout.write(f"{role}: {changed} changed" if changed else f"{role}: as it was")
