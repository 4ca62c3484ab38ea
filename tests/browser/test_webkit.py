"""Key pages in WebKit, the engine of iPhones: nothing sticks out, what scripts add works, and nothing complains.

Debian's WebKitWebDriver tells no console: it has no log, no BiDi (a session with `webSocketUrl` is refused), and
MiniBrowser, driven, does not write its messages out. So a page is listened to from the moment it is loaded: while it is
made narrower and wider and used. Of what its scripts say before that moment, Chromium and Firefox are the witnesses
(test_pages.py, test_firefox.py), and here that they have run.
"""

from __future__ import annotations

import asyncio
import contextlib
from concurrent.futures import ThreadPoolExecutor

import pytest

from ops.provisioning import create_sign_in_link
from tests.browser.conftest import OWNER
from tests.browser.webdriver import DISPLAY, DRIVER, Window, webkit
from tests.service import Service

VISITORS = ("/sign-in", "/sign-up", "/forgotten")
OWNERS = (
    "/",
    "/report?range=all",
    "/sales?range=all&outlet=all",
    "/goods",
    "/shifts?range=all",
    "/outlets",
    "/account",
)
_BEYOND = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


_LISTEN = """(() => {
    const heard = window.heard = [];
    addEventListener("error", (event) => heard.push(event.message ?? `not loaded: ${event.target.src}`), true);
    addEventListener("unhandledrejection", (event) => heard.push(String(event.reason)));
    addEventListener("securitypolicyviolation", (event) => heard.push(`refused: ${event.violatedDirective}`));
    const said = console.error;
    console.error = (...words) => { heard.push(words.join(" ")); said.apply(console, words); };
})()"""
"""From then on what the page complains of is in `heard`."""


async def _open(window: Window, url: str) -> None:
    await window.go(url)
    await window.value(_LISTEN)
    await window.until("document.documentElement.classList.contains('js')")  # the page is said to be there before that


async def _heard(window: Window, url: str) -> list[str]:
    return [f"{url}: {complaint}" for complaint in await window.value("window.heard")]


async def _fit(window: Window, url: str) -> list[str]:
    found = []
    await _open(window, url)
    for width in (400, 768, 1280):
        shown = await window.resize(width)
        assert abs(shown - width) < 100, shown
        with contextlib.suppress(TimeoutError):  # charts take up their new width a few frames later
            await window.until(f"{_BEYOND} <= 0")
        if (beyond := await window.value(_BEYOND)) > 0:
            found.append(f"{url} at {shown}: {beyond} px too wide")
    return found + await _heard(window, url)


async def _walk(window: Window, office: Service) -> list[str]:
    found = []
    for path in VISITORS:
        found += await _fit(window, office.url + path)
    await window.go(create_sign_in_link(office.settings.postgres, OWNER, office.url))
    await window.until("document.querySelector('main[data-live]')")
    for path in OWNERS:
        found += await _fit(window, office.url + path)
    for path in ("/sales?range=all&outlet=all", "/goods?min=1"):
        await window.go(office.url + path)
        card = await window.value("document.querySelector('main a.row-link').href")
        found += await _fit(window, card)
    return found


async def _use(window: Window, office: Service) -> list[str]:
    """A chart is drawn, and rows are added in their place; what the pages complain of meanwhile."""
    report, sales = f"{office.url}/report?range=all", f"{office.url}/sales?range=all&outlet=all&sort=-total"
    await _open(window, report)
    await window.until("document.querySelector('canvas')?.width > 0")
    complaints = await _heard(window, report)
    await _open(window, sales)
    await window.value("document.querySelector('a[data-adds]').click()")
    await window.until("document.querySelectorAll('a.row-link').length === 100")
    return complaints + await _heard(window, sales)


@pytest.mark.skipif(
    DRIVER is None or DISPLAY is None,
    reason="no WebKit: install webkit2gtk-driver and xvfb (Debian: apt-get install webkit2gtk-driver xvfb)",
)
def test_an_owner_in_webkit(office: Service) -> None:
    """Sign-in, the sections that matter and two cards fit at three widths; charts and lists do what scripts add, and no
    error stands on the console."""

    async def walked() -> list[str]:
        async with webkit() as window:
            return await _walk(window, office) + await _use(window, office)

    with ThreadPoolExecutor(1) as other:  # Chromium's driver has the loop of this thread
        found = other.submit(asyncio.run, walked()).result()
    assert found == []
