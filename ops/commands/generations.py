"""`weboffice generations`: list, switch and drop generations of read models."""

from __future__ import annotations

import click
import msgspec

from ops.settings import Settings
from ops.sources import source
from ops.watching import Watch
from projections.generations import register
from projections.models import versions
from projections.replay import switching
from projections.replay.catchup import session


@click.group()
def generations() -> None:
    """List, switch and drop generations of read models."""


@generations.command("list")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def list_(settings: Settings, as_json: bool) -> None:
    """Show all generations: the live one, old ones, reports 'as of', unfinished ones."""
    with session(source(settings).postgres) as connection:
        found = register.overview(connection)
    if as_json:
        rows = [{**msgspec.to_builtins(one), **msgspec.to_builtins(one.generation)} for one in found]
        for row in rows:
            del row["generation"]
        click.echo(msgspec.json.encode({"generations": rows, "fold_version": versions.FOLD_VERSION}).decode())
        return
    for one in found:
        until = f" until {one.generation.until:%Y-%m-%d %H:%M:%S%z}" if one.generation.until else ""
        name = f" {one.generation.name!r}{until}" if one.generation.name else ""
        click.echo(
            f"{one.generation.number:>4} {one.generation.state:8} fold version {one.generation.fold_version}"
            f" {one.bytes / 1e6:>10,.1f} MB made {one.created_at:%Y-%m-%d %H:%M}{name}"
        )


@generations.command()
@click.argument("number", type=int)
@click.option("--accept", is_flag=True, help="Even if it was folded by another version.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def switch(settings: Settings, number: int, accept: bool, as_json: bool) -> None:
    """Make generation NUMBER the live one (the way back to an old one); it is caught up first."""
    with Watch() as watch:
        now = switching.switch(source(settings), number, watch, accept)
    click.echo(msgspec.json.encode(now).decode() if as_json else f"generation {now.number} is live")


@generations.command()
@click.argument("number", type=int)
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def drop(settings: Settings, number: int, as_json: bool) -> None:
    """Delete generation NUMBER with all its rows; the live one is refused."""
    switching.drop(source(settings).postgres, number)
    click.echo(msgspec.json.encode({"dropped": number}).decode() if as_json else f"generation {number} is dropped")
