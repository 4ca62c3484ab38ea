"""`weboffice provision`: an account, its outlets and their tokens, without a browser."""

from __future__ import annotations

import click
import msgspec

from ops import running
from ops.provisioning import LATEST_BEGINNING, Wish, create_sign_in_link
from ops.provisioning import provision as provision_account
from ops.settings import Settings
from ops.sources import source
from schemas.errors import UsageError


@click.command()
@click.option("--email", required=True, metavar="E", help="The owner's e-mail address.")
@click.option("--outlet", "outlets", multiple=True, required=True, metavar="NAME", help="May be given several times.")
@click.option("--zone", default="Europe/Moscow", show_default=True, help="IANA time zone of outlets that are new.")
@click.option(
    "--day-begins",
    type=click.IntRange(0, LATEST_BEGINNING),
    metavar="HOUR",
    help="The hour at which the outlets' days begin, 0 (midnight) to 12; what happens before it counts to the day"
    " before. Can't be changed after the first upload.",
)
@click.option(
    "--till", metavar="NAME", help="Issue the token of this till, made where there is none; else of the first till."
)
@click.option("--test", is_flag=True, help="For trying: marked, in no total; `weboffice erase-test` erases them.")
@click.option("--sign-in-link", is_flag=True, help="Also make an address that signs the owner in once, within an hour.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def provision(
    settings: Settings,
    email: str,
    outlets: tuple[str, ...],
    zone: str,
    day_begins: int | None,
    till: str | None,
    test: bool,
    sign_in_link: bool,
    as_json: bool,
) -> None:
    """Make (or find) an account and its outlets; issue an owner token and a token for a till of each outlet.

    Tokens are kept hashed, so each call issues new ones; earlier ones stay valid.
    """
    postgres = source(settings).postgres
    public_url = settings.public_url or running.address(settings.home) or ""
    if sign_in_link and not public_url:
        raise UsageError("where does the portal serve? Set WEBOFFICE_PUBLIC_URL")
    made = provision_account(postgres, email, outlets, Wish(zone, day_begins, till, test))
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
