"""A page with one fault of each kind, to see that every walk of pages hears and sees them."""

from __future__ import annotations

from aiohttp import web

THROWN = "thrown while the page loads"
POLICY = "default-src 'self'"
PAGE = """<!doctype html>
<html lang="en" class="js"><head><meta charset="utf-8"><title>Broken</title>
<script src="/broken.js"></script><script>window.refused = false</script></head>
<body><main><h1>Broken</h1><table width="3000"><tr><td>wide</td></tr></table></main></body></html>"""
SCRIPT = f'throw new Error("{THROWN}");'


async def page(_request: web.Request) -> web.Response:
    return web.Response(text=PAGE, content_type="text/html", headers={"Content-Security-Policy": POLICY})


async def script(_request: web.Request) -> web.Response:
    return web.Response(text=SCRIPT, content_type="text/javascript")


ROUTES = [web.get("/broken", page), web.get("/broken.js", script)]
