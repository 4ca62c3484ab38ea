"""`weboffice conform`: checks a till program, or a server of uploads, against the contract's cases."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from functools import partial
from typing import TypeVar

import click
import msgspec

from producers.conformance import playing, servercheck
from producers.conformance.cases import Cases, GatewayCase, TillCase, load
from producers.conformance.playing import Played, Setting
from producers.till.words import language
from schemas.errors import UsageError

C = TypeVar("C", TillCase, GatewayCase)


@click.command()
@click.option("--url", metavar="U", help="Play a nasty network and server here, e.g. http://127.0.0.1:8099.")
@click.option(
    "--command",
    metavar="CMD",
    help="Start the till program by this, with {url}, {spool}, {events} and, where it has it, {clock_ahead}.",
)
@click.option("--gateway", metavar="U", help="Check the server at this address.")
@click.option(
    "--token", metavar="T", help="A till's token of the server, of an outlet for trying; else WEBOFFICE_TOKEN."
)
@click.option("--only", "names", multiple=True, metavar="CASE", help="May be given several times.")
@click.option("--cases", "as_cases", is_flag=True, help="Print the cases and end.")
@click.option("--patience", default=300.0, show_default=True, help="Seconds to wait for a person at the till.")
@click.option("--quiet", default=5.0, show_default=True, help="Seconds without a request after which a start is over.")
@click.option("--json", "as_json", is_flag=True)
def conform(
    url: str | None,
    command: str | None,
    gateway: str | None,
    token: str | None,
    names: Sequence[str],
    as_cases: bool,
    patience: float,
    quiet: float,
    as_json: bool,
) -> None:
    """Check a till program (`--url`) or a server (`--gateway`) against the contract. Exit code 1 where one fails.

    A till program is pointed at `--url`; lost answers, 503, 429, cut batches, a restored database and holes befall it,
    and what it does wrong is printed. With `--command` it is started for each case; else by you, when told to.
    The token of `--gateway` has to be one of an outlet for trying (`provision --test`): sales are sent.
    """
    cases, english = load(), language(os.environ) == "en"
    if as_cases:
        click.echo(msgspec.json.format(msgspec.json.encode(cases), indent=2).decode())
        return
    if (url is None) == (gateway is None):
        raise UsageError("say either --url (to check a till program) or --gateway (to check a server)")
    say = partial(click.echo, err=True)
    played: Iterable[Played]
    if gateway is not None:
        token = token or os.environ.get("WEBOFFICE_TOKEN")
        if not token:
            raise UsageError("the token of a till is needed: --token or WEBOFFICE_TOKEN")
        played = servercheck.check(cases, _chosen(cases.gateway, names), gateway, token, english)
    else:
        setting = Setting(url or "", english)
        chosen = _chosen(cases.till, names)
        if command:
            played = playing.by_command(cases, chosen, setting, command)
        else:
            played = playing.by_hand(chosen, setting, patience, quiet, say)
    results = []
    for result in played:
        results.append(result)
        if not as_json:
            _show(result, cases, english)
    if as_json:
        click.echo(msgspec.json.encode({"passed": _passed(results), "cases": results}))
    if not _passed(results):
        sys.exit(1)


def _chosen(cases: Sequence[C], names: Sequence[str]) -> list[C]:
    if unknown := set(names) - {case.name for case in cases}:
        raise UsageError(f"no such case: {', '.join(sorted(unknown))}; there are {', '.join(c.name for c in cases)}")
    return [case for case in cases if not names or case.name in names]


def _passed(results: Sequence[Played]) -> bool:
    return not any(result.faults for result in results) and any(result.tried for result in results)


def _show(result: Played, cases: Cases, english: bool) -> None:
    marks = ("ok  ", "FAIL", "not tried") if english else ("ok  ", "НЕТ ", "не проверено")
    mark = marks[2] if not result.tried else marks[1] if result.faults else marks[0]
    click.echo(f"{mark} {result.name}: {result.title}")
    for fault in result.faults:
        words = cases.faults.get(fault.code)
        text = (words.en if english else words.ru) if words else ""
        click.echo(f"       {fault.code}: {text}{f' ({fault.detail})' if fault.detail and text else fault.detail}")
