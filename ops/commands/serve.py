"""`weboffice serve`: one HTTP process."""

from __future__ import annotations

import socket
import sys
from typing import cast

import click

from ops import logins, metrics, running, standby, state, web
from ops.checks import certificates
from ops.http import server as http_server
from ops.http.bounds import of_machine
from ops.http.handover import Handover
from ops.http.handover import Part as SharedPart
from ops.settings import Settings


@click.command()
@click.argument("part", type=click.Choice(["gateway", "portal", "all"]))
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True)
@click.option("--fd", type=int, hidden=True, help="A socket that listens already, handed down by `up`.")
@click.option("--shared", type=int, hidden=True, help="What connections come and go by, of `up`'s two processes.")
@click.option("--url", hidden=True, help="Where it is reached, without a port of its own.")
@click.pass_obj
def serve(settings: Settings, part: str, port: int, fd: int | None, shared: int | None, url: str | None) -> None:
    """Serve uploads (gateway), pages and the read API (portal), or all on one port."""
    services = running.services(settings, *web.LOGINS[cast(web.Part, part)])
    metrics.expose(settings)
    if part != "gateway":
        state.register(services.logins["accounts"], settings.home)
        certificates.register(settings)
        portal = services.logins["portal"]
        standby.register(portal, logins.standby(settings, portal))
    listening = None
    if url is None:
        listening = socket.socket(fileno=fd) if fd is not None else web.listen(settings.host, port)
        host, bound = listening.getsockname()[:2]
        url = f"http://{f'[{host}]' if ':' in host else host}:{bound}"
    handover = None
    if shared is not None:
        handover = Handover(cast(SharedPart, part), socket.socket(fileno=shared))
    app = web.application(cast(web.Part, part), settings, services, url)
    click.echo(f"LISTENING {url}")  # for whoever let us choose the port
    sys.stdout.flush()
    bounds = of_machine(settings.connections, settings.connections_per_address)
    http_server.serve(app, listening, bounds, settings.trusted_proxies, handover)
