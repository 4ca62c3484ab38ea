"""`weboffice backup`: what can't be made again, into a folder or one file, while everything runs."""

from __future__ import annotations

import click
import msgspec

from ops.backup.archive import named
from ops.backup.taking import Taken, take
from ops.settings import Settings


@click.command()
@click.argument("file")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def backup(settings: Settings, file: str, as_json: bool) -> None:
    """Back up the log and the account data to FILE: one file, or a folder that is there and is added to, or
    s3://BUCKET/FOLDER (pip install 'weboffice[s3]'; keys, region and endpoint by AWS_ACCESS_KEY_ID and its like).

    The service may go on; what was acknowledged before the backup began is in it. A folder gets new files for what is
    new, and files once written never change (`manifest.json` does), so it suits a nightly call and copying elsewhere.
    A file that is there is made anew from what it has and what is new, and takes its place when it is whole; the
    folder FILE.part holds it meanwhile. Killed, it goes on where it was when it is called again.

    Neither people's names in full nor secrets of this machine are in it, but owners' e-mail addresses and digests of
    their passwords and tokens: keep it where only you can read it.
    """
    taken = take(settings, named(file), lambda text: click.echo(text, err=True))
    click.echo(msgspec.json.encode(taken).decode() if as_json else _text(taken))


def _text(taken: Taken) -> str:
    lines = [
        f"{taken.path}: {taken.records} records of the log, {taken.added} of them new, and {taken.accounts} rows of"
        f" account data as of {taken.taken_at:%Y-%m-%d %H:%M:%S} UTC, {taken.bytes / 1e6:.1f} MB"
    ]
    if taken.uncopied:
        lines.append(
            f"{taken.uncopied} records of `uploads` are not in it: nothing copies them (`anonymise` does not run, or"
            " waits: `weboffice log show`). Back up again when they are copied"
        )
    return "\n".join(lines)
