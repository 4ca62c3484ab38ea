"""Text is compressed on its way, where nothing secret is in it.

Who can make a browser ask for a page with words of his own in it, and sees how long the answer is, learns what stands
beside them (BREACH). So answers to forms, and pages of secret links, of new tokens and of the account go out as they
are; and files for download, which may be long, and are packed already.
"""

from __future__ import annotations

from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

_SECRET = frozenset({"sign-in", "reset", "confirm", "change-email", "account", "first-steps", "new-token"})
_FILES = (".csv", ".xlsx", ".pdf", "/file")
_LEAST_BYTES = 500
_LEVEL = 5


class Compression:
    """Packs answers with gzip for those who take it."""

    def __init__(self, app: ASGIApp) -> None:
        self._plain = app
        self._packed = GZipMiddleware(app, minimum_size=_LEAST_BYTES, compresslevel=_LEVEL)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._packed if scope["type"] == "http" and _is_open(scope["method"], scope["path"]) else self._plain
        await app(scope, receive, send)


def _is_open(method: str, path: str) -> bool:
    """Whether an answer can't hold a secret, by the request."""
    return method == "GET" and path.split("/")[1] not in _SECRET and not path.endswith(_FILES)
