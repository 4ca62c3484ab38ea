"""`weboffice export`: everything of an account as Parquet."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from ops import running
from ops.settings import Settings


@click.command()
@click.option("--account", required=True, metavar="EMAIL|ID", help="The owner's address, or the account's id.")
@click.option("--to", required=True, type=click.Path(path_type=Path), metavar="FOLDER|FILE.zip", help="A new one.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def export(settings: Settings, account: str, to: Path, as_json: bool) -> None:
    """Write everything of an account as Parquet, for an owner who leaves or counts elsewhere: a file for each view of
    the schema `report` (docs/analysts.md), costs included, and the documents' lines, payments and contacts beside them,
    with a README of all columns.

    All of one moment, while everything runs. Needs Polars: pip install 'weboffice[export]'. Exit code 1 without such
    an account, 2 where something stands at FOLDER.
    """
    from ops.export.writing import export as write  # refuses by itself where Polars is missing

    postgres = running.services(settings).postgres
    exported = write(postgres, account, to.absolute(), lambda text: click.echo(text, err=True))
    if as_json:
        click.echo(msgspec.json.encode(exported).decode())
    else:
        moment = f"{exported.as_of:%Y-%m-%d %H:%M:%S} UTC"
        click.echo(f"{to}: {sum(exported.rows.values())} rows in {len(exported.rows)} tables, as of {moment}")
