"""An ear between a browser and the service, for a driver that tells no console: each page gets one script more, the
first of all, that reports what goes wrong from then on, also while the page loads."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

import aiohttp
from aiohttp import web

from tests.browser import broken

_EAR = """(() => {
    // Not later and not in the background: a page that is left a moment later has told all.
    const tell = (text) => {
        const request = new XMLHttpRequest();
        request.open("POST", "/heard", false);
        request.send(`${location.pathname}: ${text}`);
    };
    addEventListener("error", (event) => tell(event.message ?? `not loaded: ${event.target.src}`), true);
    addEventListener("unhandledrejection", (event) => tell(String(event.reason)));
    addEventListener("securitypolicyviolation", (event) => tell(`refused: ${event.effectiveDirective}`));
    const said = console.error;
    console.error = (...words) => { tell(words.join(" ")); said.apply(console, words); };
})()"""
_OF_A_CONNECTION = {"connection", "keep-alive", "transfer-encoding", "content-length", "content-encoding", "host"}


class Ear:
    """`url` leads to the service at `upstream`; `heard` is what went wrong on its pages, failed answers included."""

    def __init__(self, upstream: str) -> None:
        self._upstream, self.url = upstream, ""
        self.heard: list[str] = []

    @contextlib.asynccontextmanager
    async def listening(self) -> AsyncIterator[Ear]:
        app = web.Application(client_max_size=0)
        app.add_routes([
            web.get("/ear.js", self._ear), web.post("/heard", self._hear), *broken.ROUTES,
            web.route("*", "/{path:.*}", self._pass_on),
        ])  # fmt: skip
        app.middlewares.append(_with_the_ear)
        runner = web.AppRunner(app)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
            async with aiohttp.ClientSession(auto_decompress=False) as self._session:
                yield self
        finally:
            await runner.cleanup()

    async def _ear(self, _request: web.Request) -> web.Response:
        return web.Response(text=_EAR, content_type="text/javascript")

    async def _hear(self, request: web.Request) -> web.Response:
        self.heard.append(await request.text())
        return web.Response()

    async def _pass_on(self, request: web.Request) -> web.StreamResponse:
        headers = {
            name: value.replace(self.url, self._upstream)
            for name, value in request.headers.items()
            if name.lower() not in _OF_A_CONNECTION
        } | {"Accept-Encoding": "identity"}
        async with self._session.request(
            request.method, self._upstream + request.raw_path, headers=headers, data=await request.read(),
            allow_redirects=False,
        ) as found:  # fmt: skip
            if found.status >= 400:
                self.heard.append(f"{request.path}: answered {found.status}")
            answer = web.StreamResponse(status=found.status)
            for name, value in found.headers.items():
                if name.lower() not in _OF_A_CONNECTION:
                    answer.headers.add(name, value.replace(self._upstream, self.url))
            if found.content_type == "text/html":
                return web.Response(status=found.status, headers=answer.headers, text=await found.text())
            await answer.prepare(request)
            async for piece in found.content.iter_any():
                await answer.write(piece)
            return answer


@web.middleware
async def _with_the_ear(request: web.Request, handler: web.Handler) -> web.StreamResponse:  # type: ignore[name-defined]
    answer: web.StreamResponse = await handler(request)
    if isinstance(answer, web.Response) and answer.content_type == "text/html" and answer.text:
        answer.text = answer.text.replace("<head>", '<head><script src="/ear.js"></script>', 1)
    return answer
