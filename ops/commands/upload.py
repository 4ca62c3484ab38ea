"""`weboffice upload`: event files through the till client, safe to kill and to repeat."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from ops.settings import Settings
from producers.till.upload import READABLE, Lines, Upload, read_token, upload_files
from schemas.limits import MAX_EVENTS

Show = Callable[[int, int], None]


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
    as_json: bool,
    files: Sequence[Path],
) -> None:
    """Send FILES (JSON Lines of events, also .gz) to the service, as a till does.

    Killed or broken off, it goes on where it stopped when it is called again; lines that were sent are not sent twice.
    Acknowledged events stay in the spool for 30 days or 1 GiB, and go again where the service has lost them.
    Exit code 1 where the service refused events; they are listed, and everything else was sent.
    """
    if token:
        click.echo(READABLE, err=True)
    what = Upload(url, token or read_token(token_file, os.environ), settings.home, files, spool, give_up_after, batch)
    with _progress(sum(path.stat().st_size for path in files)) as show:
        uploaded = upload_files(what, show)
    click.echo(uploaded.document() if as_json else uploaded.text())
    if uploaded.withdrawn:
        click.get_current_context().exit(1)


@contextmanager
def _progress(total: int) -> Iterator[Show]:
    """Shows bytes of the files and events acknowledged: a bar on a terminal, a line now and then elsewhere."""
    if not sys.stderr.isatty():
        yield Lines(total, partial(click.echo, err=True))
        return
    columns = (BarColumn(), DownloadColumn(), TextColumn("{task.fields[events]} events"), TimeRemainingColumn())
    with Progress(TextColumn("Uploading"), *columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("upload", total=total, events=0)
        yield lambda done, events: bar.update(task, completed=done, events=events)
