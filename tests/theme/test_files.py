"""Rules that stylesheets, templates, scripts and fonts keep."""

import gzip
import re
import unicodedata
from pathlib import Path

import pytest
from PIL import ImageFont

from theme import components, samples

THEME = Path(__file__).resolve().parents[2] / "theme"
STATIC = THEME / "static" / "theme"
TEMPLATES = sorted((THEME / "templates").rglob("*.html"))
PAGE_TEMPLATES = [path for path in TEMPLATES if "mail" not in path.parts]
STYLESHEETS = sorted(STATIC.glob("*.css"))


def name_of(path: Path) -> str:
    return str(path.relative_to(THEME))


@pytest.mark.parametrize("path", STYLESHEETS, ids=name_of)
def test_stylesheets_work_in_old_browsers_and_load_nothing_from_elsewhere(path):
    css = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S)
    assert "@import" not in css
    assert "@layer" not in css
    assert not re.search(r"url\(\s*['\"]?(?:https?:|//|data:)", css)
    assert not re.search(r"\b(?:oklch|oklab|lab|lch|color-mix|light-dark)\(", css)
    assert not re.search(r"\{[^{}]*&", css), "no nesting"
    assert css.count("{") == css.count("}")
    for reference in re.findall(r"url\(\"([^\"]+)\"\)", css):
        assert (STATIC / reference).exists(), reference


@pytest.mark.parametrize("path", PAGE_TEMPLATES, ids=name_of)
def test_templates_carry_no_inline_style_or_script(path):
    text = re.sub(r"\{% comment %\}.*?\{% endcomment %\}", "", path.read_text(), flags=re.S)
    assert not re.search(r"\sstyle\s*=", text)
    assert not re.search(r"<style\b", text)
    assert not re.search(r"\son[a-z]+\s*=", text)
    assert "javascript:" not in text
    for script in re.findall(r"<script\b([^>]*)>", text):
        assert "src=" in script or 'type="application/ld+json"' in script


def sprite() -> set[str]:
    return set(re.findall(r'<symbol id="([\w-]+)"', (STATIC / "icons.svg").read_text()))


def test_every_icon_in_a_template_is_in_the_sprite():
    known = sprite()
    for path in TEMPLATES:
        for icon in re.findall(r'{%\s*icon\s+"([\w-]+)"', path.read_text()):
            assert icon in known, f"{icon} in {name_of(path)}"


def test_every_icon_of_the_components_is_in_the_sprite():
    known = sprite()
    used = {components.Tip("x", kind=kind).icon for kind in ("", "k", "w", "e")}
    states = ("in", "few", "out", "paused", "preseason")
    used |= {components.StockWord(state, "x").icon for state in states}
    used |= {item.icon for item in samples.chrome().tabs}
    assert used <= known


def test_no_component_speaks_of_stars():
    """Stars come with certificates; until then no card may hold one, not even as a word."""
    for path in TEMPLATES:
        assert not re.search(r"\bstars?\b|\bsao\b", path.read_text(), re.I), name_of(path)


VIETNAMESE = sorted(
    {
        unicodedata.normalize("NFC", letter + mark)
        for letter in "aăâeêioôơuưyAĂÂEÊIOÔƠUƯY"
        for mark in ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
    }
    | set("bcdđfghjklmnpqrstvwxzBCDĐFGHJKLMNPQRSTVWXZ0123456789₫.,:;!?-–“”()·…/%+°²")
)


@pytest.mark.parametrize("path", sorted((STATIC / "fonts").glob("*.woff2")), ids=name_of)
def test_fonts_hold_every_vietnamese_letter(path):
    font = ImageFont.truetype(str(path), 40)

    def drawn(text: str) -> tuple:
        mask = font.getmask(text)
        return mask.size, bytes(mask)

    nothing = drawn("\ue123")
    assert [letter for letter in VIETNAMESE if drawn(letter) == nothing] == []


def test_fonts_come_with_their_licence():
    assert "SIL Open Font License" in (STATIC / "fonts" / "OFL.txt").read_text()


def test_scripts_are_small_and_stand_alone():
    for path in (STATIC / "js").glob("*.js"):
        text = path.read_text()
        assert path.stat().st_size <= 6 * 1024, path.name
        assert "eval(" not in text
        assert not re.search(r"https?://", text)


def compressed(*paths: Path) -> int:
    return sum(len(gzip.compress(path.read_bytes(), 6)) for path in paths)


@pytest.mark.parametrize("sheet", ["home", "list", "product", "checkout", "story", "account"])
def test_styles_icons_and_fonts_leave_room_for_pictures(sheet):
    """The lightest page has 120 KB in all; what every page loads must stay far below."""
    shared = compressed(
        STATIC / "tokens.css",
        STATIC / "base.css",
        STATIC / f"{sheet}.css",
        STATIC / "icons.svg",
        STATIC / "logo.svg",
        *(STATIC / "js").glob("*.js"),
    )
    fonts = sum(path.stat().st_size for path in (STATIC / "fonts").glob("*.woff2"))
    assert shared + fonts <= 60 * 1024


def test_the_hero_drawing_is_light():
    assert (STATIC / "hero.svg").stat().st_size <= 25 * 1024
