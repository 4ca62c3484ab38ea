"""A browser over WebDriver BiDi, as far as these tests need it: what Debian's Firefox speaks."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import re
import tempfile
from collections.abc import AsyncIterator
from typing import Any

import aiohttp

from tests.browser.waiting import ANSWER_WITHIN_S, Waiting

_READY_WITHIN_S = 90.0
_PRELOAD = """() => {
  window.refusedByPolicy = [];
  addEventListener("securitypolicyviolation", (event) => window.refusedByPolicy.push(event.blockedURI));
}"""


class Tab(Waiting):
    """One tab. `errors` are what its console and its scripts have complained of."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket, self._numbers, self._context = socket, itertools.count(1), ""
        self.errors: list[str] = []

    async def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """A command and its result; what happens meanwhile is noted. Raises `AssertionError` for an error."""
        number = next(self._numbers)
        await self._socket.send_json({"id": number, "method": method, "params": parameters})
        async with asyncio.timeout(ANSWER_WITHIN_S):
            while True:
                message = json.loads(await self._socket.receive_str())
                if message.get("id") == number:
                    assert message["type"] == "success", message
                    result: dict[str, Any] = message["result"]
                    return result
                self._note(message)

    def _note(self, message: dict[str, Any]) -> None:
        entry = message.get("params", {})
        if message.get("method") == "log.entryAdded" and entry.get("level") == "error":
            self.errors.append(str(entry.get("text")))

    async def start(self) -> None:
        await self.call("session.new", capabilities={})
        await self.call("session.subscribe", events=["log.entryAdded"])
        await self.call("script.addPreloadScript", functionDeclaration=_PRELOAD)
        tree = await self.call("browsingContext.getTree")
        self._context = tree["contexts"][0]["context"]

    async def resize(self, width: int, height: int = 800) -> None:
        viewport = {"width": width, "height": height}
        await self.call("browsingContext.setViewport", context=self._context, viewport=viewport)

    async def go(self, url: str) -> None:
        await self.call("browsingContext.navigate", context=self._context, url=url, wait="complete")

    async def value(self, expression: str) -> Any:
        """What an expression (or its promise) gives, as JSON carries it."""
        text = f"Promise.resolve({expression}).then(JSON.stringify)"
        target = {"context": self._context}
        answer = await self.call("script.evaluate", expression=text, target=target, awaitPromise=True)
        assert answer["type"] == "success", answer
        return json.loads(answer["result"]["value"]) if answer["result"]["type"] == "string" else None


@contextlib.asynccontextmanager
async def firefox(program: str) -> AsyncIterator[Tab]:
    """A headless Firefox with a fresh profile, ended with the block."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        process = await asyncio.create_subprocess_exec(
            program, "--headless", "--no-remote", "--profile", folder, "--remote-debugging-port", "0",
            env={**os.environ, "HOME": folder, "MOZ_DISABLE_AUTO_SAFE_MODE": "1"},
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        try:
            address = await asyncio.wait_for(_address(process), _READY_WITHIN_S)
            async with (
                aiohttp.ClientSession() as session,
                session.ws_connect(f"{address}/session", max_msg_size=0) as ws,
            ):
                tab = Tab(ws)
                await tab.start()
                yield tab
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            await process.wait()


async def _address(process: asyncio.subprocess.Process) -> str:
    assert process.stderr is not None
    while line := await process.stderr.readline():
        if found := re.search(rb"WebDriver BiDi listening on (ws://\S+)", line):
            return found[1].decode()
    raise AssertionError("the browser ended before it listened")
