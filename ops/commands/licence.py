"""`weboffice licence`: invoices as an operator sees them, their payment, prices and the seller's name."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

import click
import msgspec

from ops import sellerdetails
from ops.settings import Settings
from ops.sources import source
from projections.replay.catchup import session
from schemas.errors import UsageError
from schemas.statements import load

_sql = load("ops.commands", "licence.sql")
NO = 1


@click.group()
def licence() -> None:
    """Invoices and licences."""


@licence.command("invoices")
@click.option("--open", "only_open", is_flag=True, help="Only those not paid and not cancelled.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def invoices(settings: Settings, only_open: bool, as_json: bool) -> None:
    """List invoices, the newest first."""
    with session(source(settings).postgres) as connection:
        rows = connection.execute(_sql["invoices"], {"only_open": only_open}).fetchall()
    names = ("number", "created_at", "months", "amount", "currency", "outlets", "state")
    if as_json:
        click.echo(msgspec.json.encode([dict(zip(names, row, strict=True)) for row in rows]).decode())
        return
    for number, created_at, months, amount, currency, outlets, state in rows:
        click.echo(f"{number}  {created_at:%Y-%m-%d}  {outlets} × {months} months  {amount} {currency}  {state}")


@licence.command("pay")
@click.argument("number", type=click.IntRange(min=1))
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def pay(context: click.Context, number: int, as_json: bool) -> None:
    """Mark an invoice as paid and extend the licences of its outlets. Exit code 1 where it can't be."""
    settings: Settings = context.obj
    with session(source(settings).postgres) as connection, connection.transaction():
        row = connection.execute(_sql["pay"], {"number": number}).fetchone()
    outcome: str = row[0] if row else ""
    click.echo(msgspec.json.encode({"number": number, "outcome": outcome}).decode() if as_json else outcome)
    if outcome != "paid":
        context.exit(NO)


@licence.command("price")
@click.argument("months", type=click.IntRange(1, 60))
@click.argument("price")
@click.pass_obj
def price(settings: Settings, months: int, price: str) -> None:
    """Set what one outlet costs for so many months (for the whole term); `none` takes the term off the list."""
    statement = _sql["drop_price"] if price == "none" else _sql["set_price"]
    with session(source(settings).postgres) as connection, connection.transaction():
        connection.execute(statement, {"months": months, "price": None if price == "none" else _money(price)})


@licence.command("seller")
@click.option("--name", required=True, help="Who sells, as invoices name it.")
@click.option("--inn", required=True, help="ИНН: 10 digits of a firm, 12 of an entrepreneur.")
@click.option("--kpp", default="", help="КПП of a firm, 9 digits.")
@click.option("--bank", required=True, help="The bank's name.")
@click.option("--bik", required=True, help="БИК of the bank, 9 digits.")
@click.option("--account", required=True, help="The account at the bank, 20 digits.")
@click.option("--correspondent", default="", help="The bank's correspondent account, 20 digits.")
@click.option("--vat", required=True, help="Percent of VAT that prices include, or `none`.")
@click.option("--details", default="", help="What else invoices say, such as the address; \\n starts a new line.")
@click.pass_obj
def seller(settings: Settings, /, name: str, inn: str, vat: str, details: str, **numbers: str) -> None:
    """Set who the invoices are from. Before that none can be made."""
    if not name.strip() or not numbers["bank"].strip():
        raise UsageError("the names of the seller and of the bank can't be empty")
    if not sellerdetails.is_inn(inn):
        raise UsageError(f"{inn!r} is no ИНН: it has 10 or 12 digits, of which the last ones check the others")
    for option, length in (("kpp", 9), ("bik", 9), ("account", 20), ("correspondent", 20)):
        if (numbers[option] or option in ("bik", "account")) and not sellerdetails.is_number(numbers[option], length):
            raise UsageError(f"--{option}: {numbers[option]!r} is not a number of {length} digits")
    percent = sellerdetails.vat_percent(vat)
    parameters = {**numbers, "name": name, "inn": inn, "vat_percent": percent, "details": details.replace("\\n", "\n")}
    with session(source(settings).postgres) as connection, connection.transaction():
        connection.execute(_sql["set_seller"], parameters)


@licence.command("notices")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def notices(settings: Settings, as_json: bool) -> None:
    """List the payment provider's notices that did not pay an invoice: they need a person."""
    with session(source(settings).postgres) as connection:
        rows = connection.execute(_sql["notices"]).fetchall()
    names = ("provider", "notice_id", "number", "amount", "currency", "received_at", "outcome")
    if as_json:
        click.echo(msgspec.json.encode([dict(zip(names, row, strict=True)) for row in rows]).decode())
        return
    for provider, notice_id, number, amount, currency, received_at, outcome in rows:
        click.echo(f"{received_at:%Y-%m-%d %H:%M}  {provider} {notice_id}  {number}  {amount} {currency}  {outcome}")


def _money(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation as exc:
        raise UsageError(f"{text!r} is not an amount of money") from exc
    if not amount.is_finite() or amount < 0 or amount >= 10**9 or amount != round(amount, 2):
        raise UsageError(f"{text!r} is not an amount of money")
    return amount
