"""`weboffice provision`: an account, its outlets and their tokens, without a browser."""

from __future__ import annotations

import click
import msgspec

from ops import running
from ops.provisioning import create_sign_in_link
from ops.provisioning import provision as provision_account
from ops.settings import Settings
from ops.sources import source
from schemas.errors import UsageError


@click.command()
@click.option("--email", required=True, metavar="E", help="The owner's e-mail address.")
@click.option("--outlet", "outlets", multiple=True, required=True, metavar="NAME", help="May be given several times.")
@click.option("--zone", default="Europe/Moscow", show_default=True, help="IANA time zone of outlets that are new.")
@click.option("--sign-in-link", is_flag=True, help="Also make an address that signs the owner in once, within an hour.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def provision(
    settings: Settings, email: str, outlets: tuple[str, ...], zone: str, sign_in_link: bool, as_json: bool
) -> None:
    """Make (or find) an account and its outlets; issue an owner token and a token for each outlet's first till.

    Tokens are kept hashed, so each call issues new ones; earlier ones stay valid.
    """
    postgres = source(settings).postgres
    public_url = settings.public_url or running.address(settings.home) or ""
    if sign_in_link and not public_url:
        raise UsageError("where does the portal serve? Set WEBOFFICE_PUBLIC_URL")
    made = provision_account(postgres, email, outlets, zone)
    if sign_in_link:
        made["sign_in_link"] = create_sign_in_link(postgres, email, public_url)
    if as_json:
        click.echo(msgspec.json.encode(made).decode())
        return
    click.echo(f"account {made['account_id']}\nowner token {made['owner_token']}")
    for outlet in made["outlets"]:
        click.echo(f"{outlet['name']}: outlet {outlet['outlet_id']}, till token {outlet['till_token']}")
    if sign_in_link:
        click.echo(f"sign in once: {made['sign_in_link']}")
