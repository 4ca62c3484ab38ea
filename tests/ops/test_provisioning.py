"""Accounts, outlets and tokens without a browser."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import psycopg
import pytest
from click.testing import CliRunner

from ops.commands.licence import licence
from ops.commands.provision import provision as command
from ops.provisioning import Wish, create_sign_in_link, provision
from ops.settings import Settings
from schemas.errors import UsageError
from schemas.tokens import digest
from tests.webapp.shop import Shop

OWNER = "owner@shop.example"


def rows(postgres: str, statement: str) -> list[Any]:
    with psycopg.connect(postgres) as connection:
        return connection.execute(statement.encode()).fetchall()


def test_provisioning_again_finds_what_is_there_and_issues_new_tokens(postgres: str) -> None:
    """One account, one outlet per name, one till each; the tokens of both calls are valid and kept as digests."""
    first = provision(postgres, OWNER, ["Лавка", "Кафе"])
    second = provision(postgres, f" {OWNER.upper()} ", ["Лавка", "Кафе"], Wish("Asia/Omsk"))
    assert first["account_id"] == second["account_id"]
    assert [o["outlet_id"] for o in first["outlets"]] == [o["outlet_id"] for o in second["outlets"]]
    assert rows(postgres, "SELECT name FROM app.tills") == [("Касса 1",)] * 2
    assert {zone for (zone,) in rows(postgres, "SELECT zone FROM app.outlets")} == {"Europe/Moscow"}
    tokens = {o["till_token"] for made in (first, second) for o in made["outlets"]}
    valid = {bytes(h) for (h,) in rows(postgres, "SELECT token_hash FROM app.till_tokens WHERE revoked_at IS NULL")}
    assert valid == {digest(token) for token in tokens}
    assert len(valid) == 4
    assert len(rows(postgres, "SELECT 1 FROM app.owner_tokens")) == 2


@pytest.mark.parametrize(
    ("email", "outlets", "zone"),
    [
        (OWNER, ["А"], "Moon/Base"),
        (OWNER, ["А"], "../etc"),
        (OWNER, [" "], "UTC"),
        (OWNER, [], "UTC"),
        ("x", ["А"], "UTC"),
    ],
)
def test_what_cannot_be_is_refused_and_leaves_nothing(postgres: str, email: str, outlets: list[str], zone: str) -> None:
    """A wrong zone, name or address is a usage error before anything is written."""
    with pytest.raises(UsageError):
        provision(postgres, email, outlets, Wish(zone))
    assert not rows(postgres, "SELECT 1 FROM app.accounts")


def test_a_day_begins_at_the_hour_that_is_named(postgres: str) -> None:
    """An outlet keeps its hour, 0 unless one is named; another one is taken until there is data, and refused then."""
    kept = "SELECT name, day_begins FROM app.outlets ORDER BY name"
    provision(postgres, OWNER, ["Бар"], Wish(day_begins=6))
    provision(postgres, OWNER, ["Бар", "Лавка"])
    assert rows(postgres, kept) == [("Бар", 6), ("Лавка", 0)]
    shop = Shop(postgres, OWNER, ["Бар"])
    provision(postgres, OWNER, ["Бар"], Wish(day_begins=5))
    assert rows(postgres, kept) == [("Бар", 5), ("Лавка", 0)]
    shop.send({"type": "good.removed", "at": "2026-11-24T10:00:00Z", "good_id": "1"})
    provision(postgres, OWNER, ["Бар"], Wish(day_begins=5))
    with pytest.raises(UsageError, match="5"):
        provision(postgres, OWNER, ["Лавка", "Бар"], Wish(day_begins=4))
    assert rows(postgres, kept) == [("Бар", 5), ("Лавка", 0)]


@pytest.mark.parametrize("wish", [Wish(day_begins=13), Wish(day_begins=-1), Wish(till=" "), Wish(till="x" * 101)])
def test_an_hour_or_a_till_that_cannot_be_is_refused(postgres: str, wish: Wish) -> None:
    """Before anything is written."""
    with pytest.raises(UsageError):
        provision(postgres, OWNER, ["Бар"], wish)
    assert not rows(postgres, "SELECT 1 FROM app.accounts")


def test_the_token_is_that_of_the_till_named(postgres: str) -> None:
    """A till is made where there is none of that name; without a name the token is the first till's."""
    provision(postgres, OWNER, ["Лавка"])
    for till in ("Импорт", "Импорт", None):
        [made] = provision(postgres, OWNER, ["Лавка"], Wish(till=till))["outlets"]
        owner = "SELECT t.name FROM app.till_tokens k JOIN app.tills t USING (till_id) WHERE k.token_hash = "
        token = digest(made["till_token"])
        assert rows(postgres, f"{owner} decode('{token.hex()}', 'hex')") == [(till or "Касса 1",)]
    assert rows(postgres, "SELECT name FROM app.tills ORDER BY 1") == [("Импорт",), ("Касса 1",)]


