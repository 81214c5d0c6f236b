"""What every test shares: the embedded PostgreSQL, a blocked network, clean caches, two tiers."""

import os
import shutil

import pytest
from django.core.cache import caches


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--full`` adds what the suite only samples: every width, language and count."""
    parser.addoption("--full", action="store_true", help="every width, language and count")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is only for ``--full``; skip loudly what this machine cannot run."""
    if not config.getoption("--full"):
        full = [item for item in items if item.get_closest_marker("full")]
        config.hook.pytest_deselected(items=full)
        items[:] = [item for item in items if item not in full]
    if not (shutil.which("chromium") and shutil.which("chromedriver")):
        browserless = pytest.mark.skip(reason="BROWSER TESTS NOT RUN: chromium is not installed")
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(browserless)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """In CI nothing may skip: what is not run is not known to work."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    if os.environ.get("NO_SKIPS") and skipped:
        reporter.write_line(f"NO_SKIPS is set, yet {len(skipped)} tests were skipped.", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(autouse=True)
def _clean_caches():
    """Pages cached by one test must not answer another."""
    yield
    for cache in caches.all():
        cache.clear()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Tests with real transactions leave the database as it was after migrating."""
    from tests import clean_database

    with django_db_blocker.unblock():
        clean_database.remember()
    with pytest.MonkeyPatch.context() as patch:
        clean_database.use(patch)
        yield
