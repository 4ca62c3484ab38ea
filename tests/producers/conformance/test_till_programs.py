"""The kit against till programs: ours in three languages pass it, and it names the faults of one that has some."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from producers.conformance.cases import Meeting, Start, load
from producers.conformance.network import serving
from producers.conformance.playing import Played, Setting, by_command
from producers.conformance.servercheck import check
from producers.conformance.service import Service

ROOT = Path(__file__).parents[3]
CLIENTS = ROOT / "clients"
FAULTY = Path(__file__).parent / "faulty.py"
CASES = load()
REFERENCES = ("System.Net.Http.dll", "System.Runtime.Serialization.dll")
NO_NODE = "node is missing: clients/javascript is not tested (Debian: apt-get install nodejs)"
NO_MONO = "mcs or mono is missing: clients/csharp is not tested (Debian: see .ci/run)"

pytestmark = pytest.mark.usefixtures("own_servers")


@pytest.fixture(scope="module")
def command(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The start of the command of a client, by its language."""
    match request.param:
        case "python":
            return [sys.executable, str(CLIENTS / "python" / "main.py")]
        case "javascript":
            if shutil.which("node") is None:
                pytest.skip(NO_NODE)
            return ["node", str(CLIENTS / "javascript" / "main.js")]
        case _:
            if shutil.which("mcs") is None or shutil.which("mono") is None:
                pytest.skip(NO_MONO)
            program = tmp_path_factory.mktemp("csharp") / "weboffice-till.exe"
            sources = sorted(str(path) for path in (CLIENTS / "csharp").glob("*.cs"))
            options = ["-warnaserror", "-langversion:7", *(f"-r:{name}" for name in REFERENCES), f"-out:{program}"]
            subprocess.run(["mcs", *options, *sources], check=True)
            return ["mono", str(program)]


LANGUAGES = ("python", "javascript", "csharp")
in_each_language = pytest.mark.parametrize("command", LANGUAGES, indirect=True)


def play(command: Sequence[str], *names: str) -> dict[str, Played]:
    """The cases, several at a time: nearly all of their time is pauses."""
    text = " ".join(command)
    chosen = [case for case in CASES.till if not names or case.name in names]

    def one(number: int) -> Played:
        [played] = by_command(CASES, [chosen[number]], Setting("http://127.0.0.1:0", english=True), text)
        return played

    with ThreadPoolExecutor(6) as pool:
        return {played.name: played for played in pool.map(one, range(len(chosen)))}


@in_each_language
def test_our_client_passes_every_case(command: list[str]) -> None:
    """Through lost answers, 503, 429, cut batches, kills, restored databases and holes nothing is lost or doubled."""
    played = play([*command, "{url}", "{spool}", "{events}", "{clock_ahead}"])
    assert all(case.tried for case in played.values())
    assert {name: case.faults for name, case in played.items() if case.faults} == {}


FAULTS = {
    "forgets": "not_sent_again",
    "hurries": "too_early",
    "leaves-holes": "hole_left",
    "renumbers": "other_content",
    "never-asks": "state_not_asked",
}


def test_each_fault_of_a_faulty_client_is_named() -> None:
    """A client with five faults at once is told all five; with none of them it passes."""
    rest = ["{url}", "{spool}", "{events}"]
    faulty = play([sys.executable, str(FAULTY), ",".join(FAULTS), *rest])
    assert {fault.code for case in faulty.values() for fault in case.faults} >= set(FAULTS.values())
    right = play([sys.executable, str(FAULTY), "-", *rest])
    assert {name: case.faults for name, case in right.items() if case.faults} == {}


@pytest.mark.parametrize(
    ("fault", "case"),
    [
        ("forgets", "unknown-outcome"),
        ("hurries", "too-fast"),
        ("leaves-holes", "refused-event"),
        ("renumbers", "half-kept"),
        ("never-asks", "plain"),
    ],
)
def test_a_single_fault_is_named_and_no_other(fault: str, case: str) -> None:
    """A client with one fault is told this one alone, in the case that shows it."""
    [played] = play([sys.executable, str(FAULTY), fault, "{url}", "{spool}", "{events}"], case).values()
    assert [found.code for found in played.faults] == [FAULTS[fault]]


@pytest.mark.parametrize("command", ["javascript", "csharp"], indirect=True)
def test_a_spool_survives_a_torn_line_and_forgets_what_is_old(command: list[str], tmp_path: Path) -> None:
    """Events accepted while the token was revoked go out later, once, past half a line that a power cut left; after
    40 days those that were acknowledged leave the file, and the numbers go on."""
    service, taken_in, spool = Service(None, english=True), 0, tmp_path / "spool" / "spool.log"
    with serving(0, lambda: service) as port:

        def start(beginning: Start, ahead: int = 0) -> None:
            nonlocal taken_in
            service.begin(beginning)
            file = tmp_path / "events.jsonl"
            numbers = range(taken_in + 1, taken_in + beginning.events + 1)
            file.write_text("".join(json.dumps(CASES.event(n), ensure_ascii=False) + "\n" for n in numbers))
            taken_in += beginning.events
            argv = [*command, f"http://127.0.0.1:{port}", tmp_path / "spool", file, ahead]
            environment = {**os.environ, "WEBOFFICE_TOKEN": "wo_till_conform"}
            subprocess.run(list(map(str, argv)), env=environment, timeout=60, capture_output=True)

        start(Start(3, revoked=True))
        with spool.open("ab") as file:
            file.write('event\t{"type":"поло'.encode())
        start(Start(1))
        lines = spool.read_text().splitlines()
        start(Start(1), 40 * 24 * 3600)
    numbers = [seq for _, seq in sorted(service.kept)]
    assert numbers == [1, 2, 3, 4, 5]
    assert len({run for run, _ in service.kept}) == 1
    sales = [json.loads(event)["sale_id"] for _, event in sorted(service.kept.items())]
    assert sales == [f"conform-{n}" for n in numbers]
    assert sum(line.startswith("event\t") for line in lines) == 4
    assert sum(line.startswith("event\t") for line in spool.read_text().splitlines()) == 1


def test_a_server_that_answers_wrong_is_told_which_step() -> None:
    """A server that answers 200 where 202 is due fails that step; one that answers as the contract says passes it."""
    wrong, right = Service(None, english=True), Service(None, english=True)
    wrong.begin(Start(0, [Meeting(200)]))
    [case] = [case for case in CASES.gateway if case.name == "accepted"]
    for service, faults in ((wrong, ["accepted[1]"]), (right, [])):
        with serving(0, lambda: service) as port:  # noqa: B023 (called within the round)
            [played] = check(CASES, [case], f"http://127.0.0.1:{port}", "wo_till_conform")
        assert [fault.code for fault in played.faults] == faults
