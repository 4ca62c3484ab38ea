"""`weboffice quarantine`: records that were set aside."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import click
import msgspec

from ops.settings import Settings
from ops.sources import source
from ops.watching import Watch
from producers import resend
from projections.proof import quarantine as records
from projections.proof.quarantine import Quarantined
from projections.replay.catchup import session
from schemas.errors import RecordUnreadable
from schemas.records import decode


@click.group()
def quarantine() -> None:
    """Records that were set aside: list, show, retry, discard. A record is named by PARTITION and OFFSET."""


@quarantine.command("list")
@click.option("--all", "discarded", is_flag=True, help="Also those that were discarded.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def list_(settings: Settings, discarded: bool, as_json: bool) -> None:
    """Show what is set aside."""
    with session(source(settings).postgres) as connection:
        found = records.listed(connection, discarded)
    if as_json:
        rows = [msgspec.to_builtins(one) for one in found]
        for row in rows:
            del row["traceback"]
        click.echo(msgspec.json.encode({"quarantined": rows}).decode())
        return
    for one in found:
        span = f"events {one.first_seq}–{one.last_seq} of run {one.run}" if one.run else "of an unknown run"
        done = f" (discarded: {one.discarded_because})" if one.discarded_because else ""
        kept = " [raw bytes kept]" if one.stub else ""
        click.echo(f"{one.partition} {one.log_offset}  outlet {one.outlet_id}  {span}  {one.reason}{kept}{done}")


@quarantine.command()
@click.argument("partition", type=int)
@click.argument("offset", type=int)
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def show(settings: Settings, partition: int, offset: int, as_json: bool) -> None:
    """Show all that is known of a record that was set aside, with the traceback."""
    with session(source(settings).postgres) as connection:
        found = records.at(connection, partition, offset)
    if as_json:
        click.echo(msgspec.json.encode({"quarantined": found}).decode())
        return
    for one in found:
        for name in one.__struct_fields__:
            click.echo(f"{name}: {getattr(one, name)}")


@quarantine.command()
@click.argument("partition", type=int)
@click.argument("offset", type=int)
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def retry(settings: Settings, partition: int, offset: int, as_json: bool) -> None:
    """Fold the record's outlet again from the log, as if nothing had failed. Exit code 1 where it fails again.

    A record that could not be read when it came in is sent through the intake again, from the raw bytes that were
    kept, and takes its place through the log. Exit code 1, and nothing is sent, where this program can't read it.
    """
    where = source(settings)
    with session(where.postgres) as connection:
        found = [one for one in records.at(connection, partition, offset) if one.discarded_because is None]
    if not found:
        raise click.UsageError("that record was discarded already")
    if found[0].stub:
        _send_again(settings, found[0], as_json)
        return
    outlet = found[0].outlet_id
    if outlet is None:
        raise click.UsageError("the record does not say its outlet, so no outlet waits for it")
    with Watch() as watch:
        result = records.retry(where, outlet, watch)
    if as_json:
        click.echo(msgspec.json.encode(result).decode())
    else:
        click.echo(f"outlet {outlet}: {len(result.left)} records are still set aside")
    if any((one.partition, one.log_offset) == (partition, offset) for one in result.left):
        raise click.exceptions.Exit(1)


def _send_again(settings: Settings, stub: Quarantined, as_json: bool) -> None:
    where, topics = source(settings), settings.topics

    async def send() -> tuple[int, str | None]:
        headers = await records.said_by(where, stub)
        raw = await resend.find_raw(where.kafka, topics, stub.partition, headers)
        try:
            decode(raw.value)
        except RecordUnreadable as exc:
            return -1, str(exc)
        return await resend.resend(where.kafka, topics, raw), None

    offset, fault = asyncio.run(send())
    if stub.run is None and not fault:  # whatever becomes of its content has a place of its own
        with session(where.postgres) as connection:
            again = f"sent again as {topics.uploads}/{stub.partition}, offset {offset}"
            records.resolve(connection, stub, again, datetime.now(UTC))
    sent = None if fault else {"topic": topics.uploads, "partition": stub.partition, "offset": offset}
    if as_json:
        click.echo(msgspec.json.encode({"sent_again": sent, "fault": fault}).decode())
    elif fault:
        click.echo(f"this program can't read it either, nothing was sent: {fault}")
    else:
        click.echo(
            f"sent again as {topics.uploads}/{stub.partition}, offset {offset}: it takes its place through the log,"
            " see `weboffice quarantine list`"
        )
    if fault:
        raise click.exceptions.Exit(1)


@quarantine.command()
@click.argument("partition", type=int)
@click.argument("offset", type=int)
@click.option("--reason", prompt=True, help="Kept in the log.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def discard(settings: Settings, partition: int, offset: int, reason: str, as_json: bool) -> None:
    """Give up a record's events for good; what waits behind them is applied. The decision goes into the log.

    A record that does not say its run holds up nothing: it is taken off the list.
    """
    with session(source(settings).postgres) as connection, connection.transaction():
        found = records.at(connection, partition, offset)
        ordered = [one for one in found if not records.discard(connection, one, reason, datetime.now(UTC))]
    document = {"ordered": [{"run": one.run, "from": one.first_seq, "to": one.last_seq} for one in ordered]}
    text = "ordered: it takes effect through the log" if ordered else "done: no event waited for it"
    click.echo(msgspec.json.encode(document).decode() if as_json else text)
