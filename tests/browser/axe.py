"""axe, which finds what people with a screen reader, a keyboard or weak eyes cannot use.

``npm ci`` in this folder puts it there; ``.ci/run`` does. Without it the tests skip loudly.
"""

from functools import cache
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
#: WCAG 2.2 up to AA, and what axe calls good practice: headings in order, everything in a landmark.
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = """
const done = arguments[arguments.length - 1];
axe.run(document, {runOnly: arguments[0], resultTypes: ["violations"]}).then(found => done(
  found.violations.flatMap(v => v.nodes.map(n => v.id + ": " + n.html.slice(0, 160)
    + " | " + (n.failureSummary || "").split("\\n").slice(1, 2).join("").trim()))));
"""


@cache
def _script() -> str:
    return SCRIPT.read_text(encoding="utf-8")


def need_axe() -> None:
    """Skip the test, loudly, where axe is missing."""
    if not SCRIPT.exists():
        pytest.skip("AXE NOT RUN: run `npm ci` in tests/browser")


def violations(browser: object) -> list[str]:
    """What axe finds on the page that is open, and whether it sticks out at the side."""
    browser.set_script_timeout(30)
    browser.execute_script(_script())
    found = browser.execute_async_script(RUN, TAGS)
    size = browser.execute_cdp_cmd("Page.getLayoutMetrics", {})
    wide, window = size["cssContentSize"]["width"], size["cssLayoutViewport"]["clientWidth"]
    if wide > window:
        found.append(f"sideways scroll: {wide} px in a window of {window} px")
    return found
