"""The commands of rebuild and proof: their documents and exit codes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import click
import psycopg
import pytest
from click.testing import CliRunner, Result
from psycopg import Connection
from psycopg.rows import TupleRow

from ops.commands.forget import forget
from ops.commands.gap import gap
from ops.commands.generations import generations
from ops.commands.ledger import ledger
from ops.commands.privacy_scan import privacy_scan
from ops.commands.quarantine import quarantine
from ops.commands.rebuild import rebuild
from ops.commands.verify import verify
from ops.commands.why import why
from ops.provisioning import provision
from ops.settings import Settings
from projections.replay import switching
from projections.replay.replay import Source
from schemas.errors import Refused
from schemas.records import ContactForgotten, GapGivenUp, decode
from tests.projections.kafkalog import KafkaLog, headers_of
from tests.projections.shops import Shop

NO = 1


class Shell:
    """Calls commands as the command line does, with the settings of a service that has one shop."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        account = provision(settings.postgres, "owner@example.com", ["Чайная"])
        self.shop = Shop(1, known_as=account["outlets"][0]["outlet_id"])
        self.log = KafkaLog(Source(settings.kafka, settings.topics.events, settings.postgres))

    def call(self, command: click.Command, *arguments: str, code: int = 0) -> Result:
        result = CliRunner().invoke(command, arguments, obj=self.settings)
        assert result.exit_code == code, (result.output, result.exception)
        return result

    def ask(self, command: click.Command, *arguments: str, code: int = 0) -> Any:
        """The command's document: the last line, for log lines are put elsewhere only by `ops.cli`."""
        return json.loads(self.call(command, *arguments, "--json", code=code).stdout.splitlines()[-1])


@pytest.fixture
def shell(service_settings: Settings, topics: object) -> Shell:
    shell = Shell(service_settings)
    shell.log.append(shell.shop.uploads(30))
    shell.log.apply()
    return shell


@pytest.fixture
def database(postgres: str) -> Any:
    with psycopg.connect(postgres, autocommit=True) as connection:
        yield connection


def test_rebuild_verify_and_generations(shell: Shell, database: Connection[TupleRow]) -> None:
    """What is right exits 0, what differs 1 with the rows named; the old generation is a command away."""
    outcome = shell.ask(rebuild)
    assert (outcome["generation"], outcome["state"], outcome["same"]) == (2, "live", True)
    assert outcome["events"] == len(list(shell.shop.events(30)))
    assert shell.ask(verify)["same"] is True
    database.execute("UPDATE gen_2.daily SET sales = 0 WHERE day = '2026-03-02'")
    verdict = shell.ask(verify, code=NO)
    [difference] = verdict["comparison"]["differences"]
    assert (difference["table"], difference["column"], difference["old"]) == ("daily", "sales", 0)
    assert "daily: 1 rows differ" in shell.call(verify, code=NO).output
    assert shell.ask(rebuild, code=NO)["state"] == "ready"
    assert "--accept" in shell.call(rebuild, code=NO).output
    assert shell.ask(rebuild, "--accept")["state"] == "live"
    states = {found["number"]: found["state"] for found in shell.ask(generations, "list")["generations"]}
    assert states == {2: "old", 3: "live"}
    assert shell.ask(generations, "switch", "2")["state"] == "live"
    assert shell.ask(generations, "drop", "3") == {"dropped": 3}
    moment = datetime.now(UTC).isoformat()
    assert shell.ask(rebuild, "--until", moment, "--name", "today")["state"] == "named"
    assert "'today'" in shell.call(generations, "list").output


def test_a_generation_that_is_read_is_not_dropped(shell: Shell) -> None:
    """Whoever reads it is named after a bounded wait, and goes on reading; afterwards the command works."""
    shell.ask(rebuild)
    with psycopg.connect(shell.settings.postgres, application_name="an export") as reader:
        [rows] = reader.execute("SELECT count(*) FROM gen_1.sales").fetchall()
        with pytest.raises(Refused, match=r"generation 1 is still being read.*\(an export\).*generations drop 1"):
            switching.drop(shell.settings.postgres, 1, wait_seconds=0.2)
        assert reader.execute("SELECT count(*) FROM gen_1.sales").fetchall() == [rows]
    assert shell.ask(generations, "drop", "1") == {"dropped": 1}


