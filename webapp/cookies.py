"""Cookies of the portal: how they are named and what keeps them from others."""

from __future__ import annotations

from datetime import timedelta

from starlette.responses import Response


def own_name(name: str, public_url: str) -> str:
    """A cookie's name; under https one that binds it to this very host (`__Host-`), which plain http can't have."""
    return f"__Host-{name}" if is_secure(public_url) else name


def is_secure(public_url: str) -> bool:
    return public_url.startswith("https://")


def put_cookie(response: Response, name: str, value: str, lifetime: timedelta, public_url: str) -> None:
    """Sets a cookie that scripts can't read and other sites' forms don't send; an empty value takes it away."""
    response.set_cookie(
        name,
        value,
        max_age=int(lifetime.total_seconds()) if value else 0,
        path="/",
        httponly=True,
        samesite="lax",
        secure=is_secure(public_url),
    )
