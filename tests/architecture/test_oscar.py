"""What stands in for Oscar's parts is found, and what was copied from it stays as it was."""

from pathlib import Path

import oscar.apps.catalogue
import pytest
from oscar.core.loading import get_class

from marketplace.class_loader import OVERRIDES

ROOT = Path(__file__).resolve().parents[2]
COPIED = sorted(
    path for path in (ROOT / "catalogue" / "migrations").glob("0*.py") if path.name[0] == "0"
)


@pytest.mark.parametrize(("label", "name"), sorted(OVERRIDES))
def test_oscar_finds_our_class(label, name):
    found = get_class(label, name)
    assert f"{found.__module__}.{found.__name__}" == OVERRIDES[label, name]


@pytest.mark.parametrize("name", ["FacetedSearchView", "CatalogueView", "ProductCategoryView"])
def test_search_views_are_ours(name):
    assert get_class("search.views", name).__module__ == "search.views"


def test_haystack_is_not_imported():
    import sys

    assert "haystack" not in sys.modules


@pytest.mark.parametrize("path", COPIED, ids=lambda path: path.stem)
def test_copied_migration_keeps_its_bytes(path):
    original = Path(oscar.apps.catalogue.__file__).parent / "migrations" / path.name
    assert path.read_bytes() == original.read_bytes()


def test_all_of_oscars_migrations_are_copied():
    theirs = Path(oscar.apps.catalogue.__file__).parent / "migrations"
    assert {path.name for path in COPIED} == {path.name for path in theirs.glob("0*")}
