"""An order goes into the log only where it is about something that is there: what is in the log stays for ever."""

from __future__ import annotations

import psycopg
import pytest

from ops.commands.forget import forget
from ops.commands.gap import gap
from ops.commands.ledger import ledger
from ops.commands.quarantine import quarantine
from schemas.records import GapGivenUp, decode
from tests.ops.test_exit_codes import exit_codes
from tests.ops.test_proof_commands import Shell, shell
from tests.service import environment

__all__ = ["shell"]
NO = 1
NOBODY = "00000000-0000-4000-8000-000000000000"


def give_up(shell: Shell, first: int, last: int, **other: str) -> list[str]:
    shop = {"outlet": shell.shop.outlet, "till": shell.shop.till, "run": shell.shop.run} | other
    named = [word for name, value in shop.items() for word in (f"--{name}", value)]
    return ["give-up", *named, "--from", str(first), "--to", str(last), "--reason", "the till burnt down"]


def refusal(shell: Shell, *call: object, code: int = NO) -> str:
    """What a refused command says; nothing is in the outbox then."""
    command, *arguments = call
    said = str(shell.call(command, *map(str, arguments), code=code).exception)  # type: ignore[arg-type]
    assert ordered(shell) == []
    return said


def ordered(shell: Shell) -> list[object]:
    with psycopg.connect(shell.settings.postgres) as connection:
        return [decode(record) for (record,) in connection.execute("SELECT record FROM app.outbox ORDER BY id")]


@pytest.fixture
def end(shell: Shell) -> int:
    """The last number applied; the ten after the next ten came as well."""
    end = len(list(shell.shop.events(30)))
    shell.log.append(shell.shop.uploads(10, first_sale=30, first_seq=end + 11))
    shell.log.apply()
    return end


def test_only_what_is_missing_is_given_up(shell: Shell, end: int) -> None:
    """All of a hole or a part of it; never what is applied, waits, or has not been sent yet."""
    [hole] = shell.ask(ledger)["outlets"][0]["missing"]
    assert (hole["from"], hole["to"]) == (end + 1, end + 10)
    for first, last in ((end + 1, 100_000), (end, end + 10), (1, 5), (end + 11, end + 11), (100_000, 100_001)):
        said = refusal(shell, gap, *give_up(shell, first, last))
        assert f"missing of it: {end + 1}–{end + 10}" in said, (first, last)
    shell.ask(gap, *give_up(shell, end + 2, end + 3))
    [order] = ordered(shell)
    assert isinstance(order, GapGivenUp)
    assert (order.first_seq, order.last_seq) == (end + 2, end + 3)


def test_where_nothing_is_missing_nothing_is_given_up(shell: Shell) -> None:
    """The next sales of a sound till can't be thrown away by a slip of the keyboard."""
    end = len(list(shell.shop.events(30)))
    said = refusal(shell, gap, *give_up(shell, end + 1, 100_000))
    assert "nothing of it is missing" in said
    assert "weboffice ledger" in said


def test_an_unknown_run_has_no_gap(shell: Shell) -> None:
    """A run, or a till, that never sent anything is named."""
    assert f"no run {NOBODY}" in refusal(shell, gap, *give_up(shell, 1, 2, run=NOBODY))
    assert "no run" in refusal(shell, gap, *give_up(shell, 1, 2, till=NOBODY))


def test_an_unknown_contact_is_not_forgotten(shell: Shell) -> None:
    """A mistyped id would leave the name where it is and tell that it is gone."""
    said = refusal(shell, forget, "--outlet", shell.shop.outlet, "--contact", "c77")
    assert "no contact 'c77'" in said
    shell.ask(forget, "--outlet", shell.shop.outlet, "--contact", "c1")
    assert len(ordered(shell)) == 1


def test_a_record_that_is_not_set_aside_is_not_discarded(shell: Shell) -> None:
    """Neither one that was folded nor one that is not there."""
    for offset in (0, 1_000_000):
        assert "is in quarantine" in refusal(shell, quarantine, "discard", 0, offset, "--reason", "broken")


def test_a_refusal_is_the_answer_no(shell: Shell) -> None:
    """Exit code 1, a sentence on stderr, nothing on stdout."""
    calls = [
        ["gap", *give_up(shell, 100_000, 100_001)],
        ["gap", *give_up(shell, 1, 2, run=NOBODY)],
        ["forget", "--outlet", shell.shop.outlet, "--contact", "c77"],
        ["quarantine", "discard", "0", "1000000", "--reason", "broken"],
    ]
    codes, said, complaints = exit_codes([[*call, "--json"] for call in calls], environment(shell.settings))
    assert codes == [NO] * len(calls)
    assert said == ""
    assert len(complaints.splitlines()) == len(calls)
