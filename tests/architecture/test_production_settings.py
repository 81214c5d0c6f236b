"""Production starts only when it has been told everything, and says what it has not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COMPLETE = {
    "SECRET_KEY": "k" * 60,
    "ALLOWED_HOSTS": "shop.example",
    "DATABASE_URL": "postgres://checker@127.0.0.1:1/none",
    "EMAIL_URL": "smtp://127.0.0.1:25",
    "DEFAULT_FROM_EMAIL": "shop@shop.example",
    "SITE_URL": "https://shop.example",
}


def start(variables):
    """Import the production settings in a process of its own, with only these variables."""
    return subprocess.run(
        [sys.executable, "-c", "import marketplace.settings.production"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_starts_with_everything():
    assert start(COMPLETE).returncode == 0


@pytest.mark.parametrize("name", sorted(COMPLETE))
def test_refuses_without(name):
    without = {key: value for key, value in COMPLETE.items() if key != name}
    for variables in (without, {**without, name: ""}):
        refused = start(variables)
        assert refused.returncode != 0
        assert refused.stderr.strip().endswith(f"missing or empty: {name}")


def test_names_everything_that_is_missing():
    assert start({}).stderr.strip().endswith(
        "SECRET_KEY, ALLOWED_HOSTS, DATABASE_URL, EMAIL_URL, DEFAULT_FROM_EMAIL, SITE_URL"
    )
