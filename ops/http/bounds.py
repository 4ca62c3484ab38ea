"""What a client may take of the HTTP server: bytes, seconds, connections."""

from __future__ import annotations

import resource

from msgspec import Struct

UPLOADS = "/api/v1/uploads"

_OTHER_FILES = 200
"""File descriptors for all that is no connection of a client."""
_MOST_CONNECTIONS = 8192


class Bounds(Struct, frozen=True):
    """Sizes in bytes, times in seconds.

    `quiet_bytes` may come without anything made of them: a header, a trailer, a chunk's extension. A header comes
    within `header_seconds`, a body within `body_seconds`; a connection without a request is kept for `idle_seconds`,
    long enough for a till that sends each minute. A client that takes nothing of its answer for `write_seconds` is let
    go, and so is one that does not close after its last answer (`closing_seconds`).

    Of `connections` one address has at most `per_address`; the last `reserve` are for uploads.
    """

    connections: int = 800
    per_address: int = 200
    reserve: int = 100
    quiet_bytes: int = 64 * 1024
    header_seconds: float = 15.0
    body_seconds: float = 90.0
    idle_seconds: float = 120.0
    write_seconds: float = 60.0
    closing_seconds: float = 10.0


def of_machine(connections: int = 0, per_address: int = 0) -> Bounds:
    """Bounds for the file descriptors that this process may have, which are raised as far as they go.

    `connections` and `per_address` say less than that; 0 leaves them to this function.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    files = _MOST_CONNECTIONS + _OTHER_FILES if hard == resource.RLIM_INFINITY else hard
    room = max(16, min(files - _OTHER_FILES, _MOST_CONNECTIONS))
    most = min(connections or room, room)
    return Bounds(connections=most, per_address=min(per_address or max(1, most // 4), most), reserve=max(1, most // 8))
