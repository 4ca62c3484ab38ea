"""The service worker: what an installed page needs in the background. `webapp/static/worker.js` says what it does."""

from __future__ import annotations

import json

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from webapp import assets
from webapp.routes import ActionRoute
from webapp.translation import locale_of, translations

_SCRIPT = (assets.FOLDER / "worker.js").read_text()
_ASSETS = [
    assets.url(name) for name in assets.NAMES if name.endswith((".css", ".js", "icon.svg")) and name != "worker.js"
]
"""What the pages load, so that all of it is there without a connection."""


async def worker(request: Request) -> Response:
    """At the root, as it serves every page; looked for anew each time, so that another version is found at once."""
    office = {
        "version": assets.VERSION,
        "name": translations(locale_of(request)).gettext("Web office"),
        "icon": assets.url("icon-192.png"),
        "assets": _ASSETS,
        "shell": "/shell",
        "offline": "/offline",
        "home": "?home",
    }
    script = f"const OFFICE = {json.dumps(office, ensure_ascii=False)};\n{_SCRIPT}"
    return Response(script, media_type="text/javascript", headers={"Cache-Control": "no-cache"})


routes: list[BaseRoute] = [ActionRoute("/worker.js", worker, "anybody")]
"""Public: needs no session."""
