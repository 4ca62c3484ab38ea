"""Free loopback ports; one that was used before is kept where it is still free, so that clients find it again."""

from __future__ import annotations

import secrets
import socket

_OURS = range(20_000, 32_768)
"""Below those that Linux gives to outgoing connections: none of these takes a port before somebody listens there."""
_TRIES = 20


def free_port(preferred: int = 0, host: str = "127.0.0.1") -> int:
    """A port that nothing listens on now: the preferred one if it can be had."""
    others = secrets.SystemRandom().sample(_OURS, _TRIES)
    for port in (*([preferred] if preferred else []), *others, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError(f"no free port on {host}")
