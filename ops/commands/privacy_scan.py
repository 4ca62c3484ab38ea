"""`weboffice privacy-scan`: look for names, e-mails and phones where none may be."""

from __future__ import annotations

import asyncio

import click
import msgspec

from ops.settings import Settings
from ops.sources import source
from projections.proof.privacy import scan


@click.command("privacy-scan")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def privacy_scan(settings: Settings, as_json: bool) -> None:
    """Read every record and row outside the intake and look for full names, e-mails and phone numbers.

    Says where something was found, not what. Exit code 1 where anything was.
    """
    found = asyncio.run(scan(source(settings)))
    if as_json:
        click.echo(msgspec.json.encode({**msgspec.to_builtins(found), "clean": not found.findings}).decode())
    else:
        for finding in found.findings:
            click.echo(f"{finding.kind}: {finding.place} {finding.at}")
        click.echo(f"{found.records} records and {found.rows} rows read, {len(found.findings)} findings")
    if found.findings:
        raise click.exceptions.Exit(1)
