"""What commands show while they work: a bar on a terminal, now and then a line elsewhere. All on stderr."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ops.infrastructure import jars


def download_progress() -> jars.Progress:
    """Shows how many of Kafka's jars have been downloaded; nothing where none has to be."""
    bar = Progress(
        TextColumn("Downloading Kafka"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("jars"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )
    task = None

    def show(done: int, total: int) -> None:
        nonlocal task
        if not sys.stderr.isatty():
            if done % 10 == 0 or done == total:
                sys.stderr.write(f"Downloading Kafka: {done} of {total} jars\n")
            return
        if task is None:
            bar.start()
            task = bar.add_task("jars", total=total)
        bar.update(task, completed=done)
        if done == total:
            bar.stop()

    return show
