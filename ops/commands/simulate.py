"""`weboffice simulate`: tills that behave like real ones, over the upload API."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from zoneinfo import ZoneInfo

import click
import msgspec
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from ops import running
from ops.provisioning import Wish, provision
from ops.settings import Settings
from producers.simulator.driver import Plan, Registered, Simulation
from producers.simulator.shop import Shop
from schemas.errors import InfrastructureUnreachable, UsageError

OWNER = "simulator@demo.example"
_LINE_EVERY_S = 5.0


@click.command()
@click.option("--url", help="Address of the service; by default the one that runs in WEBOFFICE_HOME.")
@click.option(
    "--token", "tokens", multiple=True, help="A till's token, once per shop; by default tills are provisioned."
)
@click.option("--tills", type=click.IntRange(1, 1000), help="Number of tills; every third shop has two. [default: 3]")
@click.option("--days", type=click.IntRange(0, 3650), default=35, show_default=True, help="Days of past to upload.")
@click.option(
    "--rate", type=click.FloatRange(0), default=0.0, show_default=True, help="Live sales per second and till."
)
@click.option(
    "--give-up-after", default=60.0, show_default=True, help="Seconds without progress, until sales are live; 0: never."
)
@click.option("--seed", default=7, show_default=True)
@click.option("--zone", default="Europe/Moscow", show_default=True, help="Time zone of the shops.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def simulate(
    settings: Settings,
    url: str | None,
    tokens: Sequence[str],
    tills: int | None,
    days: int,
    rate: float,
    give_up_after: float,
    seed: int,
    zone: str,
    as_json: bool,
) -> None:
    """Simulate shops: first their past, then live sales until stopped (with a rate; 0 ends after the past).

    The same seed on the same day gives the same shops with the same past.
    """
    address = url or running.address(settings.home)
    if not address:
        raise InfrastructureUnreachable(f"nothing runs in {settings.home}: start `weboffice up`, or give --url")
    shops = planned(tills or max(len(tokens), 3), len(tokens), _zone(zone))
    registered = [Registered(shop, token, token) for shop, token in zip(shops, tokens, strict=False)] or _provisioned(
        settings, shops, zone
    )
    with _progress() as progress:
        plan = Plan(address, seed, days, rate, settings.home, give_up_after or None)
        simulation = Simulation(plan, registered, progress)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: simulation.stop())
        reports = simulation.run()
    result: dict[str, Any] = {
        "url": address,
        "seed": seed,
        "events": sum(report.events for report in reports),
        "sales": sum(report.sales for report in reports),
        "withdrawn": sum(report.withdrawn for report in reports),
        "waiting": sum(report.waiting for report in reports),
        "tills": msgspec.to_builtins(reports),
    }
    text = f"{result['sales']} sales, {result['events']} events acknowledged from {len(reports)} tills"
    click.echo(msgspec.json.encode(result).decode() if as_json else text)


def planned(tills: int, tokens: int, zone: ZoneInfo) -> list[Shop]:
    """Shops for so many tills: every third one has two. With `tokens`, exactly that many shops share the tills."""
    if tokens:
        if tills < tokens:
            raise UsageError("there are more tokens than tills")
        return [Shop(n, zone, tills=tills // tokens + (n < tills % tokens)) for n in range(tokens)]
    shops: list[Shop] = []
    while tills:
        here = 2 if len(shops) % 3 == 2 and tills > 1 else 1
        shops.append(Shop(len(shops), zone, tills=here))
        tills -= here
    return shops


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError) as exc:
        raise UsageError(f"no such time zone: {name}") from exc


def _provisioned(settings: Settings, shops: Sequence[Shop], zone: str) -> list[Registered]:
    names = [f"{shop.kind.name} № {shop.number + 1}" for shop in shops]
    account = provision(running.services(settings).postgres, OWNER, names, Wish(zone))
    return [
        Registered(shop, outlet["till_token"], outlet["outlet_id"])
        for shop, outlet in zip(shops, account["outlets"], strict=True)
    ]


@contextmanager
def _progress() -> Iterator[Callable[[int], None]]:
    """Shows the events acknowledged: a counter on a terminal, a line now and then elsewhere."""
    lock, total, shown = threading.Lock(), 0, time.monotonic()
    if not sys.stderr.isatty():

        def line(count: int) -> None:
            nonlocal total, shown
            with lock:
                total += count
                if time.monotonic() - shown >= _LINE_EVERY_S:
                    shown = time.monotonic()
                    click.echo(f"{total} events acknowledged", err=True)

        yield line
        return
    text = TextColumn("Simulating: {task.completed} events acknowledged")
    with Progress(SpinnerColumn(), text, TimeElapsedColumn(), console=Console(stderr=True)) as bar:
        task = bar.add_task("simulate", total=None)
        yield lambda count: bar.update(task, advance=count)
