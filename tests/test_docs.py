"""The documents' commands work as they are written."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ops.settings import Settings
from tests.service import running

_ROOT = Path(__file__).parents[1]
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(document: str, language: str) -> list[str]:
    """The fenced blocks of a language, in their order."""
    return [body for found, body in _BLOCK.findall((_ROOT / document).read_text()) if found == language]


def test_a_till_is_connected_by_following_the_document(service_settings: Settings, tmp_path: Path) -> None:
    """Each command of docs/till-integration.md, run as written, brings its sale to the read API; docs/conform.md
    finds the service to be as the contract has it."""
    post, state, upload, see = blocks("docs/till-integration.md", "bash")
    [program] = blocks("docs/till-integration.md", "python")
    [conform] = blocks("docs/conform.md", "bash")
    with running(service_settings) as service:
        account = service.provision("Лавка")
        [outlet] = account["outlets"]
        environment = {
            **os.environ,
            "URL": service.url,
            "TOKEN": outlet["till_token"],
            "OWNER": account["owner_token"],
            "SPOOL": str(tmp_path / "spool"),
            "WEBOFFICE_HOME": str(tmp_path / "home"),
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONPATH": str(_ROOT),
        }

        def bash(command: str) -> str:
            done = subprocess.run(
                ["bash", "-euc", command], env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=60
            )
            assert done.returncode == 0, done.stderr
            return done.stdout

        assert json.loads(bash(post)) == {"accepted": 2, "next_seq": 3}
        subprocess.run([sys.executable, "-c", program], env=environment, cwd=tmp_path, check=True, timeout=60)
        bash(upload)
        service.wait_until_worked_off()
        assert json.loads(bash(state))["applied_through"] == 2
        [day] = service.get(f"/api/v1/outlets/{outlet['outlet_id']}/daily", account["owner_token"])
        assert (day["sales"], day["revenue"], day["reconciles"]) == (2, "360.00", True)
        [shown] = json.loads(bash(see))
        assert (shown["goods"], shown["sales"]) == (1, 2)
        assert "FAIL" not in bash(conform)


@pytest.mark.parametrize("document", sorted(p.relative_to(_ROOT).as_posix() for p in _ROOT.glob("docs/**/*.md")))
def test_links_between_documents_lead_somewhere(document: str) -> None:
    """No relative link of a document is dead."""
    path = _ROOT / document
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", path.read_text()):
        assert (path.parent / target).exists(), target


_FOLDERS = "schemas|producers|streams|projections|webapp|notices|ops|tests|benchmarks|docs"
_DOCUMENTS = ["README.md", "CONTRIBUTING.md", *(p.relative_to(_ROOT).as_posix() for p in _ROOT.glob("docs/**/*.md"))]


@pytest.mark.parametrize("document", sorted(_DOCUMENTS))
def test_files_that_a_document_names_are_there(document: str) -> None:
    """A path in a document leads to a file, and a bare file name to one in a folder that the document names too."""
    text = (_ROOT / document).read_text()
    paths = re.findall(rf"`((?:{_FOLDERS})/[\w./-]+)`", text)
    assert [path for path in paths if not (_ROOT / path).exists()] == []
    if document == "docs/architecture.md":
        folders = {(_ROOT / path).parent for path in paths} | {_ROOT / path for path in paths}
        names = re.findall(r"`([\w-]+\.(?:py|sql|html))`", text)
        assert len(paths) + len(names) > 40
        assert [name for name in names if not any((folder / name).is_file() for folder in folders)] == []


@pytest.mark.parametrize("document", sorted(_DOCUMENTS))
def test_tests_that_a_document_names_are_there(document: str) -> None:
    """A test in a document, as `path::name`, is defined in that file."""
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)", (_ROOT / document).read_text())
    assert [
        f"{path}::{name}"
        for path, name in named
        if not re.search(rf"^(?:class |def |async def )?{name}\b", (_ROOT / path).read_text(), re.MULTILINE)
    ] == []


def test_each_decision_has_a_number_of_its_own() -> None:
    """No two decisions have the same number, and a decision's title begins with the number of its file."""
    decisions = sorted(path for path in (_ROOT / "docs/decisions").glob("*.md") if path.name != "README.md")
    numbers = [int(path.name[:4]) for path in decisions]
    assert sorted(set(numbers)) == numbers
    assert [int(path.read_text().removeprefix("# ").split(".")[0]) for path in decisions] == numbers
