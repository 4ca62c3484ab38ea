"""Units of systemd: correct, hardened, written once and never over somebody else's."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from ops import units
from ops.commands.install_service import install_service
from ops.units import Place
from schemas.errors import Refused

ANALYZE = shutil.which("systemd-analyze")
PROGRAM = Path("/usr/bin/true")
"""Stands where `weboffice` would: `verify` looks whether it is there."""
MOST_EXPOSED = 2.5
"""Of 10, as `systemd-analyze security` reckons; it calls up to 4.9 medium, up to 1.9 safe."""


def written(folder: Path, *options: str) -> Any:
    call = [*options, "--to", str(folder), "--json"]
    done = CliRunner().invoke(install_service, call, catch_exceptions=False)
    assert done.exit_code == 0
    return json.loads(done.stdout)


def test_files_are_written_and_only_ones_own_are_replaced(tmp_path: Path) -> None:
    """Settings that are there stay; a unit of somebody else's makes it refuse before it writes anything."""
    told = written(tmp_path)
    assert {Path(path).name for path in told["written"]} == {"weboffice.service", "weboffice.conf"}
    assert told["then"][-1] == "systemctl enable --now weboffice.service"
    assert (tmp_path / "weboffice.env").stat().st_mode & 0o777 == 0o600
    (tmp_path / "weboffice.env").write_text("WEBOFFICE_PUBLIC_URL=https://office.example\n")
    written(tmp_path, "--port", "9090")
    assert "up --port 9090" in (tmp_path / "weboffice.service").read_text()
    assert "office.example" in (tmp_path / "weboffice.env").read_text()
    (tmp_path / "weboffice.service").write_text("[Service]\nExecStart=/mine\n")
    with pytest.raises(Refused, match="weboffice.service"):
        written(tmp_path)


@pytest.mark.parametrize("user", [False, True], ids=["system", "user"])
@pytest.mark.parametrize("kind", [units.whole, units.apart], ids=["whole", "apart"])
def test_each_process_that_runs_in_containers_has_a_unit(kind: Any, user: bool) -> None:
    """Each restarts for ever, has the settings, and gains no rights."""
    files = kind(Place(PROGRAM, user=user))
    services = {name: text for name, text in files.items() if name.endswith(".service")}
    for name, text in services.items():
        assert "NoNewPrivileges=yes" in text, name
        assert "weboffice.env" in text, name
        assert ("ProtectSystem=strict" in text) != user, name
        assert "Restart=always" in text or "Type=oneshot" in text, name
    if kind is units.apart:
        compose = (Path(__file__).parents[2] / "compose.yaml").read_text()
        works = set(re.findall(r"command: \[work, (\w+)\]", compose))
        assert {command.split()[1] for command in units.PARTS.values() if command.startswith("work")} == works


@pytest.mark.usefixtures("programs")
@pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is missing")
def test_systemd_takes_them_and_calls_them_well_protected(tmp_path: Path) -> None:
    """`systemd-analyze verify` has nothing to say; `security` puts the exposure of each below the bound."""
    for kind in (units.whole, units.apart):
        folder = tmp_path / kind.__name__
        folder.mkdir()
        for name, text in kind(Place(PROGRAM)).items():
            (folder / name).write_text(text)
        paths = sorted(str(path) for path in folder.iterdir())
        done = subprocess.run([str(ANALYZE), "verify", "--man=no", *paths], capture_output=True, text=True, timeout=60)
        ours = [line for line in done.stderr.splitlines() if "weboffice" in line]
        assert (done.returncode, ours) == (0, []), done.stderr
        for path in paths:
            if path.endswith(".service"):
                call = [str(ANALYZE), "security", "--offline=yes", "--no-pager", path]
                overall = subprocess.run(call, capture_output=True, text=True, timeout=60)
                [level] = re.findall(r"Overall exposure level for \S+: ([\d.]+)", overall.stdout)
                assert float(level) <= MOST_EXPOSED, overall.stdout
