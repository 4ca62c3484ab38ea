"""The exit codes of the contract: 1 is an answer, so whatever goes wrong must never look like it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from ops.cli import _COMMANDS, UNEXPECTED, UNREACHABLE, WRONG_USAGE
from ops.settings import Settings
from schemas.topics import Topics
from tests.conftest import fresh_database
from tests.infrastructure import Servers
from tests.ops.test_backup_files import written

pytestmark = pytest.mark.usefixtures("programs")

NOWHERE = "127.0.0.1:9"  # the discard port: nobody listens
SOMEONE = "00000000-0000-4000-8000-000000000000"
GAP = ["gap", "give-up", "--outlet", SOMEONE, "--till", SOMEONE, "--run", SOMEONE, "--from", "1", "--to", "2"]
CALLS = [
    ["status"],
    ["rebuild"],
    ["rebuild", "--until", "2026-03-01T00:00:00Z", "--name", "march"],
    ["verify"],
    ["ledger"],
    ["privacy-scan"],
    ["provision", "--email", "owner@example.org", "--outlet", "Лавка"],
    ["erase-test", "--email", "owner@example.org", "--outlet", "Лавка"],
    [*GAP, "--reason", "lost"],
    ["generations", "list"],
    ["generations", "switch", "1"],
    ["generations", "drop", "1"],
    ["quarantine", "list"],
    ["quarantine", "show", "0", "0"],
    ["quarantine", "retry", "0", "0"],
    ["quarantine", "discard", "0", "0", "--reason", "broken"],
    ["forget", "--outlet", SOMEONE, "--contact", "c"],
    ["analyst", "list"],
    ["analyst", "create", "anna"],
    ["analyst", "drop", "anna"],
    ["export", "--account", "owner@example.org", "--to", "/nowhere/export"],
    ["licence", "invoices"],
    ["licence", "pay", "1"],
    ["log", "show"],
    ["why", SOMEONE, "2026-03-01", "revenue"],
    *(["account", order, "owner@example.org"] for order in ("disable", "enable", "sign-out")),
]
# `up` and `demo` bring their own, `serve` and `work` wait for what is away, `settings` and `doctor` tell of it,
# `install-service` writes files, the two of closings read them.
WITHOUT = {"up", "demo", "serve", "work", "settings", "doctor", "install-service", "check-closing", "closing-key"}


def exit_codes(calls: list[list[str]], environment: dict[str, str], first: str = "") -> tuple[list[int], str, str]:
    """The exit code of each call, and what all of them wrote; one process makes them all, after the code `first`."""
    program = (
        "import json, sys\nfrom ops.cli import run\n" + first + "\ncodes = [run(c) for c in json.loads(sys.argv[1])]"
    )
    program += "\nprint('\\n' + json.dumps(codes))"
    done = subprocess.run(
        [sys.executable, "-c", program, json.dumps(calls)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    said, codes = done.stdout.rstrip("\n").rsplit("\n", 1)
    return json.loads(codes), said.strip(), done.stderr


def test_three_where_nothing_answers(tmp_path: Path) -> None:
    """Each command that needs Kafka or PostgreSQL says 3 and why, with nothing on stdout."""
    assert {call[0] for call in CALLS} | WITHOUT | {"migrate", "simulate", "upload", "import", "conform"} | {
        "backup",
        "restore",
    } == set(_COMMANDS)
    events = tmp_path / "events.jsonl"
    events.write_text('{"type": "good.removed", "at": "2026-03-01T00:00:00Z", "good_id": "g"}\n')
    till = ["--url", f"http://{NOWHERE}", "--token", "wo_till_x", "--give-up-after", "0.5"]
    calls = [*CALLS, ["migrate", "--wait", "0"], ["simulate", "--days", "1", *till], ["upload", *till, str(events)]]
    calls.append(["import", "events", *till, str(events)])
    calls.append(["conform", "--gateway", f"http://{NOWHERE}", "--token", "wo_till_x"])
    written(tmp_path / "backup")
    calls += [["backup", str(tmp_path / "file")], ["restore", str(tmp_path / "backup")]]
    away = {
        "WEBOFFICE_KAFKA": NOWHERE,
        "WEBOFFICE_POSTGRES": f"postgresql://nobody@{NOWHERE}/nothing",
        "WEBOFFICE_HOME": str(tmp_path / "home"),
    }
    codes, said, complaints = exit_codes([[*call, "--json"] for call in calls], away)
    assert codes == [UNREACHABLE] * len(calls), list(zip(calls, codes, strict=True))
    assert said == ""
    assert "Traceback" not in complaints


def test_three_where_nobody_migrated(servers: Servers, service_settings: Settings, topics: Topics) -> None:
    """A database without the service's tables is no 'no': commands say 3, and what to run."""
    with fresh_database(servers) as postgres:
        bare = {
            "WEBOFFICE_KAFKA": servers.kafka,
            "WEBOFFICE_TOPIC_PREFIX": topics.prefix,
            "WEBOFFICE_POSTGRES": postgres,
            "WEBOFFICE_HOME": str(service_settings.home),
        }
        codes, said, complaints = exit_codes(CALLS, bare)
    assert codes == [UNREACHABLE] * len(CALLS), list(zip(CALLS, codes, strict=True))
    assert said == ""
    assert complaints.count("weboffice migrate") == len(CALLS)


def test_two_for_wrong_usage() -> None:
    """Options and arguments that don't exist or don't fit."""
    unknown = [[name, "--nonsense"] for name in _COMMANDS]
    unfit = [
        ["serve", "everything"],
        ["work", "hard"],
        ["rebuild", "--name", "x"],
        ["why", "x"],
        ["up", "--port", "-1"],
    ]
    codes, said, _ = exit_codes([["nonsense"], [], *unknown, *unfit], {})
    assert set(codes) == {WRONG_USAGE}
    assert said == ""


def test_an_error_nobody_foresaw_is_no_answer() -> None:
    """Python's own exit code for an exception is 1, which a caller of `verify` would take for a difference found."""
    broken = (
        "import ops.commands.settings as s\ndef reference(): raise ZeroDivisionError('a bug')\ns.reference = reference"
    )
    codes, _, complaints = exit_codes([["settings", "--markdown"]], {}, broken)
    assert codes == [UNEXPECTED]
    assert "ZeroDivisionError: a bug" in complaints


def test_three_where_postgresql_takes_connections_and_says_nothing(tmp_path: Path) -> None:
    """A server that hangs is as good as none: it is not waited for for ever."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        hanging = {
            "WEBOFFICE_KAFKA": NOWHERE,
            "WEBOFFICE_POSTGRES": f"postgresql://nobody@127.0.0.1:{silent.getsockname()[1]}/nothing",
            "WEBOFFICE_HOME": str(tmp_path / "home"),
        }
        codes, _, complaints = exit_codes([["generations", "list"]], hanging)
    assert codes == [UNREACHABLE]
    assert "timeout" in complaints
