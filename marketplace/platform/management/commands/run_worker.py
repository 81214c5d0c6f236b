import asyncio
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db.models import Q
from django.db.models.functions import Now
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

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

        queues = options["queues"] or None

        async def run() -> None:
            async with app.open_async():
                await app.run_worker_async(
                    queues=queues,
                    concurrency=options["concurrency"],
                    wait=not options["once"],
                    # A mail or a picture takes seconds; what takes longer starts again.
                    shutdown_graceful_timeout=20,
                )

        while True:
            with app.replace_connector(WorkerConnector()):
                asyncio.run(run())
            # The last job may have asked for another while the worker was closing.
            if not options["once"] or not _is_left(queues):
                return


def _is_left(queues: list[str] | None) -> bool:
    jobs = ProcrastinateJob.objects.filter(status="todo").filter(
        Q(scheduled_at=None) | Q(scheduled_at__lte=Now())
    )
    return (jobs.filter(queue_name__in=queues) if queues else jobs).exists()
