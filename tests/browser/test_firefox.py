"""An owner's pages in Debian's Firefox: nothing complains, nothing sticks out, and what scripts add works."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest
from aiohttp import web

from ops.provisioning import create_sign_in_link
from tests.browser import broken
from tests.browser.bidi import Tab, firefox
from tests.browser.conftest import OWNER
from tests.browser.test_pages import PUBLIC, SECTIONS
from tests.browser.waiting import ANSWER_WITHIN_S
from tests.service import Service

FIREFOX = shutil.which("firefox-esr") or shutil.which("firefox")
_BEYOND = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


_CARDS = {
    "/sales?range=all&outlet=all": "main a.row-link",
    "/sales?range=all&outlet=all&kind=returns": "main a.row-link",
    "/goods?min=1": "main a.row-link",
    "/outlets": "main .rows a",
}
"""list → what in it leads to a card"""


async def _walk(tab: Tab, office: Service) -> list[str]:
    found = []
    for path in PUBLIC:
        found += await _fit(tab, office.url + path)
    await tab.go(create_sign_in_link(office.settings.postgres, OWNER, office.url))
    await tab.until("document.querySelector('main[data-live]')")
    for path in SECTIONS:
        found += await _fit(tab, office.url + path)
    for path, selector in _CARDS.items():
        await tab.go(office.url + path)
        found += await _fit(tab, await tab.value(f"document.querySelector('{selector}').href"))
    return found + tab.errors


async def _faults(tab: Tab) -> None:
    """Each kind of fault is heard and seen, so that silence means something."""
    app = web.Application()
    app.add_routes(broken.ROUTES)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        found = await _fit(tab, f"http://127.0.0.1:{runner.addresses[0][1]}/broken", 0.1)
    finally:
        await runner.cleanup()
    assert sum("too wide" in one for one in found) == 3, found
    assert any("policy refused" in one for one in found), found
    assert any(broken.THROWN in one for one in tab.errors), tab.errors
    tab.errors.clear()


async def _fit(tab: Tab, url: str, within_s: float = ANSWER_WITHIN_S) -> list[str]:
    found = []
    await tab.go(url)
    for width in (360, 1024, 1440):
        await tab.resize(width)
        with contextlib.suppress(TimeoutError):  # charts take up their new width a few frames later
            await tab.until(f"{_BEYOND} <= 0", within_s)
        beyond, refused = await tab.value(f"[{_BEYOND}, window.refusedByPolicy]")
        found += [f"{url} at {width}: {beyond} px too wide"] if beyond > 0 else []
        found += [f"{url}: policy refused {refused}"] if refused else []
    return found


async def _use(tab: Tab, office: Service) -> None:
    """What there is beyond plain HTML: a chart, rows added in their place, a select that applies at once."""
    await tab.go(f"{office.url}/report?range=all")
    await tab.until("document.querySelector('canvas')?.width > 0")
    await tab.go(f"{office.url}/sales?range=all&outlet=all&sort=-total")
    await tab.value("document.querySelector('a[data-adds]').click()")
    await tab.until("document.querySelectorAll('a.row-link').length === 100")
    assert await tab.value("new URLSearchParams(location.search).get('show')") == "100"
    await tab.value(
        """(() => {
            const theme = document.getElementById("theme");
            theme.value = "dark";
            theme.dispatchEvent(new Event("change", { bubbles: true }));
        })()"""
    )
    await tab.until("document.documentElement.dataset.theme === 'dark'")


@pytest.mark.skipif(FIREFOX is None, reason="no Firefox: install firefox-esr (Debian: apt-get install firefox-esr)")
def test_an_owner_in_firefox(office: Service) -> None:
    """Public pages, sections and cards at three widths: no error, nothing refused by the policy, nothing sticks out."""

    async def walked() -> list[str]:
        assert FIREFOX is not None
        async with firefox(FIREFOX) as tab:
            await _faults(tab)
            found = await _walk(tab, office)
            await _use(tab, office)
            return found + tab.errors

    with ThreadPoolExecutor(1) as other:  # Chromium's driver has the loop of this thread
        found = other.submit(asyncio.run, walked()).result()
    assert found == []
