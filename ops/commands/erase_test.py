"""`weboffice erase-test`: what was tried is gone."""

from __future__ import annotations

import click
import msgspec

from ops.provisioning import erase_test as erase
from ops.settings import Settings
from ops.sources import source


@click.command("erase-test")
@click.option("--email", required=True, metavar="E", help="The owner's e-mail address.")
@click.option("--outlet", required=True, metavar="NAME")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def erase_test(settings: Settings, email: str, outlet: str, as_json: bool) -> None:
    """Erase an outlet for trying (`provision --test`): its tills, tokens and files at once, its rows through the log.

    Exit code 1 where there is none of that name, 2 where it is a real one. Its name is free again.
    """
    outlet_id = erase(source(settings).postgres, email, outlet)
    if as_json:
        click.echo(msgspec.json.encode({"outlet_id": outlet_id}).decode())
    else:
        click.echo(f"outlet {outlet_id} is erased: its rows go within moments")
