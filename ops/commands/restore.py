"""`weboffice restore`: a backup into empty servers, or an empty home."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec
from msgspec.structs import replace

from ops.backup.archive import Archive, named
from ops.backup.restoring import Restored
from ops.backup.restoring import restore as run
from ops.commands.up import only_one
from ops.console import download_progress
from ops.infrastructure.embedded import Infrastructure
from ops.settings import Settings
from ops.watching import Watch
from schemas.errors import UsageError


@click.command()
@click.argument("file")
@click.option("--into", "home", type=click.Path(path_type=Path), help="The home, in place of WEBOFFICE_HOME.")
@click.option("--partitions", type=click.IntRange(1, 1000), help="Of the new log; as many as there were by default.")
@click.option("--check", is_flag=True, help="Only read the backup against its checksums.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def restore(
    settings: Settings, file: str, home: Path | None, partitions: int | None, check: bool, as_json: bool
) -> None:
    """Restore FILE (a file, a folder or s3://… of `weboffice backup`) into empty Kafka and PostgreSQL.

    They are those that WEBOFFICE_KAFKA and WEBOFFICE_POSTGRES name, empty and with no process of the service at
    them; without these they run embedded in the home while the backup is restored, and `weboffice up` goes on there.
    Every checksum is looked at before anything is written. Records get the append times that they had, read models
    are made anew from the log and verified, kept reports too. Killed, it goes on where it was when it is called again.

    Exit code 1 where the backup is cut or changed, or where something differs at the end.
    """
    with Archive(named(file)) as archive:
        _say("checking the backup …")
        archive.check()
        manifest = archive.manifest
        if check:
            found = {"backup_id": manifest.backup_id, "taken_at": manifest.taken_at, "records": manifest.records}
            text = f"whole: {manifest.records} records, account data as of {manifest.taken_at:%Y-%m-%d %H:%M:%S} UTC"
            click.echo(msgspec.json.encode(found).decode() if as_json else text)
            return
        if home is not None and settings.kafka and settings.postgres:
            raise UsageError(
                "--into names a home, but WEBOFFICE_KAFKA and WEBOFFICE_POSTGRES are set: nothing goes there"
            )
        wanted = replace(
            settings,
            home=home.expanduser().absolute() if home else settings.home,
            partitions=partitions or len(manifest.next_offsets),
        )
        restored = _restored(wanted, archive)
    click.echo(msgspec.json.encode(restored).decode() if as_json else _text(restored))
    if not restored.same:
        raise click.exceptions.Exit(1)


def _restored(settings: Settings, archive: Archive) -> Restored:
    with only_one(settings):
        infrastructure = Infrastructure(settings)
        try:
            infrastructure.start(download_progress())
            with Watch() as watch:
                return run(infrastructure.kafka, infrastructure.postgres, settings, archive, _say, watch)
        finally:
            infrastructure.stop()


def _say(text: str) -> None:
    click.echo(text, err=True)


def _text(restored: Restored) -> str:
    lines = [
        f"restored: {restored.records} records in {restored.partitions} partitions and {restored.accounts} rows of"
        f" account data, as of {restored.taken_at:%Y-%m-%d %H:%M:%S} UTC"
    ]
    if restored.lost:
        lines.append("acknowledged before that and not in the backup; told as missing until it comes again:")
        lines += [f"  outlet {one.outlet_id}, run {one.run}: {one.first}–{one.last}" for one in restored.lost]
    if restored.reports:
        lines.append(f"kept reports made again: {', '.join(restored.reports)}")
    if restored.reports_differ:
        lines.append(f"NOT as they were certified: {', '.join(restored.reports_differ)}")
    if restored.settings_not_set:
        lines.append(f"set where it was made, and not here: {', '.join(restored.settings_not_set)}")
    lines.append(
        "every row is what the log says; start the service: tills send again by themselves what came after the backup"
        if restored.same
        else "rows differ from what the log says: `weboffice verify` shows them"
    )
    return "\n".join(lines)
