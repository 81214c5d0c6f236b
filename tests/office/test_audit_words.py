"""Histories name every value in the reader's language, and say what it means."""

import ast
from datetime import date
from pathlib import Path

import pytest
from django.utils.translation import override

from marketplace.kernel import clock
from marketplace.office.audit_words import NAMES, Words
from marketplace.platform import audit
from tests.factories.accounts import make_staff
from tests.factories.catalogue import make_producer
from tests.office.english import english_in

ROOT = Path(__file__).parents[2]
#: Functions that make what an entry keeps.
_MAKERS = ("_told", "_verification", "_pause")


def _names(tree: ast.AST) -> set[str]:
    return {
        key.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Dict)
        for key in node.keys
        if isinstance(key, ast.Constant)
    }


def names_in_use() -> set[str]:
    """Names of values in calls of the audit, and in the functions that make them."""
    found = set()
    paths = [*(ROOT / "marketplace").rglob("*.py"), *(ROOT / "catalogue").glob("*.py")]
    for path in paths:
        text = path.read_text(encoding="utf-8")
        if "audit.record(" not in text and "audit.entry(" not in text:
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in (
                "record", "entry",
            ):
                for given in node.keywords:
                    if given.arg in ("before", "after"):
                        found |= _names(given.value)
            elif isinstance(node, ast.FunctionDef) and node.name in _MAKERS:
                found |= _names(node)
    return found


def test_every_name_that_is_written_has_words():
    found = names_in_use()
    assert {"amount", "state", "from"} <= found
    assert not found - NAMES.keys(), "name them in office/audit_words.py"


@pytest.mark.parametrize("name", sorted(NAMES))
def test_the_words_are_vietnamese(name):
    with override("vi"):
        assert not english_in(f"<p>{NAMES[name]}</p>")


def test_columns_choices_days_and_people_are_told_in_words(db):
    officer = make_staff()
    grower = make_producer("Vườn Cũ", kind="household")
    entry = audit.record(
        action="producer.changed", actor=officer, target=grower,
        before={"kind": "household", "commune_id": grower.commune_id, "paused_from": None},
        after={"kind": "cooperative", "verified_at": clock.now().isoformat(),
               "paused_from": date(2026, 12, 1), "unit.7.net_weight_g": 500,
               "answers_on_zalo": True},
    )
    entry.refresh_from_db()
    with override("vi"):
        words = Words([entry])
        assert words.name(entry, "kind") == "Loại"
        assert words.value(entry, "kind", "cooperative") == "Hợp tác xã"
        assert words.value(entry, "commune_id", grower.commune_id) == str(grower.commune)
        assert words.value(entry, "commune_id", 999_999) == "#999999"
        assert words.value(entry, "paused_from", "2026-12-01") == "01/12/2026"
        assert words.value(entry, "paused_from", None) == "–"
        assert words.value(entry, "answers_on_zalo", True) == "có"
        assert not english_in(words.name(entry, "unit.7.net_weight_g"))
        assert words.value(entry, "amount", "25000") == "25.000\xa0₫"
