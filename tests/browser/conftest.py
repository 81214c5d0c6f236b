"""Chromium without a window, talking to a server of this test."""

from collections.abc import Callable, Iterator

import pytest


@pytest.fixture
def open_browser(tmp_path) -> Iterator[Callable]:
    """``open_browser(width=390, scripts=True)`` → a selenium driver; all are closed at the end.

    ``log_network`` keeps what was asked for and answered in its "performance" log; ``density``
    is how many dots of the screen make one pixel, 1 unless told.
    """
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    opened = []

    def start(
        width: int = 390,
        *,
        scripts: bool = True,
        height: int = 844,
        log_network: bool = False,
        density: int = 1,
    ) -> object:
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        for flag in (
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            f"--user-data-dir={tmp_path / f'chromium-{len(opened)}'}",
            f"--window-size={max(width, 500)},{height}",
        ):
            options.add_argument(flag)
        if not scripts:
            options.add_experimental_option(
                "prefs", {"profile.managed_default_content_settings.javascript": 2}
            )
        if log_network:
            options.set_capability("goog:loggingPrefs", {"performance": "ALL"})
        driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
        opened.append(driver)
        driver.set_page_load_timeout(30)
        # Chromium makes no window narrower than 500; the page is told it is a phone's.
        driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {
                "width": width,
                "height": height,
                "deviceScaleFactor": density,
                "mobile": width < 600,
            },
        )
        return driver

    yield start
    for driver in opened:
        driver.quit()
