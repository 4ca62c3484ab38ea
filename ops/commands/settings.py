"""`weboffice settings`: what can be set, and what it is now."""

from __future__ import annotations

import os

import click
import msgspec

from ops.settings import SETTINGS

_SECRET = {"WEBOFFICE_PAYMENT_SECRET", "WEBOFFICE_POSTGRES", "WEBOFFICE_SMTP_URL"}  # may hold passwords


@click.command()
@click.option("--json", "as_json", is_flag=True)
@click.option("--markdown", is_flag=True, help="The reference docs/settings.md, whatever is set.")
def settings(as_json: bool, markdown: bool) -> None:
    """List the settings, their defaults and whether they are set; secrets are not shown."""
    if markdown:
        click.echo(reference(), nl=False)
        return
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


def reference() -> str:
    """docs/settings.md: `weboffice settings --markdown > docs/settings.md` writes it anew."""
    rows = [f"| `{one.variable}` | {f'`{one.default}`' if one.default else ''} | {one.about} |" for one in SETTINGS]
    return "\n".join([*_HEAD, *rows, *_TAIL]) + "\n"


_HEAD = [
    "# Settings",
    "",
    "All settings come from the environment and are checked when a command starts: one that is not known, or does not",
    "fit, ends it with exit code 2 and says what is wrong. `weboffice settings` shows what is set now.",
    "Written by `weboffice settings --markdown`.",
    "",
    "| variable | default | what it is for |",
    "|---|---|---|",
]
_TAIL = [
    "",
    "PostgreSQL's password need not stand in `WEBOFFICE_POSTGRES`: libpq's own `PGPASSFILE` names a file that holds it",
    "(`host:port:database:user:password`, readable by its owner alone), as compose.yaml does.",
    "`PGCONNECT_TIMEOUT` says after how many seconds a PostgreSQL that is silent is taken for away; 10 by default.",
    "",
    "compose.yaml takes from the environment, or from a file `.env` beside it, what is to be decided there:",
    "`WEBOFFICE_PORT`, `WEBOFFICE_IMAGE`, `WEBOFFICE_PUBLIC_URL`, `WEBOFFICE_SMTP_URL`, `WEBOFFICE_PAYMENT_SECRET`,",
    "`WEBOFFICE_PARTITIONS`, `WEBOFFICE_UPLOADS_DAYS`, `WEBOFFICE_LOG_LEVEL`;",
    "[deployment.md](deployment.md) says when.",
]
