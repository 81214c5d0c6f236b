"""How a worker reaches the database."""

from __future__ import annotations

from procrastinate.connector import BaseConnector
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.utils import connector_params
from procrastinate.psycopg_connector import PsycopgConnector


class WorkerConnector(PsycopgConnector):
    """A pool for the worker's own needs; Django's connection for what tasks enqueue.

    Procrastinate's own worker would enqueue on the pool, and a task's follow-up would leave
    although the task's transaction was rolled back, or start before it was committed.
    """

    def __init__(self) -> None:
        super().__init__(kwargs=connector_params(), min_size=1, max_size=4)

    def get_sync_connector(self) -> BaseConnector:
        """The connection of the thread that asks."""
        return DjangoConnector()
