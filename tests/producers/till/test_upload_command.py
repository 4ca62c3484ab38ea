from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.producers.till.conftest import moved
from tests.producers.till.gateway import Dropped, Gateway, error

pytestmark = pytest.mark.usefixtures("programs")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file of 1,200 events."""
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"".join(msgspec.json.encode(moved(n)) + b"\n" for n in range(1200)))
    return path


def upload(tmp_path: Path, url: str, *arguments: object) -> tuple[int, Any, str]:
    """Runs the command; its exit code, its document and what it said on stderr."""
    code, answer, errors = run(tmp_path, url, "--json", *arguments)
    return code, json.loads(answer) if answer else None, errors


def run(tmp_path: Path, url: str, *arguments: object, lang: str = "C.UTF-8") -> tuple[int, str, str]:
    """Runs the command; its exit code, its answer and what it said on stderr."""
    environment = {**os.environ, "WEBOFFICE_HOME": str(tmp_path / "home"), "LC_ALL": lang}
    argv = ["-m", "ops", "upload", "--url", url, "--token", "wo_till_test", *map(str, arguments)]
    done = subprocess.run([sys.executable, *argv], env=environment, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


def test_a_repeated_command_sends_nothing_twice(gateway: Gateway, tmp_path: Path, file: Path) -> None:
    """The first call sends every line, the second none; both say so, and end with 0."""
    code, result, said = upload(tmp_path, gateway.url, file)
    assert (code, result["events"], result["waiting"], result["withdrawn"]) == (0, 1200, 0, [])
    assert "100 %, 1200 events acknowledged" in said
    code, result, _ = upload(tmp_path, gateway.url, file)
    assert (code, result["events"]) == (0, 0)
    assert [event["move_id"] for event in gateway.events()] == [f"m{n}" for n in range(1200)]


def test_a_broken_off_command_is_continued(gateway: Gateway, tmp_path: Path, file: Path) -> None:
    """Given up while the gateway failed (exit code 3), the next call delivers the rest, each event once."""
    seen: list[int] = []
    gateway.after = lambda body: Dropped() if seen.append(1) or len(seen) > 1 else None  # type: ignore[func-returns-value]
    code, result, said = upload(tmp_path, gateway.url, "--give-up-after", 1, "--batch", 100, file)
    assert (code, result) == (3, None)
    assert "nothing was acknowledged for 1 s" in said
    gateway.after = lambda body: None
    code, result, _ = upload(tmp_path, gateway.url, "--batch", 100, file)
    assert code == 0
    assert [event["move_id"] for event in gateway.events()] == [f"m{n}" for n in range(1200)]
    assert not gateway.changed


def test_a_file_with_a_bad_line_is_refused_whole(gateway: Gateway, tmp_path: Path, file: Path) -> None:
    """Every bad line is told, with file, number, place and all reasons; nothing of any file is sent; exit code 1."""
    bad = tmp_path / "bad.jsonl"
    wrong = moved(9, quantity=5) | {"reason": "gift"}
    bad.write_bytes(b"\n" + b"".join(msgspec.json.encode(line) + b"\r\n" for line in (moved(8), wrong)) + b"nothing\n")
    code, result, _ = upload(tmp_path, gateway.url, file, bad)
    assert (code, result["events"], result["waiting"], gateway.uploads) == (1, 0, 0, [])
    assert [(line["file"], line["line"], line["at"], line["code"]) for line in result["bad_lines"]] == [
        ("bad.jsonl", 3, "quantity", "amount_without_quotes"),
        ("bad.jsonl", 3, "reason", "not_one_of"),
        ("bad.jsonl", 4, "", "not_json"),
    ]
    assert result["bad_lines"][0]["reason"] == 'the number 5 has to stand in quotes: "5"'
    code, answer, _ = run(tmp_path, gateway.url, bad, lang="ru_RU.UTF-8")
    assert code == 1
    assert answer.splitlines() == [
        'bad.jsonl:3: quantity: число 5 нужно взять в кавычки: "5"',
        "bad.jsonl:3: reason: такого значения нет; есть: other, production, receipt, transfer, write_off",
        "bad.jsonl:4: не читается как JSON, начиная со знака 1",
        "2 lines are no events. Nothing was sent. Mend the file, or send the other lines with --send-the-good.",
    ]
    assert not gateway.uploads


def test_the_good_lines_are_sent_where_that_is_asked_for(gateway: Gateway, tmp_path: Path) -> None:
    """`--send-the-good` sends all lines but the bad ones, none is withdrawn; said again, nothing goes twice."""
    file = tmp_path / "events.jsonl.gz"
    lines = [msgspec.json.encode(moved(n, quantity="many" if n % 700 == 3 else "1")) + b"\n" for n in range(2500)]
    file.write_bytes(gzip.compress(b"".join(lines)))
    for events in (2496, 0):
        code, result, _ = upload(tmp_path, gateway.url, "--send-the-good", file)
        assert (code, result["events"], result["withdrawn"]) == (1, events, [])
        assert [line["line"] for line in result["bad_lines"]] == [4, 704, 1404, 2104]
    assert [event["move_id"] for event in gateway.events()] == [f"m{n}" for n in range(2500) if n % 700 != 3]


_LONG = b'{"type":"good.saved","good_id":"g","name":"' + b"x" * (9 * 1024 * 1024) + b'"}\n'
_UNREADABLE = {
    "over 8 MiB": (_LONG, "too_long"),
    "no number": (msgspec.json.encode(moved(1)).replace(b'"quantity":"1"', b'"quantity":1e999') + b"\n", "no_number"),
    "half a character": (msgspec.json.encode(moved(1)).replace(b"g1", b"\\ud800") + b"\n", "half_a_character"),
    "another encoding": ("{}Касса\n".encode("cp1251"), "not_utf8"),
    "nested": (b"[" * 100_000 + b"\n", "too_deep"),
    "nested events": (b'{"type":' * 300 + b"1" + b"}" * 300 + b"\n", "not_one_of"),
}


@pytest.mark.parametrize("kind", _UNREADABLE)
def test_the_number_of_a_bad_line_is_an_editors(kind: str, gateway: Gateway, tmp_path: Path) -> None:
    """After byte order marks, CRLF, empty lines and what was sent before; and it blocks nothing that follows."""
    line, error_code = _UNREADABLE[kind]
    good = [msgspec.json.encode(moved(n)) for n in range(4)]
    mark = b"\xef\xbb\xbf"
    file = tmp_path / "events.jsonl"
    file.write_bytes(mark + good[0] + b"\r\n\r\n")
    assert upload(tmp_path, gateway.url, file)[0] == 0
    file.write_bytes(file.read_bytes() + mark + good[1] + b"\n" + mark + b"\n" + line + good[2])
    code, result, _ = upload(tmp_path, gateway.url, file)
    assert (code, result["events"]) == (1, 0)
    assert [(bad["line"], bad["code"]) for bad in result["bad_lines"]] == [(5, error_code)]
    code, result, _ = upload(tmp_path, gateway.url, "--send-the-good", file)
    assert (code, result["events"], result["waiting"]) == (1, 2, 0)
    assert [event["move_id"] for event in gateway.events()] == ["m0", "m1", "m2"]


def test_what_an_earlier_call_left_goes_out_beside_a_bad_file(gateway: Gateway, tmp_path: Path, file: Path) -> None:
    """Events that were accepted before are no part of the file that is refused."""
    gateway.before = lambda body: Dropped()
    assert upload(tmp_path, gateway.url, "--give-up-after", 1, file)[0] == 3
    gateway.before = lambda body: None
    bad = tmp_path / "bad.jsonl"
    bad.write_text("{}")
    code, result, _ = upload(tmp_path, gateway.url, bad)
    assert (code, result["waiting"]) == (1, 0)
    assert len(gateway.events()) == 1000  # what was taken over of the first file; its rest waits in it


def test_a_wrong_token_or_file_is_wrong_usage(gateway: Gateway, tmp_path: Path, file: Path) -> None:
    """An unknown token and a file that can't be read twice end with 2 and say what is wrong, without the token."""
    gateway.before = lambda body: error(401, "unknown_token")
    code, _, said = upload(tmp_path, gateway.url, file)
    assert code == 2
    assert "token is unknown" in said
    assert "wo_till_test" not in said
    gateway.before = lambda body: None
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    code, _, said = upload(tmp_path, gateway.url, "--spool", tmp_path / "other", pipe)
    assert code == 2
    assert "pipe is not a file" in said
