import asyncio
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from procrastinate.contrib.django import app

from marketplace.platform.worker import WorkerConnector


class Command(BaseCommand):
    """Runs jobs until it is told to stop (SIGTERM, Ctrl-C); then finishes those under way.

    Gives a sign of life every 10 seconds, which /health/ready looks for. Any number of workers
    may run, on any number of hosts.
    """

    help = "Run the jobs of the queue: mails, indexing, pictures, housekeeping."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which queues, how many jobs at a time, until when."""
        parser.add_argument("--queues", nargs="*", help="Only these queues; all when left out.")
        parser.add_argument(
            "--concurrency", type=int, default=2, help="Jobs at a time, each in a thread."
        )
        parser.add_argument(
            "--once", action="store_true", help="Stop when nothing is left to be done."
        )

    def handle(self, **options: Any) -> None:
        """Run until stopped."""

        async def run() -> None:
            async with app.open_async():
                await app.run_worker_async(
                    queues=options["queues"] or None,
                    concurrency=options["concurrency"],
                    wait=not options["once"],
                    # A mail or a picture takes seconds; what takes longer starts again.
                    shutdown_graceful_timeout=20,
                )

        with app.replace_connector(WorkerConnector()):
            asyncio.run(run())
