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


async def worker(request: Request) -> Response:
    """At the root, as it serves every page; looked for anew each time, so that another version is found at once."""
    name = translations(locale_of(request)).gettext("Web office")
    office = {"name": name, "icon": assets.url("icon-192.png")}
    script = f"const OFFICE = {json.dumps(office)};\n{_SCRIPT}"
    return Response(script, media_type="text/javascript", headers={"Cache-Control": "no-cache"})


routes: list[BaseRoute] = [ActionRoute("/worker.js", worker, "anybody")]
"""Public: needs no session."""
