"""``bin/demo`` says in one line what is wrong, before it has done anything."""

import fcntl
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def checkout(tmp_path):
    """A checkout with nothing in it but the commands and what they read."""
    shutil.copytree(ROOT / "bin", tmp_path / "bin")
    for name in ("requirements.txt", "requirements-dev.txt"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def run(checkout, *arguments, python=sys.executable, **variables):
    return subprocess.run(
        [python, checkout / "bin" / "demo", *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, **variables},
        timeout=60,
        check=False,
    )


def only_line(finished):
    assert finished.returncode == 1
    (line,) = finished.stderr.strip().splitlines()
    return line


def test_port_taken(checkout):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        line = only_line(run(checkout, "--port", str(port)))
    assert line.startswith(f"demo: port {port} cannot be used (Address already in use).")
    assert not (checkout / ".venv").exists()


@pytest.mark.parametrize("port", ["0", "-1", "65536"])
def test_port_that_is_none(checkout, port):
    assert only_line(run(checkout, "--port", port)).startswith("demo: a port is a number from 1")


def test_another_copy_is_running(checkout):
    (checkout / "var").mkdir()
    with (checkout / "var" / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write("4711")
        lock.flush()
        line = only_line(run(checkout))
    assert line == (
        "demo: another copy is already running here (process 4711). Stop it with Ctrl-C first."
    )


def test_nothing_installed(checkout):
    line = only_line(run(checkout, "--no-install", "--port", str(free_port())))
    assert line == "demo: nothing is installed yet. Run it without --no-install."


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment(checkout, code):
    """Run code against ``bin/environment.py`` of the checkout."""
    return subprocess.run(
        [sys.executable, "-c", f"import sys; sys.argv[0] = 'demo'; import environment; {code}"],
        cwd=checkout / "bin",
        capture_output=True,
        text=True,
        check=False,
    )


def test_python_too_old(checkout):
    old = environment(checkout, "environment.OLDEST = (99, 0); environment.check_python()")
    assert only_line(old).startswith("demo: needs Python 99.0 or newer, this is 3.")


def test_disk_full(checkout):
    full = environment(checkout, "environment.check_room(10**18)")
    assert only_line(full).startswith("demo: needs 953674316406 MB of free disk space, ")


def test_half_finished_install_is_noticed(checkout):
    (checkout / ".venv" / "bin").mkdir(parents=True)
    (checkout / ".venv" / "bin" / "python").touch()
    asked = environment(
        checkout,
        "print(environment.is_installed('requirements.txt'), environment._venv_works())",
    )
    assert asked.stdout.split() == ["False", "False"]
