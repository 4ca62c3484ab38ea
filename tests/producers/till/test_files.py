from __future__ import annotations

import gzip
from pathlib import Path

import msgspec
import pytest

from producers.till.files import take_over
from schemas.errors import UsageError
from tests.producers.till.conftest import OpenTill, moved
from tests.producers.till.gateway import Gateway


def lines(first: int, count: int) -> bytes:
    return b"".join(msgspec.json.encode(moved(n)) + b"\n" for n in range(first, first + count))


def ids(gateway: Gateway) -> list[str]:
    return [event["move_id"] for event in gateway.events()]


def test_a_file_is_taken_over_once(till: OpenTill, gateway: Gateway, tmp_path: Path) -> None:
    """Taking the same file again, at once or in a later process, adds nothing; what was added to it comes after."""
    file = tmp_path / "events.jsonl"
    file.write_bytes(lines(0, 2500))
    client = till()
    assert take_over(client, file, lambda position: None).events == 2500
    assert take_over(client, file, lambda position: None).events == 0
    client.send()
    client.close()
    file.write_bytes(file.read_bytes() + lines(2500, 3))
    client = till()
    assert take_over(client, file, lambda position: None).events == 3
    client.send()
    assert ids(gateway) == [f"m{n}" for n in range(2503)]


def test_broken_off_it_goes_on_where_it_stopped(till: OpenTill, gateway: Gateway, tmp_path: Path) -> None:
    """Broken off between two chunks, of a packed file as of a plain one, the rest is taken and nothing twice."""
    file = tmp_path / "events.jsonl.gz"
    file.write_bytes(gzip.compress(lines(0, 3500)))

    def break_off(position: int) -> None:
        raise KeyboardInterrupt

    client = till()
    with pytest.raises(KeyboardInterrupt):
        take_over(client, file, break_off)
    client.close()
    client = till()
    taken = take_over(client, file, lambda position: None)
    assert taken.bytes_before > 0
    assert taken.events == 2500
    client.send()
    assert ids(gateway) == [f"m{n}" for n in range(3500)]


def test_the_content_decides_not_the_name(till: OpenTill, gateway: Gateway, tmp_path: Path) -> None:
    """A renamed (or packed) file is known again; another file under an old name is read from its start."""
    file = tmp_path / "events.jsonl"
    file.write_bytes(lines(0, 10))
    client = till()
    take_over(client, file, lambda position: None)
    packed = tmp_path / "other.jsonl.gz"
    packed.write_bytes(gzip.compress(lines(0, 10)))
    assert take_over(client, packed, lambda position: None).events == 0
    file.write_bytes(lines(100, 20))
    assert take_over(client, file, lambda position: None).events == 20
    client.send()
    assert ids(gateway) == [f"m{n}" for n in (*range(10), *range(100, 120))]


def test_blank_lines_a_mark_and_a_missing_newline_do_no_harm(till: OpenTill, tmp_path: Path) -> None:
    """A byte order mark, blank lines and a last line without its newline are what files have."""
    file = tmp_path / "events.jsonl"
    file.write_bytes(b"\xef\xbb\xbf" + lines(0, 1) + b"\n  \r\n" + lines(1, 1).strip())
    assert take_over(till(), file, lambda position: None).events == 2


@pytest.mark.parametrize("line", [b"{broken", b"[1]", b"\xff\xfe", b"[" * 100_000])
def test_a_line_that_is_no_event_is_named(line: bytes, till: OpenTill, tmp_path: Path) -> None:
    """A line that became none after the file was looked at stops it; its number counts from the file's start."""
    file = tmp_path / "events.jsonl"
    client = till()
    file.write_bytes(lines(0, 5))
    take_over(client, file, lambda position: None)
    file.write_bytes(lines(0, 5) + b"\r\n" + lines(5, 2) + line + b"\n" + lines(7, 2))
    with pytest.raises(UsageError, match="line 9, "):
        take_over(client, file, lambda position: None)
    file.write_bytes(lines(0, 10))
    assert take_over(client, file, lambda position: None).events == 5


def test_half_a_packed_file_is_refused(till: OpenTill, tmp_path: Path) -> None:
    """A gzip file that breaks off is wrong usage, told as such."""
    file = tmp_path / "events.jsonl.gz"
    file.write_bytes(gzip.compress(lines(0, 3000))[:-20])
    with pytest.raises(UsageError, match="not a whole gzip"):
        take_over(till(), file, lambda position: None)