def test_an_hour_that_comes_too_late_is_wrong_usage(service_settings: Settings) -> None:
    """`weboffice provision --day-begins` is refused once there is data, and for what is no such hour."""
    assert service_settings.postgres
    arguments = ["--email", OWNER, "--outlet", "Бар", "--till", "Касса 2", "--json", "--day-begins"]
    assert CliRunner().invoke(command, [*arguments, "6"], obj=service_settings).exit_code == 0
    shop = Shop(service_settings.postgres, OWNER, ["Бар"])
    shop.send({"type": "good.removed", "at": "2026-11-24T10:00:00Z", "good_id": "1"})
    assert CliRunner().invoke(command, [*arguments, "6"], obj=service_settings).exit_code == 0
    assert isinstance(CliRunner().invoke(command, [*arguments, "4"], obj=service_settings).exception, UsageError)
    for hour in ("13", "-1", "x"):
        assert CliRunner().invoke(command, [*arguments, hour], obj=service_settings).exit_code == 2


def test_a_sign_in_link_is_for_accounts_there_are(postgres: str) -> None:
    """Its secret is kept as a digest, for an hour."""
    with pytest.raises(UsageError):
        create_sign_in_link(postgres, OWNER, "http://office.test/")
    provision(postgres, OWNER, ["А"])
    link = create_sign_in_link(postgres, OWNER, "http://office.test/")
    start, _, secret = link.rpartition("/")
    assert start == "http://office.test/sign-in"
    [[kept, short]] = rows(postgres, "SELECT link_hash, expires_at <= now() + interval '1 hour' FROM app.links")
    assert (bytes(kept), short) == (digest(secret), True)


def test_the_command_prints_the_contracts_json(service_settings: Settings) -> None:
    """`weboffice provision … --json`: one document with the ids and tokens."""
    result = CliRunner().invoke(
        command, ["--email", OWNER, "--outlet", "А", "--outlet", "Б", "--json"], obj=service_settings
    )
    assert result.exit_code == 0, result.output
    made = json.loads(result.stdout)
    assert set(made) == {"account_id", "owner_token", "outlets"}
    assert [set(outlet) for outlet in made["outlets"]] == [{"name", "outlet_id", "till_token"}] * 2


def test_an_operator_sets_prices_and_marks_invoices_paid(service_settings: Settings) -> None:
    """`weboffice licence`: exit code 1 where there is nothing to pay."""
    postgres = service_settings.postgres
    made = provision(postgres, OWNER, ["А"])

    def run(*arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(licence, list(arguments), obj=service_settings)
        return result.exit_code, result.stdout

    assert run("pay", "5") == (1, "unknown_invoice\n")
    assert run("price", "1", "500.00")[0] == 0
    assert rows(postgres, "SELECT price::text FROM app.prices WHERE months = 1") == [("500.00",)]
    assert run("price", "12", "none")[0] == 0
    assert not rows(postgres, "SELECT 1 FROM app.prices WHERE months = 12")
    assert run("price", "1", "1e3.5")[0] != 0
    seller = {
        "name": "ООО «Пример»",
        "inn": "7700000009",
        "bank": "Банк «Пример»",
        "bik": "044500000",
        "account": "40702810000000000000",
        "vat": "22",
        "details": "Москва\\nул. Ленина",
    }
    for option, wrong in (("inn", "7700000008"), ("bik", "04450000"), ("account", "1" * 19), ("vat", "much")):
        arguments = [part for name, value in {**seller, option: wrong}.items() for part in (f"--{name}", value)]
        refused = CliRunner().invoke(licence, ["seller", *arguments], obj=service_settings)
        assert isinstance(refused.exception, UsageError)
    assert rows(postgres, "SELECT inn FROM app.seller") == [("",)]
    assert run("seller", *(part for name, value in seller.items() for part in (f"--{name}", value)))[0] == 0
    assert rows(postgres, "SELECT inn, kpp, vat_percent::text, details FROM app.seller") == [
        ("7700000009", "", "22.00", "Москва\nул. Ленина")
    ]
    with psycopg.connect(postgres) as connection:
        connection.execute(
            "WITH i AS (INSERT INTO app.invoices (account_id, months, amount) VALUES (%s, 1, 500) RETURNING number)"
            " INSERT INTO app.invoice_lines (number, outlet_id, outlet_name, price) SELECT number, %s, 'А', 500 FROM i",
            (made["account_id"], made["outlets"][0]["outlet_id"]),
        )
    [listed] = json.loads(run("invoices", "--open", "--json")[1])
    assert (listed["number"], listed["state"], listed["outlets"]) == (1001, "open", 1)
    assert run("pay", "1001") == (0, "paid\n")
    assert run("pay", "1001") == (1, "already_paid\n")
    assert json.loads(run("invoices", "--json")[1])[0]["state"] == "paid"
    assert json.loads(run("notices", "--json")[1]) == []


def test_a_sign_in_link_comes_with_the_account_when_asked_for(service_settings: Settings) -> None:
    """`--sign-in-link` adds the link to the answer; without a known address of the portal it is refused."""
    arguments = ["--email", OWNER, "--outlet", "Лавка", "--sign-in-link", "--json"]
    known = msgspec.structs.replace(service_settings, public_url="https://office.example")
    answered = CliRunner().invoke(command, arguments, obj=known)
    assert json.loads(answered.stdout)["sign_in_link"].startswith("https://office.example/sign-in/")
    assert isinstance(CliRunner().invoke(command, arguments, obj=service_settings).exception, UsageError)
