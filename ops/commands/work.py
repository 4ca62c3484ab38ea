"""`weboffice work`: one stream worker."""

from __future__ import annotations

import os
import signal
from typing import Literal, cast

import click

from ops import garbage, metrics, running
from ops.settings import Settings


@click.command()
@click.argument("worker", type=click.Choice(["anonymise", "project"]))
@click.pass_obj
def work(settings: Settings, worker: str) -> None:
    """Run one stream worker; several of each share the partitions."""
    # Nothing is in hand yet; once there may be, the worker listens for itself.
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    from streams.worker import run  # Faust takes a second to import

    services = running.services(settings)
    metrics.expose(settings)
    garbage.collect_seldom()
    run(cast(Literal["anonymise", "project"], worker), services.kafka, services.postgres, settings.topics)
