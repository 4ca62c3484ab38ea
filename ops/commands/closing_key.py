"""`weboffice closing-key`: what closed months are checked by."""

from __future__ import annotations

import click
import msgspec

from ops.settings import Settings
from webapp import signing


@click.command("closing-key")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def closing_key(settings: Settings, as_json: bool) -> None:
    """Print the public keys by which closed months are checked, that of today first (PEM).

    The key is that of WEBOFFICE_CLOSING_KEYS, else of HOME/closing.key, which is made where there is none.
    """
    keys = signing.of_home(settings.home, settings.closing_keys)
    if as_json:
        click.echo(msgspec.json.encode([{"key": key.id, "pem": key.pem} for key in keys.public]).decode())
    else:
        click.echo("".join(key.pem for key in keys.public), nl=False)
