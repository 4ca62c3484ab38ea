"""`weboffice settings`: what can be set, and what it is now."""

from __future__ import annotations

import os

import click
import msgspec

from ops.settings import SETTINGS, Setting


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
            "value": _shown(setting),
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


def _shown(setting: Setting) -> str | None:
    if setting.secret:
        return "(set)" if {setting.variable, setting.file_variable} & os.environ.keys() else None
    return os.environ.get(setting.variable)


def reference() -> str:
    """docs/settings.md: `weboffice settings --markdown > docs/settings.md` writes it anew."""
    rows = [f"| `{one.variable}` | {f'`{one.default}`' if one.default else ''} | {one.about} |" for one in SETTINGS]
    secrets = ", ".join(f"`{one.variable}`" for one in SETTINGS if one.secret)
    return "\n".join([*_HEAD, *rows, *_TAIL]).replace("@SECRETS@", secrets) + "\n"


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
    "**Secrets**: the value of each of @SECRETS@",
    "may stand in a file instead, which the same name with `_FILE` behind it names, as compose.yaml does",
    "(`WEBOFFICE_POSTGRES_FILE=/run/secrets/postgres`).",
    "",
    "**Kafka with a login or TLS**: `WEBOFFICE_KAFKA` is then `sasl_ssl://USER:PASSWORD@host:port,…`, and `?ca=FILE`",
    "names the certificates to trust in place of the system's; `ssl://…` without a login, `sasl_plaintext://…` without",
    "TLS. The mechanism is SCRAM-SHA-512, or the one that `?mechanism=` names: SCRAM-SHA-256, PLAIN.",
    "User and password are percent-encoded; certificates and names of hosts are verified.",
    "**PostgreSQL with TLS**: libpq's own `?sslmode=verify-full&sslrootcert=FILE` in each of its URLs.",
    "",
    "**Keys of second factors**: the secrets that codes are made of are sealed (AES-256-GCM) with the first of",
    "`WEBOFFICE_FACTOR_KEYS`, 32 bytes in Base64 each (`openssl rand -base64 32`), divided by commas or lines.",
    "Without them the portal makes HOME/factor.key, for its user alone: then all portals need the same home. **A new",
    "key**: put it in front, restart each portal with both; when the log says `second factors sealed`, take the old",
    "one away. Secrets from before there were keys are sealed at the portal's start. Keep the keys where backups of",
    "PostgreSQL are not: without them who has a second factor comes in by a recovery code, or after",
    "`weboffice account reset-totp`.",
    "",
    "**Key of web push**: browsers subscribe with its public part. Without `WEBOFFICE_PUSH_KEY` (32 bytes in Base64, a",
    "private key of P-256) the portal or `work tell` makes HOME/push.key: then both need the same home. With another",
    "key every device has to be subscribed anew.",
    "",
    "**Keys of closings**: a closed month is signed (Ed25519) with the first of `WEBOFFICE_CLOSING_KEYS`, written as",
    "those above; without them the portal makes HOME/closing.key. `weboffice closing-key` tells the public halves, by",
    "which accountants check. **A new key**: put it in front and keep the old one behind it: what that signed stays as",
    "it is, and its public half goes on being told. No backup has the keys: keep a copy.",
    "",
    "**Logins**: processes log in to PostgreSQL with roles of their own. What `WEBOFFICE_POSTGRES` names owns the",
    "tables, and is for commands and rebuilds. Where a part's URL is not set, `migrate` makes its login",
    "(`weboffice_worker`, `weboffice_gateway`, `weboffice_accounts`, `weboffice_portal`), with a password that follows",
    "from the one in `WEBOFFICE_POSTGRES` (so it has to be there, not in `PGPASSFILE`); the owner needs the right to",
    "make roles. Where it is set, `migrate` gives that login the rights of its part. Who has its part's URLs needs not",
    "know the owner's.",
    "",
    "`PGCONNECT_TIMEOUT` says after how many seconds a PostgreSQL that is silent is taken for away; 10 by default.",
    "",
    "compose.yaml takes from the environment, or from a file `.env` beside it, what is to be decided there:",
    "`WEBOFFICE_PORT`, `WEBOFFICE_IMAGE`, `WEBOFFICE_PUBLIC_URL`, `WEBOFFICE_SMTP_URL`, `WEBOFFICE_SUPPORT_EMAIL`,",
    "`WEBOFFICE_PAYMENT_SECRET`, `WEBOFFICE_FACTOR_KEYS`, `WEBOFFICE_PUSH_KEY`, `WEBOFFICE_CLOSING_KEYS`,",
    "`WEBOFFICE_PARTITIONS`, `WEBOFFICE_UPLOADS_DAYS`, `WEBOFFICE_LOG_LEVEL`;",
    "[deployment.md](deployment.md) says when.",
]
