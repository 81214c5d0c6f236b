"""The backend that ``settings.database`` names; see ``marketplace.platform.statements``."""

from __future__ import annotations

import select
from typing import Any

from django.db.backends.postgresql import base

#: On each connection; a plan takes some ten kilobytes of the server's memory.
PLANS_KEPT = 500


class DatabaseWrapper(base.DatabaseWrapper):
    """One connection. ``plans_once`` says how the next cursor sends its statements.

    Django puts the values into the text of a statement, so that the server plans each anew. While
    ``plans_once`` is true they go apart from it: psycopg prepares what comes again, and the
    server keeps its plan.
    """

    plans_once = False

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """A connection that keeps as many plans as the pages of buyers have statements."""
        connection = super().get_new_connection(conn_params)
        connection.prepared_max = PLANS_KEPT
        return connection

    def create_cursor(self, name: str | None = None) -> Any:
        """A cursor of Django's; a named one as ever."""
        if name or not self.plans_once:
            return super().create_cursor(name)
        factory = self.connection.cursor_factory
        self.connection.cursor_factory = base.ServerBindingCursor
        try:
            return super().create_cursor()
        finally:
            self.connection.cursor_factory = factory

    def is_usable(self) -> bool:
        """Whether the connection still stands.

        Nobody has asked anything, so that the server has nothing to say but farewell: only when
        something can be read is it asked. A server that is stopped or killed closes its sockets.
        """
        if self.connection is None or self.connection.closed:
            return False
        socket = select.poll()
        socket.register(self.connection.fileno(), select.POLLIN)
        return not socket.poll(0) or super().is_usable()
