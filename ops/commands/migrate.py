"""`weboffice migrate`: database and topics up to date; for compose and upgrades (`up` does it by itself)."""

from __future__ import annotations

import asyncio
import time

import click
import msgspec
import psycopg

from ops import running, topics
from ops.migrate import migrate as migrate_database
from ops.settings import Settings
from projections.generations.register import live_is_outdated


@click.command()
@click.option("--wait", default=60.0, show_default=True, help="Seconds to wait for Kafka and PostgreSQL.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def migrate(settings: Settings, wait: float, as_json: bool) -> None:
    """Apply missing migrations, make missing topics and the first generation of read models."""
    services = running.services(settings)
    applied = _when_reachable(services.postgres, settings, wait)
    made = asyncio.run(topics.ensure(services.kafka, settings, timeout=wait))
    if as_json:
        click.echo(msgspec.json.encode({"migrations": applied, "topics": made}).decode())
    else:
        done = [*applied, *(f"made the topic {name}" for name in made)]
        click.echo("\n".join(done) or "everything is up to date")
        with psycopg.connect(services.postgres) as connection:
            if notice := live_is_outdated(connection):
                click.echo(notice)


def _when_reachable(postgres: str, settings: Settings, wait: float) -> list[str]:
    deadline = time.monotonic() + wait
    while True:
        try:
            return migrate_database(postgres, settings)
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)
