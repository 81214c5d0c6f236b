"""Bring the demo province up and keep it up: what ``bin/demo`` runs once packages are there.

Database, migrations, demo data, static files, web server, task worker, in this order; each
long step shows how far it is. Ctrl-C stops what was started here, and only that.
"""

import argparse
import os
import signal
import subprocess
import sys
import time
import tomllib
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import django
from rich.console import Console

ROOT = Path(__file__).resolve().parents[2]
console = Console(highlight=False)


class Stopped(Exception):
    """Somebody asked us to end, or a child ended by itself."""


def main() -> int:
    """Serve until Ctrl-C; 0 when asked to stop, 1 when something could not start."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--reset", action="store_true")
    options = parser.parse_args()
    # Explicitly: a shell that starts this in the background has SIGINT ignored.
    for stopping in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(stopping, _stop)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.settings.development")
    os.environ.setdefault("SITE_URL", f"http://127.0.0.1:{options.port}")
    children: list[subprocess.Popen] = []
    started = time.monotonic()
    try:
        step("Starting the database", lambda: django.setup())
        if options.reset:
            step("Throwing the old data away", reset)
        prepare()
        children = start_children(options.port)
        step("Waiting until the site is ready", lambda: wait_until_ready(options.port, children))
        announce(options.port, time.monotonic() - started)
        watch(children)
    except (KeyboardInterrupt, Stopped) as reason:
        if str(reason):
            console.print(f"[red]{reason}[/red]")
            return 1
        return 0
    finally:
        end(children)
    return 0


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise Stopped


def step(title: str, work: Callable[[], object]) -> None:
    """Do one thing, saying so before and how long it took after."""
    began = time.monotonic()
    if console.is_terminal:
        with console.status(f"{title} ..."):
            work()
    else:
        console.print(f"{title} ...")
        work()
    console.print(f"[green]✓[/green] {title} ({time.monotonic() - began:.1f} s)")


def reset() -> None:
    """Drop the embedded database and every picture made for it; other servers are not ours."""
    import shutil

    from django.conf import settings
    from django.db import connection

    from marketplace.settings import embedded

    if not settings.IS_EMBEDDED:
        raise Stopped("--reset only empties the embedded database; DATABASE_URL names another.")
    connection.close()
    embedded.recreate(settings.VAR_DIR / "postgres")
    for folder in ("media", "private"):
        shutil.rmtree(settings.VAR_DIR / folder, ignore_errors=True)


def prepare() -> None:
    """Migrate, load what is not loaded, collect the static files; quick when all is done."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        step("Migrating the database", lambda: call_command("migrate", verbosity=0))
    call_command("load_demo")
    if not static_files_are_fresh():
        step(
            "Collecting static files",
            lambda: call_command("collectstatic", interactive=False, verbosity=0),
        )
        _static_stamp().touch()


def _static_stamp() -> Path:
    from django.conf import settings

    return Path(settings.STATIC_ROOT) / ".collected"


def static_files_are_fresh() -> bool:
    """Whether nothing of ours, nor an installed package, changed since the last collecting."""
    stamp = _static_stamp()
    if not stamp.exists():
        return False
    sources = [ROOT / "requirements.txt"]
    for pattern in ("*/static/**/*", "marketplace/*/static/**/*"):
        sources += (path for path in ROOT.glob(pattern) if path.parts[len(ROOT.parts)] != "var")
    return max(path.stat().st_mtime for path in sources) < stamp.stat().st_mtime


def start_children(port: int) -> list[subprocess.Popen]:
    """Start web server and task worker in process groups of their own, so that Ctrl-C reaches
    them through us alone."""
    web = [
        sys.executable, "-m", "gunicorn", "marketplace.wsgi:application",
        "--bind", f"127.0.0.1:{port}", "--workers", "2", "--threads", "4",
        "--no-control-socket", "--log-level", "warning", "--graceful-timeout", "5",
    ]
    worker = [sys.executable, "manage.py", "run_worker"]
    # What the worker does each minute would bury what was announced.
    env = {"LOG_LEVEL": "WARNING", **os.environ}
    return [
        subprocess.Popen(command, cwd=ROOT, env=env, start_new_session=True)
        for command in (web, worker)
    ]


def wait_until_ready(port: int, children: list[subprocess.Popen], patience_s: float = 90) -> None:
    """Ask ``/health/ready`` until it answers 200; stop when a child dies or nothing comes."""
    address = f"http://127.0.0.1:{port}/health/ready"
    deadline = time.monotonic() + patience_s
    answer = "no answer"
    while time.monotonic() < deadline:
        check_alive(children)
        try:
            with urllib.request.urlopen(address, timeout=5):  # noqa: S310 - our own server
                return
        except urllib.error.HTTPError as error:
            answer = error.read(500).decode(errors="replace")
        except OSError as error:
            answer = str(error)
        time.sleep(0.2)
    raise Stopped(f"The site did not become ready within {patience_s:.0f} s: {answer}")


def check_alive(children: list[subprocess.Popen]) -> None:
    """Raise when a child has ended."""
    for child in children:
        if child.poll() is not None:
            raise Stopped(f"{Path(child.args[-1]).name} ended with code {child.returncode}.")


def watch(children: list[subprocess.Popen]) -> None:
    """Stand by until somebody stops us or a child dies."""
    while True:
        check_alive(children)
        time.sleep(0.5)


def announce(port: int, seconds: float) -> None:
    """Say where the site is, who can sign in, where mail is read."""
    address = f"http://127.0.0.1:{port}"
    console.print(f"\nĐất Sen is ready after {seconds:.0f} s:  [bold]{address}/[/bold]\n")
    content = Path(__file__).parent / "content" / "accounts.toml"
    for account in tomllib.loads(content.read_text(encoding="utf-8"))["account"]:
        console.print(
            f"  {account['role']:<18} {account['email']:<36} {account['password']}", soft_wrap=True
        )
    console.print(
        "\n  Staff need a code as well:  .venv/bin/python manage.py demo_code EMAIL"
        f"\n  E-mails that the site sent:  {address}/demo/mail/"
        "\n\nCtrl-C stops everything; the data stay.",
        soft_wrap=True,
    )


def end(children: list[subprocess.Popen]) -> None:
    """Ask the children to finish, wait, and insist if they do not."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for child in children:
        if child.poll() is None:
            child.terminate()
    for child in children:
        try:
            child.wait(timeout=15)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)


if __name__ == "__main__":
    raise SystemExit(main())
