"""uvicorn as it is run here: on a socket that listens already, within bounds, until SIGTERM."""

from __future__ import annotations

import socket
from collections.abc import Callable

import uvicorn
from starlette.applications import Starlette

from ops import garbage
from ops.http.bounds import Bounds
from ops.http.connections import Connections, Reserve
from ops.http.ending import Ending
from ops.http.handover import Guard, Handover
from ops.http.protocol import BoundedProtocol, Config

_GRACE_S = 8
"""What requests in hand get to end in."""
_ANNOUNCED_BEFORE_S = 5.0
"""So much less than a connection is kept without a request is said with each answer: clients that would let it go
sooner keep it (Node's do after 4 s), and none sends a request into a connection that is being closed."""


def serve(
    app: Starlette,
    listening: socket.socket | None,
    bounds: Bounds,
    trusted: list[str],
    handover: Handover | None = None,
) -> None:
    """Serves until SIGTERM. `trusted` are the addresses and networks of proxies whose word on who asked is taken. With
    a `handover` it shares a port with another process; `listening` is None where that one alone accepts."""
    garbage.collect_seldom()
    ours = server(app, bounds, trusted, app.state.end_streams, handover)
    ours.run(sockets=[listening] if listening is not None else [])


def server(
    app: Starlette,
    bounds: Bounds,
    trusted: list[str],
    end_streams: Callable[[], None],
    handover: Handover | None = None,
) -> Server:
    """A server that does not run yet."""
    config = Config(
        Ending(Reserve(app if handover is None else Guard(app, handover), bounds)),
        http=BoundedProtocol,
        ws="none",
        log_config=None,
        access_log=False,  # the parts log their own requests
        server_header=False,
        proxy_headers=bool(trusted),
        forwarded_allow_ips=trusted,
        headers=[("keep-alive", f"timeout={max(1, round(bounds.idle_seconds - _ANNOUNCED_BEFORE_S))}")],
        timeout_keep_alive=round(bounds.idle_seconds),
        timeout_graceful_shutdown=_GRACE_S,
        backlog=2048,
        lifespan="on",
    )
    config.connections = Connections(bounds, trusted)
    config.handover = handover
    return Server(config, end_streams)


class Server(uvicorn.Server):
    """Sweeps its connections while it serves, and ends the streams of open pages before it stops, or stopping would
    wait for them until its time is over."""

    config: Config

    def __init__(self, config: Config, end_streams: Callable[[], None]) -> None:
        super().__init__(config)
        self._end_streams = end_streams

    async def main_loop(self) -> None:
        async with self.config.connections.sweeping():
            await super().main_loop()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.config.handover is not None:
            self.config.handover.open(self._handed_over)

    def _handed_over(self, before: bytes) -> BoundedProtocol:
        return BoundedProtocol(self.config, self.server_state, self.lifespan.state, before=before)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self.config.handover is not None:
            self.config.handover.close()
        self._end_streams()
        await super().shutdown(sockets)
