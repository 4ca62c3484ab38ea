"""Codes by time (RFC 6238), as authenticator programs make them: six digits, a new one every 30 seconds."""

from __future__ import annotations

from datetime import datetime
from hmac import compare_digest

import pyotp
import segno

ISSUER = "Веб-офис"
STEP_SECONDS = 30
_DRIFT = 1
"""For so many steps before and after the present one a code is good: clocks differ, and people type."""


def new_secret() -> str:
    """160 random bits, in Base32."""
    return pyotp.random_base32()


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """The step that the code is of, None for a wrong one. Takes as long for either."""
    totp, present = pyotp.TOTP(secret), int(now.timestamp()) // STEP_SECONDS
    steps = range(present - _DRIFT, present + _DRIFT + 1)
    fits = [step for step in steps if compare_digest(totp.generate_otp(step).encode(), code.encode())]
    return fits[-1] if fits else None


def qr_code(secret: str, email: str) -> str:
    """The address that programs read, as a picture (a data: address of an SVG)."""
    uri = pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)
    return segno.make(uri, error="m", micro=False).svg_data_uri(scale=4, border=4, dark="#000", light="#fff")