def test_ledger_has_the_contract_s_shape(shell: Shell, database: Connection[TupleRow]) -> None:
    """One object per outlet with the contract's fields; a sum that does not hold exits 1."""
    [found] = shell.ask(ledger)["outlets"]
    assert found.keys() >= {
        *("outlet_id", "read", "applied", "duplicate", "waiting", "quarantined", "discarded", "missing")
    }
    later = shell.shop.uploads(10, first_sale=30, first_seq=len(list(shell.shop.events(30))) + 11)
    shell.log.append(later)
    shell.log.apply()
    [found] = shell.ask(ledger)["outlets"]
    [hole] = found["missing"]
    assert (hole["run"], hole["to"] - hole["from"]) == (shell.shop.run, 9)
    assert "missing" in shell.call(ledger).output
    database.execute("UPDATE gen_1.runs SET applied = applied + 1")
    assert shell.ask(ledger, code=NO)
    assert "DOES NOT HOLD" in shell.call(ledger, code=NO).output


def test_quarantine_is_listed_shown_retried_and_discarded(shell: Shell, database: Connection[TupleRow]) -> None:
    """A record that fails again exits 1; discarding asks for a reason and puts the order into the outbox."""
    first_seq = len(list(shell.shop.events(30))) + 1
    upload = shell.shop.upload(first_seq, list(shell.shop.events(3, first_sale=30)))
    shell.log.append_raw([(shell.shop.outlet, b'{"v":99}', headers_of(upload))])
    shell.log.apply()
    [listed] = shell.ask(quarantine, "list")["quarantined"]
    place = str(listed["partition"]), str(listed["log_offset"])
    assert "version 99" in shell.call(quarantine, "list").output
    assert "Traceback" in shell.call(quarantine, "show", *place).output
    assert shell.ask(quarantine, "show", *place)["quarantined"]
    assert shell.ask(quarantine, "retry", *place, code=NO)["left"]
    shell.ask(quarantine, "discard", *place, "--reason", "from a test till")
    assert database.execute("SELECT count(*) FROM app.outbox").fetchone() == (1,)


def test_orders_go_into_the_outbox(shell: Shell, database: Connection[TupleRow]) -> None:
    """Forgetting a contact and giving up a hole are decisions for the log; an unknown outlet is refused."""
    shop = shell.shop
    end = len(list(shop.events(30)))
    shell.log.append(shop.uploads(10, first_sale=30, first_seq=end + 6))
    shell.log.apply()
    shell.ask(forget, "--outlet", shop.outlet, "--contact", "c1")
    shell.ask(
        *(gap, "give-up", "--outlet", shop.outlet, "--till", shop.till, "--run", shop.run),
        *("--from", str(end + 1), "--to", str(end + 5), "--reason", "the till burnt down"),
    )
    kept = [decode(record) for (record,) in database.execute("SELECT record FROM app.outbox ORDER BY id")]
    assert [type(record) for record in kept] == [ContactForgotten, GapGivenUp]
    unknown = CliRunner().invoke(forget, ["--outlet", shop.run, "--contact", "c1"], obj=shell.settings)
    assert "no outlet" in str(unknown.exception)


def test_why_and_privacy_scan_answer_and_say_no(shell: Shell, database: Connection[TupleRow]) -> None:
    """The parts and their sum; what is found where it may not be."""
    found = shell.ask(why, shell.shop.outlet, "2026-03-02", "revenue")
    assert found["holds"]
    assert "events" in shell.call(why, shell.shop.outlet, "2026-03-02", "revenue").output
    assert shell.ask(privacy_scan)["clean"]
    database.execute("UPDATE gen_1.contacts SET name = 'Канарейкин Образец' WHERE contact_id = 'c1'")
    database.execute("UPDATE gen_1.daily SET revenue = 1 WHERE day = '2026-03-02'")
    assert shell.ask(privacy_scan, code=NO)["findings"]
    assert "full_name" in shell.call(privacy_scan, code=NO).output
    assert not shell.ask(why, shell.shop.outlet, "2026-03-02", "revenue", code=NO)["holds"]
