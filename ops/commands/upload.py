"""`weboffice upload`: event files through the till client, safe to kill and to repeat."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import click
import msgspec
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from ops.settings import Settings
from producers.till.client import Sent, TillClient
from producers.till.files import take_over
from schemas.uploads import MAX_EVENTS

_LINE_EVERY_S = 5.0
Show = Callable[[int, int], None]


@click.command()
@click.option("--url", required=True, help="Address of the service, e.g. https://example.ru.")
@click.option("--token", required=True, help="The till's token.")
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
    token: str,
    spool: Path | None,
    give_up_after: float,
    batch: int,
    as_json: bool,
    files: Sequence[Path],
) -> None:
    """Send FILES (JSON Lines of events, also .gz) to the service, as a till does.

    Killed or broken off, it goes on where it stopped when it is called again; lines that were sent are not sent twice.
    Exit code 1 where the service refused events; they are listed, and everything else was sent.
    """
    spool = spool or settings.home / "spools" / sha256(f"{url.rstrip('/')}\n{token}".encode()).hexdigest()[:24]
    stamps = settings.home / "spool-stamps"
    with TillClient(url, token, spool, state_dir=stamps, batch_events=batch) as client:
        result = _send(client, files, give_up_after or None)
    refused = result["withdrawn"]
    click.echo(msgspec.json.encode(result).decode() if as_json else _text(result))
    if refused:
        click.get_current_context().exit(1)


def _send(client: TillClient, files: Sequence[Path], give_up_after: float | None) -> dict[str, Any]:
    sendings: list[Sent] = []
    taken = []
    with _progress(sum(path.stat().st_size for path in files)) as show:

        def send(done: int) -> None:
            sendings.append(client.send(give_up_after))
            show(done, sum(sent.events for sent in sendings))

        send(0)  # what an earlier call left behind
        done = 0
        for path in files:
            found = take_over(client, path, partial(_after, send, done))
            taken.append({"file": path.name, "events": found.events, "bytes_before": found.bytes_before})
            done += path.stat().st_size
        show(done, sum(sent.events for sent in sendings))
    return {
        "run": client.spool.run,
        "events": sum(sent.events for sent in sendings),
        "uploads": sum(sent.uploads for sent in sendings),
        "waiting": client.pending,
        "files": taken,
        "withdrawn": [msgspec.to_builtins(withdrawn) for sent in sendings for withdrawn in sent.withdrawn],
    }


def _after(send: Callable[[int], None], before: int, position: int) -> None:
    send(before + position)


def _text(result: dict[str, Any]) -> str:
    lines = [f"{result['events']} events acknowledged in {result['uploads']} uploads"]
    lines += [f"refused: event {w['seq']} at {w['at']}: {w['reason']}" for w in result["withdrawn"]]
    return "\n".join(lines)


@contextmanager
def _progress(total: int) -> Iterator[Show]:
    """Shows bytes of the files and events acknowledged: a bar on a terminal, a line now and then elsewhere."""
    if not sys.stderr.isatty():
        shown, last = time.monotonic(), ""

        def line(done: int, events: int) -> None:
            nonlocal shown, last
            text = f"{done * 100 // max(total, 1)} %, {events} events acknowledged"
            if text != last and (time.monotonic() - shown >= _LINE_EVERY_S or done >= total):
                shown, last = time.monotonic(), text
                click.echo(text, err=True)

        yield line
        return
    columns = (BarColumn(), DownloadColumn(), TextColumn("{task.fields[events]} events"), TimeRemainingColumn())
    with Progress(TextColumn("Uploading"), *columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("upload", total=total, events=0)
        yield lambda done, events: bar.update(task, completed=done, events=events)
