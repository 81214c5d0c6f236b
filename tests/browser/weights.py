"""How many bytes a first visit transfers, as a browser with an empty cache asks for them.

The test server compresses nothing, so what production sends compressed is compressed here in
the same way: pages by brotli 5 as the page cache does, style sheets, scripts and drawings by
brotli 11 as WhiteNoise does beforehand. Pictures and fonts count as they are. Headers count too.
"""

import base64
import json
import urllib.request
from dataclasses import dataclass, field

import brotli
from selenium.common.exceptions import WebDriverException

#: What WhiteNoise leaves alone because it is compressed already; everything else is text.
PACKED = ("image/avif", "image/webp", "image/jpeg", "image/png", "font/woff2")
#: Status line and headers of one answer over HTTP/2, generously.
HEADERS = 300
#: How long one answer may still be awaited after the page is there.
QUIET_MS = 600


@dataclass
class Visit:
    """What one page drew in: (address, type, bytes on the wire) each."""

    requests: list[tuple[str, str, int]] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(size for _url, _type, size in self.requests)

    def table(self) -> str:
        """The requests, heaviest first, for a failing test."""
        rows = sorted(self.requests, key=lambda request: -request[2])
        return "\n".join(f"{size:>8} {kind:<24} {url[-70:]}" for url, kind, size in rows)


def first_visit(browser: object, url: str, *, to_the_end: bool = False) -> Visit:
    """Open ``url`` with an empty cache, at the top or (``to_the_end``) scrolled through.

    The browser was opened with ``log_network=True``.
    """
    browser.execute_cdp_cmd("Network.enable", {"maxTotalBufferSize": 50_000_000})
    browser.execute_cdp_cmd("Network.clearBrowserCache", {})
    browser.get_log("performance")
    browser.get(url)
    if to_the_end:
        browser.execute_script(
            "document.querySelectorAll('img[loading=lazy]').forEach(i => { i.loading = 'eager' })"
        )
    browser.set_script_timeout(20)
    browser.execute_async_script(SETTLED, QUIET_MS)
    visit = Visit()
    answers: dict[str, dict] = {}
    for entry in browser.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        about = message["params"]
        if message["method"] == "Network.responseReceived":
            answers[about["requestId"]] = about["response"]
        elif message["method"] == "Network.loadingFinished" and about["requestId"] in answers:
            answer = answers.pop(about["requestId"])
            if answer["url"].startswith("http"):
                size = _on_the_wire(browser, about, answer)
                visit.requests.append((answer["url"], answer["mimeType"], size))
    assert not [a["url"] for a in answers.values() if a["url"].startswith("http")]
    return visit


#: Done when nothing new was asked for during so many milliseconds.
SETTLED = """
const [quiet, done] = arguments;
let seen = -1;
const look = () => {
  const now = performance.getEntriesByType("resource").length;
  if (now === seen && document.readyState === "complete") { done(); return; }
  seen = now;
  setTimeout(look, quiet);
};
look();
"""


def _on_the_wire(browser: object, finished: dict, answer: dict) -> int:
    if answer["mimeType"] in PACKED or answer["status"] >= 400:
        # Chromium may have let the bytes go by now (of a picture, of the /favicon.ico that it
        # asks for by itself), but it counted them.
        return int(finished["encodedDataLength"]) + HEADERS
    try:
        body = browser.execute_cdp_cmd(
            "Network.getResponseBody", {"requestId": finished["requestId"]}
        )
        data = base64.b64decode(body["body"]) if body["base64Encoded"] else body["body"].encode()
    except WebDriverException:
        # A style sheet or drawing that Chromium let go; it is the same for everybody.
        with urllib.request.urlopen(answer["url"], timeout=30) as again:
            data = again.read()
    quality = 5 if answer["mimeType"] == "text/html" else 11
    return len(brotli.compress(data, mode=brotli.MODE_TEXT, quality=quality)) + HEADERS
