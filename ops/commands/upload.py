"""`weboffice upload`: event files through the till client, safe to kill and to repeat."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from ops.settings import Settings
from producers.gateway import words
from producers.till.look import BadLines, Fault, NotChecked
from producers.till.upload import READABLE, Lines, Show, Upload, read_token, upload_files
from producers.till.words import language
from schemas.errors import UploadRefused
from schemas.limits import MAX_EVENTS
from schemas.uploads import check


@click.command()
@click.option("--url", required=True, help="Address of the service, e.g. https://example.ru.")
@click.option(
    "--token-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The till's token; else WEBOFFICE_TOKEN.",
)
@click.option("--token", help="The same in the open: others on this machine can read it.")
@click.option("--spool", type=click.Path(file_okay=False, path_type=Path), help="By default one per address and token.")
@click.option(
    "--give-up-after", default=60.0, show_default=True, help="Seconds without progress; 0 tries again for ever."
)
@click.option("--batch", type=click.IntRange(1, MAX_EVENTS), default=MAX_EVENTS, show_default=True, help="Events each.")
@click.option("--send-the-good", is_flag=True, help="Where lines are no events, send the others; else nothing is sent.")
@click.option("--json", "as_json", is_flag=True)
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def upload(
    settings: Settings,
    url: str,
    token_file: Path | None,
    token: str | None,
    spool: Path | None,
    give_up_after: float,
    batch: int,
    send_the_good: bool,
    as_json: bool,
    files: Sequence[Path],
) -> None:
    """Send FILES (JSON Lines of events, also .gz) to the service, as a till does.

    Files with a line that is no event are refused whole, with every such line, its number and the reason; exit code 1.
    Killed or broken off, it goes on where it stopped when it is called again; lines that were sent are not sent twice.
    Acknowledged events stay in the spool for 30 days or 1 GiB, and go again where the service has lost them.
    Exit code 1, too, where the service refused events; they are listed, and everything else was sent.
    """
    if token:
        click.echo(READABLE, err=True)
    reasons = language(os.environ)
    what = Upload(
        url,
        token or read_token(token_file, os.environ),
        settings.home,
        files,
        spool,
        give_up_after,
        batch,
        send_the_good,
        partial(_check, english=reasons == "en"),
        reasons,
    )
    with BadLines() as bad:
        with _progress(sum(path.stat().st_size for path in files)) as show:
            uploaded = upload_files(what, bad, show)
        for piece in uploaded.document() if as_json else uploaded.text():
            click.echo(piece, nl=False)
    if not uploaded.complete:
        click.get_current_context().exit(1)


def _check(body: bytes, *, english: bool) -> list[Fault]:
    """What the gateway would say of a batch, without asking it."""
    try:
        return [Fault(fault.at, fault.code, words.of_fault(fault, english)) for fault in check(body).faults]
    except UploadRefused as exc:
        raise NotChecked(Fault(exc.at, exc.code, words.of_refusal(exc, english))) from exc


class _Bar:
    """A bar of the bytes looked at, then of those sent."""

    def __init__(self, bar: Progress, total: int) -> None:
        self._bar, self._task = bar, bar.add_task("upload", total=total, events="", what="Looking")

    def looked(self, position: int) -> None:
        self._bar.update(self._task, completed=position)

    def sent(self, position: int, events: int) -> None:
        self._bar.update(self._task, completed=position, what="Uploading", events=f"{events} events")


@contextmanager
def _progress(total: int) -> Iterator[Show]:
    """Shows how far it is: a bar on a terminal, a line now and then elsewhere."""
    if not sys.stderr.isatty():
        yield Lines(total, partial(click.echo, err=True))
        return
    columns = (BarColumn(), DownloadColumn(), TextColumn("{task.fields[events]}"), TimeRemainingColumn())
    with Progress(TextColumn("{task.fields[what]}"), *columns, console=Console(stderr=True)) as bar:
        yield _Bar(bar, total)
