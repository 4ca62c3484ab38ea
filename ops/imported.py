"""What `weboffice import` tells on a terminal: what it would do, how far it is, what came of it."""

from __future__ import annotations

import csv
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

import click
import msgspec

from producers.importers import words
from producers.importers.documents import BadRow
from producers.importers.figures import money
from producers.importers.importing import Outcome


def show(outcome: Outcome, english: bool) -> bool:
    """What it would do, on stderr."""
    found = outcome.preview
    kinds = ", ".join(f"{count} × {kind}" for kind, count in sorted(found.kinds.items())) or "nothing"
    click.echo(f"read: {kinds}; {found.events} events, {found.new} of them new", err=True)
    for note, count in outcome.notes.items():
        times = "" if note.code in words.COUNTLESS else f"{count} × "
        click.echo(f"note: {times}{words.told(note, english)}", err=True)
    for day, figures in sorted(found.totals.days.items()):
        methods = ", ".join(f"{method} {money(amount)}" for method, amount in sorted(figures.payments.items()))
        click.echo(f"{day}: {figures.sales} sales, revenue {money(figures.revenue)} ({methods})", err=True)
    if outcome.bad_rows:
        click.echo(f"{len(outcome.bad_rows)} rows can't be brought in", err=True)
    return True


class Progress:
    """A line for each thousand events or so."""

    def __init__(self) -> None:
        self._told = 0

    def __call__(self, events: int) -> None:
        if events - self._told >= 1000:
            self._told = events
            click.echo(f"{events} events acknowledged", err=True)


def tell(outcome: Outcome, as_json: bool, errors: Path | None, english: bool) -> None:
    """What came of it: a JSON document, or lines; the bad rows go to the file, or to stdout."""
    if errors and outcome.bad_rows:
        with errors.open("w", encoding="utf-8-sig", newline="") as file:
            _write(outcome.bad_rows, file, english)
    if as_json:
        click.echo(msgspec.json.encode(outcome.document(english)).decode())
        return
    if outcome.bad_rows and not errors:
        _write(outcome.bad_rows, sys.stdout, english)
    if outcome.delivery:
        click.echo(f"{sum(sent.events for sent in outcome.delivery.sent)} events acknowledged", err=True)
    if outcome.comparison is None:
        click.echo(f"not compared: {outcome.not_compared}", err=True)
    else:
        click.echo(
            "the service's figures equal the file's" if outcome.comparison.equal else _differences(outcome), err=True
        )
        counted, there = outcome.comparison.file_goods.get("stocks"), outcome.comparison.goods.get("stocks")
        if counted != there:
            click.echo(
                f"stock: {there} of {counted} counts stand; the others were sold, moved or counted since", err=True
            )


def _differences(outcome: Outcome) -> str:
    assert outcome.comparison
    ours, there = outcome.preview.totals.document(), outcome.comparison.days
    days = [f"{day}: file {ours.get(day)}, service {there.get(day)}" for day in ours if ours.get(day) != there.get(day)]
    goods = [f"goods: file {outcome.comparison.file_goods}, service {outcome.comparison.goods}"]
    differing = days + (goods if outcome.comparison.file_goods != outcome.comparison.goods else [])
    return "\n".join(["the service's figures differ:", *differing])


def _write(rows: Sequence[BadRow], file: TextIO, english: bool) -> None:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["row", "column", "value", "reason"])
    for row in rows:
        writer.writerow([row.row, row.column, row.value, words.why(row, english)])
