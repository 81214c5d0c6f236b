"""How soon a grower's phone shows the desk: the largest paint on a slow line and a slow phone.

``python -m tests.benchmarks.desk http://127.0.0.1:8000 EMAIL PASSWORD`` by hand, beside a site
that runs (``bin/demo``). Chromium, 390 px, slow 4G as Lighthouse sets it (1.6 Mbit/s down,
750 kbit/s up, 150 ms there and back), a processor four times slower, an empty cache. Prints the
median of five visits for each page; it judges nothing, for a busy machine paints later.
"""

from __future__ import annotations

import statistics
import sys

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

PAGES = ("/portal/", "/portal/hang/", "/portal/kien/")
VISITS = 5
SLOW_4G = {
    "offline": False, "latency": 150, "downloadThroughput": 1_638_400 // 8,
    "uploadThroughput": 768_000 // 8,
}
LARGEST = """
const done = arguments[arguments.length - 1];
new PerformanceObserver(list => done(list.getEntries().pop().startTime))
  .observe({type: "largest-contentful-paint", buffered: true});
setTimeout(() => done(null), 15000);
"""


def main() -> None:
    """Sign in, slow everything down, and print."""
    base, email, password = sys.argv[1:4]
    browser = _phone()
    try:
        browser.get(f"{base}/tai-khoan/dang-nhap/")
        browser.find_element(By.NAME, "login").send_keys(email)
        browser.find_element(By.NAME, "password").send_keys(password)
        browser.find_element(By.CSS_SELECTOR, "main form button[type=submit]").click()
        WebDriverWait(browser, 30).until(lambda b: "/dang-nhap/" not in b.current_url)
        browser.execute_cdp_cmd("Network.enable", {})
        browser.execute_cdp_cmd("Network.emulateNetworkConditions", SLOW_4G)
        browser.execute_cdp_cmd("Emulation.setCPUThrottlingRate", {"rate": 4})
        for path in PAGES:
            times = [_largest_paint(browser, base + path) for _visit in range(VISITS)]
            print(f"{path:20s} LCP {statistics.median(times):6.0f} ms, of {sorted(times)}")
    finally:
        browser.quit()


def _phone() -> webdriver.Chrome:
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=500,844"):
        options.add_argument(flag)
    browser = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
    browser.set_script_timeout(30)
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True},
    )
    return browser


def _largest_paint(browser: webdriver.Chrome, url: str) -> int:
    """Milliseconds from asking for the page, with nothing of it kept."""
    browser.execute_cdp_cmd("Network.clearBrowserCache", {})
    browser.get(url)
    return round(browser.execute_async_script(LARGEST))


if __name__ == "__main__":
    main()
