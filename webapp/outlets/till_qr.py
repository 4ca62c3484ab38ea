"""The QR code with which a till gets its address and token: a phone that reads it opens a page that shows both."""

from __future__ import annotations

import segno


def address(public_url: str, token: str) -> str:
    """What the code says: the service's address, `/help/till#token=`, the token. What stands behind `#` a browser sends
    nowhere, so that no log has it. docs/till-integration.md tells the form."""
    return f"{public_url}/help/till#token={token}"


def picture(public_url: str, token: str) -> str:
    """The code, as a data: address of an SVG."""
    code = segno.make(address(public_url, token), error="m", micro=False)
    return code.svg_data_uri(scale=4, border=4, dark="#000", light="#fff")
