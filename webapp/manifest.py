"""The web app manifest: what a phone needs to put the portal on its home screen."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from webapp import assets
from webapp.routes import ActionRoute
from webapp.translation import locale_of, translations


async def manifest(request: Request) -> Response:
    locale = locale_of(request)
    name = translations(locale).gettext("Web office")
    icons = [
        {"src": assets.url(f"icon-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
        for size in (192, 512)
        for purpose in ("any", "maskable")
    ]
    return JSONResponse(
        {
            "id": "/",
            "name": name,
            "short_name": name,
            "lang": locale,
            "start_url": "/?home",
            "scope": "/",
            "display": "standalone",
            "background_color": "#f6f7f9",
            "theme_color": "#0f766e",
            "icons": icons,
        },
        media_type="application/manifest+json",
    )


routes: list[BaseRoute] = [ActionRoute("/app.webmanifest", manifest, "anybody")]
"""Public: needs no session."""
