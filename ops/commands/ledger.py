"""`weboffice ledger`: account for every event of the log."""

from __future__ import annotations

import asyncio

import click
import msgspec

from ops.settings import Settings
from ops.sources import source
from projections.proof import ledger as ledgers
from projections.proof.ledger import OutletLedger


@click.command()
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def ledger(settings: Settings, as_json: bool) -> None:
    """Show, per outlet: events read = applied + duplicate + waiting + quarantined + discarded, and what is missing.

    `read` is counted anew from the log. Exit code 1 where a sum does not hold.
    """
    found = asyncio.run(ledgers.ledger(source(settings)))
    click.echo(msgspec.json.encode(ledgers.as_document(found)).decode() if as_json else _text(found))
    if not all(one.holds for one in found):
        raise click.exceptions.Exit(1)


def _text(found: list[OutletLedger]) -> str:
    columns = "read", "applied", "duplicate", "waiting", "quarantined", "discarded"
    lines = [" ".join([f"{'outlet':36}", *(f"{name:>11}" for name in columns)])]
    for one in found:
        numbers = " ".join(f"{getattr(one, name):>11}" for name in columns)
        lines.append(f"{one.outlet_id:36} {numbers}{'' if one.holds else '  DOES NOT HOLD'}")
        lines += [f"  run {gap.run}: {gap.first}–{gap.last} missing" for gap in one.missing]
    return "\n".join(lines)
