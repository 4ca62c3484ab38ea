"""`weboffice ledger`: account for every event of the log."""

from __future__ import annotations

import asyncio

import click
import msgspec

from ops import stopped
from ops.settings import Settings
from ops.sources import source
from projections.proof import ledger as ledgers
from projections.proof.ledger import OutletLedger


@click.command()
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def ledger(settings: Settings, as_json: bool) -> None:
    """Show, per outlet: events read = applied + duplicate + waiting + quarantined + discarded, and what is missing.
    `withdrawn`, a part of discarded, were refused by the gateway.

    `read` is counted anew from the log. Exit code 1 where a sum does not hold, and where a partition of a log waits for
    a decision (told on stderr, --json: `faults`): what was acknowledged and is not copied is in no count.
    """
    at = source(settings)
    found = asyncio.run(ledgers.ledger(at))
    waiting = stopped.remedies(settings, at)
    stopped.tell(waiting, "not counted is")
    document = {**ledgers.as_document(found), "faults": waiting}
    click.echo(msgspec.json.encode(document).decode() if as_json else _text(found))
    if waiting or not all(one.holds for one in found):
        raise click.exceptions.Exit(1)


def _text(found: list[OutletLedger]) -> str:
    columns = "read", "applied", "duplicate", "waiting", "quarantined", "discarded", "withdrawn"
    lines = [" ".join([f"{'outlet':36}", *(f"{name:>11}" for name in columns)])]
    for one in found:
        numbers = " ".join(f"{'-' if getattr(one, name) is None else getattr(one, name):>11}" for name in columns)
        lines.append(f"{one.outlet_id:36} {numbers}{'' if one.holds else '  DOES NOT HOLD'}")
        lines += [f"  run {gap.run}: {gap.first}–{gap.last} missing" for gap in one.missing]
    return "\n".join(lines)
