"""What every test shares: the embedded PostgreSQL, a blocked network, a clean cache."""

import pytest
from django.core.cache import caches


@pytest.fixture(autouse=True)
def _clean_caches():
    """Pages cached by one test must not answer another."""
    yield
    for cache in caches.all():
        cache.clear()
