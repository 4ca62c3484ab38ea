"""A page of the demonstration as visitors get it: at `/demo`, without forms that change something. Pure."""

from __future__ import annotations

import re

PLACE = "/demo"
_LIVE = re.compile(r' data-(?:live|push)="[^"]*"')
_CHANGING = re.compile(r'<form\b[^>]*\bmethod="post".*?</form>', re.DOTALL)
_HEAD_ONLY = re.compile(r'<link rel="manifest"[^>]*>')
_ADDRESS = re.compile(r'\b(href|action|src)="/(?!/|static/)')
_BODY = re.compile(r"<body\b[^>]*>")


def shown(html: str, banner: str) -> str:
    """The page with its own addresses below `/demo` and the banner as the first thing on it.

    It is the portal's own markup, in which quotes and brackets of any text are escaped, so these patterns find tags
    and attributes alone. Static files are the same as ours, and stay ours.
    """
    for gone in (_LIVE, _CHANGING, _HEAD_ONLY):
        html = gone.sub("", html)
    html = _ADDRESS.sub(rf'\1="{PLACE}/', html)
    return _BODY.sub(lambda body: body[0] + banner, html, count=1)


def served(path: str) -> bool:
    """Whether the demonstration has it: pages, no files, nothing for programs or about signing in."""
    first = path.strip("/").partition("/")[0]
    return first not in _NOT_SERVED and not re.search(r"\.\w+$", path)


_NOT_SERVED = frozenset(
    ("api", "static", "live", "demo", "sign-in", "sign-up", "sign-out", "confirm", "reset", "forgotten", "not-me")
    + ("healthz", "readyz", "exports", "shell", "offline")
)
