"""A browser over WebDriver, as far as these tests need it: WebKitGTK of Debian's webkit2gtk-driver."""

from __future__ import annotations

import asyncio
import contextlib
import glob
import os
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator
from typing import Any

import aiohttp

from tests.browser.waiting import ANSWER_WITHIN_S, Waiting

DRIVER, DISPLAY = shutil.which("WebKitWebDriver"), shutil.which("Xvfb")
_READY_WITHIN_S = 60.0


class Window(Waiting):
    """One window."""

    def __init__(self, session: aiohttp.ClientSession, id: str) -> None:
        self._session, self._id = session, id

    async def call(self, command: str, **parameters: Any) -> Any:
        """A command and its value. Raises `AssertionError` for an error."""
        async with self._session.post(f"/session/{self._id}/{command}", json=parameters) as answer:
            value = (await answer.json())["value"]
            assert answer.status == 200, value
            return value

    async def end(self) -> None:
        async with self._session.delete(f"/session/{self._id}"):
            pass

    async def resize(self, width: int, height: int = 800) -> int:
        """Makes the page as wide, as far as the window can be; gives the page's width."""
        for _ in range(4):  # the window has edges, whose width is known once it is there
            inner, outer = await self._settled("[innerWidth, outerWidth]")
            if inner == width:
                break
            await self.call("window/rect", width=width + outer - inner, height=height)
        return int((await self._settled("[innerWidth]"))[0])

    async def _settled(self, expression: str) -> list[int]:
        """Its value once it stays the same for a while: a window takes up a new size later than it says."""
        async with asyncio.timeout(ANSWER_WITHIN_S):
            before, same = None, 0
            while same < 3:
                value = await self.value(expression)
                before, same = value, same + 1 if value == before else 0
                await asyncio.sleep(0.1)
        return list(value)

    async def go(self, url: str) -> None:
        await self.call("url", url=url)

    async def value(self, expression: str) -> Any:
        return await self.call("execute/sync", script=f"return ({expression})", args=[])


@contextlib.asynccontextmanager
async def webkit() -> AsyncIterator[Window]:
    """WebKitGTK's small browser with a fresh profile on a display of its own, all ended with the block."""
    assert DRIVER is not None
    [browser, *_] = glob.glob("/usr/lib/*/webkit2gtk-4.*/MiniBrowser")
    options = {"binary": browser, "args": ["--automation"]}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        async with _display() as display, _driver(display, home) as port:
            timeout = aiohttp.ClientTimeout(total=ANSWER_WITHIN_S)
            async with aiohttp.ClientSession(f"http://127.0.0.1:{port}", timeout=timeout) as session:
                capabilities = {"alwaysMatch": {"webkitgtk:browserOptions": options}}
                async with session.post("/session", json={"capabilities": capabilities}) as answer:
                    value = (await answer.json())["value"]
                    assert answer.status == 200, value
                window = Window(session, value["sessionId"])
                try:
                    yield window
                finally:
                    await window.end()


@contextlib.asynccontextmanager
async def _display() -> AsyncIterator[str]:
    """An X server that shows nothing; its name."""
    assert DISPLAY is not None
    read, write = os.pipe()
    server = await asyncio.create_subprocess_exec(
        DISPLAY, "-displayfd", str(write), "-screen", "0", "1600x1000x24", "-nolisten", "tcp",
        pass_fds=(write,), stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    os.close(write)
    try:
        with os.fdopen(read) as pipe:
            yield f":{(await asyncio.to_thread(pipe.readline)).strip()}"
    finally:
        await _end(server)


@contextlib.asynccontextmanager
async def _driver(display: str, home: str) -> AsyncIterator[int]:
    """The driver, once it listens; its port."""
    assert DRIVER is not None
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    settings = {"DISPLAY": display, "HOME": home, "LC_ALL": "C.UTF-8", "WEBKIT_DISABLE_COMPOSITING_MODE": "1"}
    driver = await asyncio.create_subprocess_exec(
        DRIVER, f"--port={port}", env={**os.environ, **settings},
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        async with asyncio.timeout(_READY_WITHIN_S):
            while True:
                with contextlib.suppress(OSError):
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                    writer.close()
                    await writer.wait_closed()
                    break
                await asyncio.sleep(0.05)
        yield port
    finally:
        await _end(driver)


async def _end(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    await process.wait()
