"""Where a browser is sent after a form, and the guard that keeps it on this site."""

from __future__ import annotations

from starlette.responses import RedirectResponse

HOME = "/"


def redirect(target: str) -> RedirectResponse:
    """'See other': the answer to every form that did what it was sent for. It leads nowhere but to pages of ours."""
    return RedirectResponse(local(target), 303, headers={"Cache-Control": "no-store"})


def local(target: str) -> str:
    """`target` where a browser that follows it stays on this site, else the dashboard.

    That is one slash and then anything else. Two slashes begin another site's address, a backslash counts as a slash,
    and browsers drop tabs and line breaks before they look.
    """
    ours = target.startswith("/") and not target.startswith("//") and "\\" not in target and target.isprintable()
    return target if ours else HOME
