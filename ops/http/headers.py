"""Headers that every answer has, whichever part gives it, unless it says otherwise itself."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

STRICT_TRANSPORT = "max-age=31536000; includeSubDomains"


class SafeAnswers:
    """`nosniff` on all, and under https (`secure`) the word that it stays so."""

    def __init__(self, app: ASGIApp, secure: bool) -> None:
        self._app = app
        self._headers = [(b"x-content-type-options", b"nosniff")]
        if secure:
            self._headers.append((b"strict-transport-security", STRICT_TRANSPORT.encode()))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message["headers"] = list(message.get("headers", ()))
                names = [name.lower() for name, _ in headers]
                headers += [(name, value) for name, value in self._headers if name not in names]
            await send(message)

        await self._app(scope, receive, send_with_headers)
