"""The till without the rest of the project: one file on a bare Python, and a Python without POSIX."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.producers.till.conftest import moved
from tests.producers.till.gateway import Dropped, Gateway

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the one file and the wheel."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, ROOT / "packaging" / "till" / "build.py", folder], check=True)
    return folder


def upload(command: list[object], folder: Path, url: str, *arguments: object) -> tuple[int, Any, str]:
    """Runs `upload` in an empty folder; its exit code, its document and what it said."""
    environment = {
        "PATH": os.environ["PATH"],
        "WEBOFFICE_TOKEN": "wo_till_test",
        "WEBOFFICE_HOME": str(folder / "home"),
    }
    argv = [*command, "upload", "--url", url, "--json", *arguments]
    done = subprocess.run(
        list(map(str, argv)), cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8", timeout=120
    )
    return done.returncode, json.loads(done.stdout) if done.stdout else None, done.stderr


@pytest.mark.usefixtures("programs")
def test_one_file_uploads_on_a_bare_python(built: Path, gateway: Gateway, tmp_path: Path) -> None:
    """Without any package, broken off and called again, it delivers every line once, names shortened."""
    file = tmp_path / "events.jsonl"
    contact = {"type": "contact.saved", "at": "2026-03-01T12:00:00+03:00", "contact_id": "c", "name": "Тестов Пётр"}
    contact |= {"purchases_total": "0", "debt": "0", "points": "0", "email": "test@example.org"}
    lines = [contact, *(moved(n) for n in range(1200))]
    file.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), "utf-8")
    command: list[object] = [sys.executable, "-I", "-S", built / "weboffice-till.pyz"]
    answers: list[int] = []
    gateway.after = lambda body: Dropped() if answers.append(1) or len(answers) > 1 else None  # type: ignore[func-returns-value]
    assert upload(command, tmp_path, gateway.url, "--give-up-after", 1, "--batch", 100, file)[0] == 3
    gateway.after = lambda body: None
    code, result, _ = upload(command, tmp_path, gateway.url, file)
    assert (code, result["waiting"], result["withdrawn"]) == (0, 0, [])
    events = gateway.events()
    assert events[0]["name"] == "Тестов П."
    assert [event["move_id"] for event in events[1:]] == [f"m{n}" for n in range(1200)]
    assert not gateway.changed
    assert upload(command, tmp_path, gateway.url, "missing.jsonl")[0] == 2


@pytest.mark.usefixtures("programs")
def test_one_file_has_the_service_look_at_files(built: Path, gateway: Gateway, tmp_path: Path) -> None:
    """It knows no events itself, so the service looks at them: nothing is sent of a file with bad lines, in words."""
    file = tmp_path / "events.jsonl"
    file.write_text("".join(json.dumps(moved(n, quantity=5 if n % 600 == 7 else "1")) + "\n" for n in range(1300)))
    command: list[object] = [sys.executable, "-I", "-S", built / "weboffice-till.pyz"]
    code, result, _ = upload(command, tmp_path, gateway.url, file)
    assert (code, result["events"], gateway.uploads) == (1, 0, [])
    assert [(bad["line"], bad["at"], bad["reason"]) for bad in result["bad_lines"]] == [
        (line, "quantity", 'the number 5 has to stand in quotes: "5"') for line in (8, 608, 1208)
    ]
    assert gateway.checks == 4
    code, result, _ = upload(command, tmp_path, gateway.url, "--send-the-good", file)
    assert (code, result["events"], result["withdrawn"]) == (1, 1297, [])


@pytest.mark.usefixtures("programs")
def test_an_older_service_is_not_sent_what_should_be_looked_at(built: Path, gateway: Gateway, tmp_path: Path) -> None:
    """One that knows no `check=1` would take the batch: it gets none, and refuses what is wrong when it is sent."""
    gateway.old = True
    file = tmp_path / "events.jsonl"
    file.write_text("".join(json.dumps(moved(n, quantity="many" if n == 7 else "1")) + "\n" for n in range(20)))
    command: list[object] = [sys.executable, "-I", "-S", built / "weboffice-till.pyz"]
    code, result, _ = upload(command, tmp_path, gateway.url, file)
    assert (code, result["events"], [w["seq"] for w in result["withdrawn"]]) == (1, 20, [8])
    assert all(body.first_seq == 1 and body.run == result["run"] for body in gateway.uploads[1:])


@pytest.mark.usefixtures("programs")
def test_the_package_brings_nothing_else(built: Path, gateway: Gateway, tmp_path: Path) -> None:
    """The wheel holds the till's modules alone; in an empty environment it installs without any other, and sends."""
    [wheel] = built.glob("weboffice_till-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        [metadata] = [archive.read(name).decode() for name in names if name.endswith("METADATA")]
    assert "Requires-Dist" not in metadata
    assert "producers/till/spool.sql" in names
    assert {name.split("/")[1] for name in names if name.startswith("producers/")} == {"__init__.py", "till"}

    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    python = tmp_path / "venv" / "bin" / "python"
    pip: list[str | Path] = [sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "--quiet", "--no-index", wheel], check=True)
    listed = subprocess.run([*pip, "list", "--format=json"], check=True, capture_output=True).stdout
    assert [package["name"] for package in json.loads(listed)] == ["weboffice-till"]
    file = tmp_path / "events.jsonl"
    file.write_text("".join(json.dumps(moved(n)) + "\n" for n in range(3)), "utf-8")
    assert upload([python.with_name("weboffice-till")], tmp_path, gateway.url, file)[0] == 0
    assert [event["move_id"] for event in gateway.events()] == ["m0", "m1", "m2"]


_WITHOUT_POSIX = """
import os, sys
sys.modules["fcntl"] = None
for name in ("fork", "forkpty", "posix_fallocate", "pwrite", "pread", "fchmod"):
    if hasattr(os, name):
        delattr(os, name)
import pytest
sys.exit(pytest.main(sys.argv[1:]))
"""


@pytest.mark.usefixtures("programs")
def test_its_tests_pass_without_posix(tmp_path: Path) -> None:
    """Where `fcntl` can't be imported and `os.fork` is missing, the client and the spool do what they do elsewhere."""
    folder = ROOT / "tests" / "producers" / "till"
    tests = [folder / "test_client.py", folder / "test_files.py", folder / "test_spool.py"]
    options = [
        "--confcutdir",
        str(folder),
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        "-x",
        "-k",
        "not full_disk and not kill",
    ]
    argv = [sys.executable, "-c", _WITHOUT_POSIX, *options, "--basetemp", tmp_path / "tests", *tests]
    done = subprocess.run(list(map(str, argv)), cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
