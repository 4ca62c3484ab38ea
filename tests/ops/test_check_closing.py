"""`weboffice check-closing` and `closing-key`, on files alone."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest
from click.testing import CliRunner

from ops import settings
from ops.cli import run
from ops.commands.check_closing import check_closing
from ops.commands.closing_key import closing_key
from webapp import keyfiles, signing
from webapp.closings.document import Closing, Day, Documents, LedgerOf, OutletOf, digest, signed, signed_pdf
from webapp.closings.pdf import pdf
from webapp.signing import SigningKeys

pytestmark = pytest.mark.usefixtures("own_logging")  # commands set it up

KEYS, OTHER = (signing.of_text(keyfiles.new_key()) for _ in range(2))
ZERO = Decimal("0.00")


def closing() -> Closing:
    day = Day(date(2026, 10, 5), 3, Decimal("350.50"), ZERO, ZERO, 0, ZERO, 0, *(ZERO,) * 4, True)
    return Closing(
        closing_id=uuid4(),
        outlet=OutletOf(uuid4(), "Чайная «У <Марты>»", "Europe/Moscow", 0, "RUB"),
        first=date(2026, 10, 1),
        last=date(2026, 10, 31),
        closed_at=datetime(2026, 11, 2, 9, tzinfo=UTC),
        replaces=None,
        generation=1,
        log=[],
        days=[day],
        payments=[],
        taxes=[],
        shifts=[],
        ledger=LedgerOf(4, 3, 0, 1, 0, 0, 0, False, [], True, True),
        certificates=[],
        documents=Documents(0, digest(b"")),
    )


def written(folder: Path, keys: SigningKeys = KEYS) -> dict[str, bytes]:
    """A closing as files, and the public key beside them."""
    (folder / "key.pem").write_text(KEYS.public[0].pem)
    content = signed(closing(), keys)
    drawn = pdf(closing(), digest(content), keys.id, "ru")
    return {"closing.json": content, "closing.pdf": signed_pdf(drawn, keys)}


def checked(folder: Path, name: str, content: bytes) -> tuple[int, str]:
    """The exit code, and the reason that is given."""
    (folder / name).write_bytes(content)
    code = run(["check-closing", str(folder / name), "--key", str(folder / "key.pem")])
    done = CliRunner().invoke(check_closing, [str(folder / name), "--key", str(folder / "key.pem"), "--json"])
    return code, json.loads(done.stdout).get("reason", "")


def test_a_right_file_is_right(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Both files check by the public key alone; of the one in JSON it is told what it says."""
    for name, content in written(tmp_path).items():
        assert checked(tmp_path, name, content) == (0, "")
    assert "revenue: 350.50" in capsys.readouterr().out


def test_a_file_that_was_altered_is_not(tmp_path: Path) -> None:
    """Whatever byte is altered, and what is left out or put behind, exits 1."""
    files = written(tmp_path)
    for name, content in files.items():
        for at in range(0, len(content), max(1, len(content) // 20)):
            altered = bytearray(content)
            altered[at] ^= 1
            assert checked(tmp_path, name, bytes(altered))[0] == 1, (name, at)
        for altered_file in (content[:-1], content + b"\n", content[: len(content) // 2], b""):
            assert checked(tmp_path, name, altered_file)[0] == 1
    changed = files["closing.json"].replace(b'"350.50"', b'"950.50"')
    assert checked(tmp_path, "closing.json", changed) == (
        1,
        "the file was altered: its signature is not that of what it says",
    )


@pytest.mark.asvs("V11.6.1", "a signature by another key passes")
def test_signed_again_by_another_key_it_is_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that another key signed exits 1 with a sentence, also where it names the installation's key."""
    for name, content in written(tmp_path, OTHER).items():
        code, reason = checked(tmp_path, name, content)
        assert (code, "signed by another key" in reason) == (1, True)
        code, reason = checked(tmp_path, name, content.replace(OTHER.id.encode(), KEYS.id.encode()))
        assert (code, "was altered" in reason) == (1, True)
    assert "weboffice: the file was" in capsys.readouterr().err


def test_a_signature_is_of_one_thing(tmp_path: Path) -> None:
    """The signature of the file in JSON is not good behind a PDF."""
    files = written(tmp_path)
    signature = json.loads(files["closing.json"])["signature"].encode()
    head, _, _ = files["closing.pdf"].rpartition(b"signature=")
    assert checked(tmp_path, "closing.pdf", head + b"signature=" + signature + b"\n")[0] == 1


def test_wrong_usage(tmp_path: Path) -> None:
    """A file or key that is not there, or a key that is none, is wrong usage."""
    name = tmp_path / "closing.json"
    name.write_bytes(written(tmp_path)["closing.json"])
    (tmp_path / "none.pem").write_text("nothing")
    assert run(["check-closing", str(name), "--key", str(tmp_path / "none.pem")]) == 2
    assert run(["check-closing", str(tmp_path / "absent"), "--key", str(tmp_path / "key.pem")]) == 2
    assert run(["check-closing", str(name)]) == 2


def test_the_key_of_the_home(tmp_path: Path) -> None:
    """The key is made once, for its user alone; of keys in the setting all public halves are told, today's first."""
    of_home = settings.read({"WEBOFFICE_HOME": str(tmp_path)})
    first, second = (CliRunner().invoke(closing_key, [], obj=of_home).stdout for _ in range(2))
    assert first == second == signing.of_home(tmp_path).public[0].pem
    assert (tmp_path / "closing.key").stat().st_mode & 0o777 == 0o600
    new, old = keyfiles.new_key(), keyfiles.new_key()
    changed = settings.read({"WEBOFFICE_CLOSING_KEYS": f"{new},{old}"})
    told = json.loads(CliRunner().invoke(closing_key, ["--json"], obj=changed).stdout)
    assert [one["key"] for one in told] == [signing.of_text(new).id, signing.of_text(old).id]
    keys = signing.public_keys("".join(one["pem"] for one in told))
    assert [key.id for key in keys] == [one["key"] for one in told]
