"""Key pages in WebKit, the engine of iPhones: nothing sticks out, what scripts add works, and nothing complains.

Debian's WebKitWebDriver tells no console: it has no log, no BiDi (a session with `webSocketUrl` is refused), and
MiniBrowser, driven, does not write its messages out. So what a page complains of is heard by a script in it, which a
proxy of ours puts before all others (`listening.py`). It comes from the page's own host, so its policy lets it.
"""

from __future__ import annotations

import asyncio
import contextlib
from concurrent.futures import ThreadPoolExecutor

import pytest

from ops.provisioning import create_sign_in_link
from tests.browser import broken
from tests.browser.conftest import OWNER
from tests.browser.listening import Ear
from tests.browser.waiting import ANSWER_WITHIN_S
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


async def _open(window: Window, url: str) -> None:
    await window.go(url)
    await window.until("document.documentElement.classList.contains('js')")  # the page is said to be there before that


async def _fit(window: Window, url: str, within_s: float = ANSWER_WITHIN_S) -> list[str]:
    found = []
    await _open(window, url)
    for width in (400, 768, 1280):
        shown = await window.resize(width)
        assert abs(shown - width) < 100, shown
        with contextlib.suppress(TimeoutError):  # charts take up their new width a few frames later
            await window.until(f"{_BEYOND} <= 0", within_s)
        if (beyond := await window.value(_BEYOND)) > 0:
            found.append(f"{url} at {shown}: {beyond} px too wide")
    return found


async def _faults(window: Window, ear: Ear) -> None:
    """Each kind of fault is heard and seen, so that silence means something."""
    wide = await _fit(window, f"{ear.url}/broken", 0.1)
    assert len(wide) == 3, wide
    assert any(broken.THROWN in one for one in ear.heard), ear.heard
    assert any("refused: script-src" in one for one in ear.heard), ear.heard
    ear.heard.clear()


async def _walk(window: Window, office: Service, url: str) -> list[str]:
    found = []
    for path in VISITORS:
        found += await _fit(window, url + path)
    await window.go(create_sign_in_link(office.settings.postgres, OWNER, url))
    await window.until("document.querySelector('main[data-live]')")
    for path in OWNERS:
        found += await _fit(window, url + path)
    for path in ("/sales?range=all&outlet=all", "/goods?min=1"):
        await window.go(url + path)
        card = await window.value("document.querySelector('main a.row-link').href")
        found += await _fit(window, card)
    return found


async def _use(window: Window, url: str) -> None:
    """A chart is drawn, and rows are added in their place."""
    await _open(window, f"{url}/report?range=all")
    await window.until("document.querySelector('canvas')?.width > 0")
    await _open(window, f"{url}/sales?range=all&outlet=all&sort=-total")
    await window.value("document.querySelector('a[data-adds]').click()")
    await window.until("document.querySelectorAll('a.row-link').length === 100")


@pytest.mark.skipif(
    DRIVER is None or DISPLAY is None,
    reason="no WebKit: install webkit2gtk-driver and xvfb (Debian: apt-get install webkit2gtk-driver xvfb)",
)
def test_an_owner_in_webkit(office: Service) -> None:
    """Sign-in, the sections that matter and two cards fit at three widths; charts and lists do what scripts add, and no
    error comes up on them."""

    async def walked() -> list[str]:
        async with Ear(office.url).listening() as ear, webkit() as window:
            await _faults(window, ear)
            found = await _walk(window, office, ear.url)
            await _use(window, ear.url)
            return found + ear.heard

    with ThreadPoolExecutor(1) as other:  # Chromium's driver has the loop of this thread
        found = other.submit(asyncio.run, walked()).result()
    assert found == []
