"""`weboffice gap`: give up events that will never come."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import click
import msgspec

from ops.settings import Settings
from ops.sources import source
from projections import orders
from projections.replay.catchup import session
from schemas.errors import UsageError
from schemas.records import GapGivenUp


@click.group()
def gap() -> None:
    """Holes in the numbering of a run (`weboffice ledger` shows them)."""


@gap.command("give-up")
@click.option("--outlet", type=click.UUID, required=True, metavar="ID")
@click.option("--till", type=click.UUID, required=True, metavar="ID")
@click.option("--run", type=click.UUID, required=True, metavar="ID")
@click.option("--from", "first", type=click.IntRange(min=1), required=True, metavar="SEQ")
@click.option("--to", "last", type=click.IntRange(min=1), required=True, metavar="SEQ")
@click.option("--reason", required=True, help="Kept in the log.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def give_up(
    settings: Settings, outlet: UUID, till: UUID, run: UUID, first: int, last: int, reason: str, as_json: bool
) -> None:
    """Give up the events FROM…TO of a run, for good; what waits behind them is applied.

    The order goes into the log and takes effect when it is read there; events that come later all the same are counted
    as discarded.
    """
    if last < first:
        raise UsageError("--to lies before --from")
    if not reason.strip():
        raise UsageError("a reason is needed: it is kept in the log")
    order = GapGivenUp(str(outlet), str(till), str(run), first, last, reason.strip(), datetime.now(UTC))
    with session(source(settings).postgres) as connection, connection.transaction():
        orders.send(connection, order)
    click.echo(msgspec.json.encode({"ordered": order}).decode() if as_json else "ordered: takes effect through the log")
