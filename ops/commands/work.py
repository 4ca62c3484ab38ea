"""`weboffice work`: one worker."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from typing import Literal, cast

import click

from ops import garbage, metrics, running
from ops.settings import Settings
from schemas.errors import InfrastructureUnreachable


@click.command()
@click.argument("worker", type=click.Choice(["anonymise", "project", "import", "tell", "demo"]))
@click.pass_obj
def work(settings: Settings, worker: str) -> None:
    """Run a worker: of the streams (several share the partitions), of files that come in, of what owners are told.

    `demo` is the simulated shop at /demo: a service of its own in a home that is thrown away.
    """
    if worker == "import":
        _bring_in(settings)
        return
    if worker == "tell":
        asyncio.run(_tell(settings))
        return
    if worker == "demo":
        _show(settings)
        return
    # Nothing is in hand yet; once there may be, the worker listens for itself.
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    from streams.worker import run  # Faust takes a second to import

    services = running.services(settings, "worker")
    metrics.expose(settings)
    garbage.collect_seldom()
    run(cast(Literal["anonymise", "project"], worker), services.kafka, services.logins["worker"], settings.topics)


def _bring_in(settings: Settings) -> None:
    from ops import import_worker

    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    services = running.services(settings, "accounts")
    url = settings.upload_url or running.address(settings.home)
    if not url:
        raise InfrastructureUnreachable("where do uploads go? Set WEBOFFICE_UPLOAD_URL")
    metrics.expose(settings)
    import_worker.run(services.logins["accounts"], url, settings.home, stopping)


def _show(settings: Settings) -> None:
    from ops import demo_shop

    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    metrics.expose(settings)
    demo_shop.run(settings, stopping)


async def _tell(settings: Settings) -> None:
    from ops import telling

    stopping, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    services = running.services(settings, "accounts", "portal")
    url = settings.public_url or running.address(settings.home)
    if not url:
        raise InfrastructureUnreachable("where is the portal? Set WEBOFFICE_PUBLIC_URL")
    metrics.expose(settings)
    await telling.run(settings, services, url, stopping)
