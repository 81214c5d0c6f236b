"""Message catalogues without GNU gettext: compile them, and check that they are complete.

``python -m theme.catalogues`` writes each ``.mo`` that is older than its ``.po``;
``--check`` reads every template and module instead and fails on a message that has no
Vietnamese. English needs no catalogue: the messages in the code are English.

``theme/locale`` holds our own messages, ``theme/locale_foreign`` those of the packages below
that come without Vietnamese; so that an upgrade which brings new ones fails the check.
"""

import re
import sys
from importlib import import_module
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parents[1]
CATALOGUES = sorted((ROOT / "theme").glob("locale*/*/LC_MESSAGES/*.po"))
SOURCES = ("marketplace", "catalogue", "cms", "search", "theme")

#: Packages whose words our staff read in /cms/.
FOREIGN = (
    "wagtail",
    "wagtail.admin",
    "wagtail.contrib.redirects",
    "wagtail.contrib.settings",
    "wagtail.documents",
    "wagtail.embeds",
    "wagtail.images",
    "wagtail.search",
    "wagtail.sites",
    "wagtail.snippets",
    "wagtail.users",
    "wagtail_localize",
    "wagtail_localize.locales",
)


def compile_changed() -> None:
    """Write the ``.mo`` beside each ``.po`` that changed after it."""
    for path in CATALOGUES:
        compiled = path.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime < path.stat().st_mtime:
            polib.pofile(str(path)).save_as_mofile(str(compiled))


def messages_in_use() -> dict[tuple[str | None, str], str]:
    """Every (context, message) of the project's own code and templates, and one place of it."""
    from django.utils.translation.template import templatize

    found: dict[tuple[str | None, str], str] = {}
    for source in SOURCES:
        for path in sorted((ROOT / source).rglob("*")):
            if "migrations" in path.parts or path.suffix not in {".py", ".html", ".txt"}:
                continue
            text = path.read_text(encoding="utf-8")
            if path.suffix != ".py":
                if "{%" not in text:
                    continue
                # What stood between the tags is blanked out; only its indentation could confuse.
                text = "\n".join(
                    line.lstrip() for line in templatize(text, origin=str(path)).splitlines()
                )
            for key in _messages(text):
                found.setdefault(key, str(path.relative_to(ROOT)))
    return found


def _messages(code: str) -> list[tuple[str | None, str]]:
    """The messages that xgettext would find in Python (or templatised) code."""
    from io import BytesIO

    from babel.messages.extract import extract

    keywords = {
        "_": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None,
        "ngettext": (1, 2), "ngettext_lazy": (1, 2), "_n": (1, 2),
        "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2),
        "npgettext": ((1, "c"), 2, 3), "npgettext_lazy": ((1, "c"), 2, 3),
    }
    keys: list[tuple[str | None, str]] = []
    for _line, message, _comments, context in extract(
        "python", BytesIO(code.encode()), keywords=keywords, options={"encoding": "utf-8"}
    ):
        first = message[0] if isinstance(message, tuple) else message
        if first:
            keys.append((context, first))
    return keys


def problems() -> list[str]:
    """What is missing or broken in the Vietnamese catalogue, a line each."""
    catalogue = polib.pofile(str(ROOT / "theme/locale/vi/LC_MESSAGES/django.po"))
    entries = {(entry.msgctxt, entry.msgid): entry for entry in catalogue if not entry.obsolete}
    lines = []
    for (context, message), place in messages_in_use().items():
        entry = entries.get((context, message))
        if entry is None or not entry.translated():
            lines.append(f"{place}: no Vietnamese for {message!r}")
            continue
        for translation in [entry.msgstr, *entry.msgstr_plural.values()]:
            if translation and _placeholders(message) - _placeholders(translation):
                lines.append(f"{place}: placeholders differ in {message!r}")
    return lines


def foreign_problems() -> list[str]:
    """What the packages' English catalogues have and no Vietnamese one, a line each."""
    lines = []
    for domain in ("django", "djangojs"):
        ours = _translated(
            *(ROOT / "theme" / shelf / f"vi/LC_MESSAGES/{domain}.po"
              for shelf in ("locale", "locale_foreign"))
        )  # fmt: skip
        for package in FOREIGN:
            folder = Path(import_module(package).__file__).parent / "locale"
            english = folder / f"en/LC_MESSAGES/{domain}.po"
            if not english.exists():
                continue
            theirs = _translated(folder / f"vi/LC_MESSAGES/{domain}.po")
            for entry in polib.pofile(str(english)):
                key = (entry.msgctxt, entry.msgid)
                translations = ours.get(key) or theirs.get(key)
                if translations is None:
                    lines.append(f"{package} ({domain}): no Vietnamese for {entry.msgid!r}")
                elif any(
                    _placeholders(entry.msgid) - _placeholders(text) for text in translations
                ):
                    lines.append(f"{package} ({domain}): placeholders differ in {entry.msgid!r}")
    return lines


def _translated(*paths: Path) -> dict[tuple[str | None, str], list[str]]:
    """The translations of each message of the catalogues that exist; the first one wins."""
    found: dict[tuple[str | None, str], list[str]] = {}
    for path in paths:
        if path.exists():
            for entry in polib.pofile(str(path)).translated_entries():
                texts = [entry.msgstr] if entry.msgstr else [*entry.msgstr_plural.values()]
                found.setdefault((entry.msgctxt, entry.msgid), texts)
    return found


def _placeholders(text: str) -> set[str]:
    # A count may be spoken instead of printed, every other value must appear.
    return set(re.findall(r"%\((\w+)\)[sd]", text)) - {"count", "counter"}


if __name__ == "__main__":
    if "--check" in sys.argv:
        import os

        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.settings.development")
        import django

        django.setup()
        found = problems() + foreign_problems()
        print("\n".join(found) or "The Vietnamese catalogues are complete.")
        raise SystemExit(bool(found))
    compile_changed()
