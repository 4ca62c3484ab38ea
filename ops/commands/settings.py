"""`weboffice settings`: what can be set, and what it is now."""

from __future__ import annotations

import os

import click
import msgspec

from ops.settings import SETTINGS

_SECRET = {"WEBOFFICE_PAYMENT_SECRET", "WEBOFFICE_POSTGRES", "WEBOFFICE_SMTP_URL"}  # may hold passwords


@click.command()
@click.option("--json", "as_json", is_flag=True)
def settings(as_json: bool) -> None:
    """List the settings, their defaults and whether they are set; secrets are not shown."""
    rows = [
        {
            "variable": setting.variable,
            "default": setting.default,
            "value": None
            if setting.variable not in os.environ
            else "(set)"
            if setting.variable in _SECRET
            else os.environ[setting.variable],
            "about": setting.about,
        }
        for setting in SETTINGS
    ]
    if as_json:
        click.echo(msgspec.json.encode(rows).decode())
        return
    for row in rows:
        now = f" = {row['value']}" if row["value"] is not None else f" (default {row['default']!r})"
        click.echo(f"{row['variable']}{now}\n    {row['about']}")
