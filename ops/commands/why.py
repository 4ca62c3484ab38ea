"""`weboffice why`: the events that a figure is made of."""

from __future__ import annotations

import asyncio
from datetime import datetime
from uuid import UUID

import click
import msgspec

from ops.settings import Settings
from ops.sources import source
from projections.proof.why import FIGURES, Explanation, explain


@click.command()
@click.argument("outlet", type=click.UUID)
@click.argument("day", type=click.DateTime(["%Y-%m-%d"]))
@click.argument("figure", type=click.Choice(FIGURES))
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def why(settings: Settings, outlet: UUID, day: datetime, figure: str, as_json: bool) -> None:
    """Show the events, with their places in the log, that make up FIGURE of OUTLET on DAY, and their sum.

    FIGURE is a column of the daily report or a payment method. Exit code 1 where the sum is not the figure.
    """
    found = asyncio.run(explain(source(settings), str(outlet), day.date(), figure))
    if as_json:
        click.echo(msgspec.json.encode({**msgspec.to_builtins(found), "holds": found.holds}).decode())
    else:
        click.echo(_text(found))
    if not found.holds:
        raise click.exceptions.Exit(1)


def _text(found: Explanation) -> str:
    lines = [
        f"{part.partition:>3}@{part.offset:<10} {part.type} {part.id} {part.at.isoformat()} event {part.seq} of run"
        f" {part.run} {part.amount:>14}"
        for part in found.parts
    ]
    verdict = "" if found.holds else f", but the report shows {found.figure}"
    return "\n".join([*lines, f"{found.name} on {found.day}: {found.total} from {len(found.parts)} events{verdict}"])
