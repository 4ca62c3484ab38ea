"""`weboffice forget`: erase a contact's name, now and in every replay."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import click
import msgspec

from ops.settings import Settings
from ops.sources import source
from projections import orders
from projections.replay.catchup import session
from schemas.records import ContactForgotten


@click.command()
@click.option("--outlet", type=click.UUID, required=True, metavar="ID")
@click.option("--contact", required=True, metavar="ID", help="The till's id of the contact.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def forget(settings: Settings, outlet: UUID, contact: str, as_json: bool) -> None:
    """Erase a contact's name from all read models and every future replay.

    The order goes into the log and takes effect when it is read there. Its figures stay; a till that sends the contact
    again brings back figures, not the name.
    """
    order = ContactForgotten(str(outlet), contact, datetime.now(UTC))
    with session(source(settings).postgres) as connection, connection.transaction():
        orders.send(connection, order)
    click.echo(msgspec.json.encode({"ordered": order}).decode() if as_json else "ordered: takes effect through the log")
