"""compose.yaml and what it starts in our own image: passwords are made once, health is what the address answers."""

from __future__ import annotations

import re
import stat
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import yaml

from ops.compose import healthy, passwords
from ops.infrastructure.ports import free_port
from ops.infrastructure.postgres import SERVER
from ops.logins import PARTS
from ops.settings import SETTINGS
from schemas.log import MAX_RECORD_BYTES
from tests.infrastructure import KAFKA_IMAGE, POSTGRES_IMAGE

_ROOT = Path(__file__).parents[2]
_SERVICES = yaml.safe_load((_ROOT / "compose.yaml").read_text())["services"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("postgres", "weboffice", "grafana", *PARTS):
        (tmp_path / name).mkdir()
    return tmp_path


def test_what_the_image_is_built_from_is_let_in() -> None:
    """Each file that the Dockerfile copies passes .dockerignore, and is there."""
    allowed = {line[1:] for line in (_ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (_ROOT / "Dockerfile").read_text(), re.MULTILINE)
    files = {name for names in copied for name in names.split()} - {"."}
    assert "requirements.txt" in files
    assert files <= allowed
    assert [name for name in allowed if not (_ROOT / name).exists()] == []


@pytest.mark.asvs("V13.2.3", "a password is the same everywhere")
def test_passwords_are_made_once_and_stay(folder: Path) -> None:
    """The first start makes different passwords, the second changes none; libpq's file is its owner's alone."""
    assert len(passwords.make(folder)) == 12
    before = {path: path.read_text() for path in folder.rglob("*") if path.is_file()}
    assert passwords.make(folder) == []
    assert {path: path.read_text() for path in folder.rglob("*") if path.is_file()} == before
    assert len(set(before.values())) == 8  # each part's URL is there twice
    role = before[folder / "postgres/weboffice"]
    assert before[folder / "weboffice/postgres"] == f"postgresql://weboffice:{role}@postgres/weboffice"
    for part in PARTS:
        url = folder / part / "postgres"
        assert stat.S_IMODE(url.stat().st_mode) == 0o400
        assert before[url] == before[folder / "weboffice" / part]
        assert before[url].startswith(f"postgresql://weboffice_{part}:")


@pytest.mark.asvs("V13.3.2", "a container is handed another part's login")
def test_each_container_knows_its_own_login_alone() -> None:
    """Who serves somebody knows no other part's login, and not the owner of the tables; keys are the portal's alone."""
    keyed = [name for name, one in _SERVICES.items() if "WEBOFFICE_FACTOR_KEYS" in (one.get("environment") or {})]
    assert keyed == ["portal"]
    for name, parts in {
        "gateway": {"gateway"},
        "portal": {"accounts", "portal"},
        "anonymise": {"worker"},
        "project": {"worker"},
        "import": {"accounts"},
        "tell": {"accounts", "portal"},
    }.items():
        service = _SERVICES[name]
        named = {key for key in service["environment"] if "POSTGRES" in key}
        assert named == {f"WEBOFFICE_POSTGRES_{part.upper()}_FILE" for part in parts}, name
        mounted = {volume.split(":")[1] for volume in service["volumes"]} - {"/data"}
        assert mounted == {f"/secrets/{part}" for part in parts}, name


def test_a_start_that_was_cut_off_is_finished_by_the_next(folder: Path) -> None:
    """What is half written is written anew; what stands stays."""
    (folder / "postgres/superuser").write_text("kept")
    (folder / "postgres/.weboffice.new").write_text("ha")
    made = passwords.make(folder)
    assert (folder / "postgres/superuser").read_text() == "kept"
    assert len((folder / "postgres/weboffice").read_text()) > 40
    assert len(made) == 11


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:  # the name that http.server asks for
        self.send_response(200 if self.path == "/good" else 503)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


def test_healthy_is_who_answers_2xx() -> None:
    """200 is healthy; 503 and nobody there are not."""
    server = HTTPServer(("127.0.0.1", 0), _Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    try:
        assert healthy.answers(f"{url}/good")
        assert not healthy.answers(f"{url}/bad")
    finally:
        server.shutdown()
        server.server_close()
    assert not healthy.answers(f"http://127.0.0.1:{free_port()}/good", timeout=1)


def test_every_container_is_confined() -> None:
    """No capabilities, no way to more rights; bounds of memory and processes; ports on loopback alone; our own with a
    read-only root, none as root."""
    for name, service in _SERVICES.items():
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert re.fullmatch(r"(\$\{\w+:-)?\d+[mg]}?", str(service["mem_limit"])), name
        assert 0 < service["pids_limit"] <= 512, name
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", [])), name
        if service["image"].startswith("${WEBOFFICE_IMAGE"):
            assert service["read_only"], name
            assert "user" not in service, name
    assert "\nUSER 10001:10001\n" in (_ROOT / "Dockerfile").read_text()


def test_what_runs_in_containers_is_what_is_tested() -> None:
    """The tests' images are those of compose.yaml, and its variables are settings that there are."""
    assert _SERVICES["kafka"]["image"].partition("@")[0] == KAFKA_IMAGE
    assert _SERVICES["postgres"]["image"].partition("@")[0] == POSTGRES_IMAGE
    known = {setting.variable for setting in SETTINGS} | {one.file_variable for one in SETTINGS if one.secret}
    for name in ("migrate", "gateway", "portal", "anonymise", "project", "import", "tell"):
        ours = {key for key in _SERVICES[name]["environment"] if key.startswith("WEBOFFICE_")}
        assert ours, name
        assert ours <= known, name
    assert _SERVICES["kafka"]["environment"]["KAFKA_MESSAGE_MAX_BYTES"] == str(MAX_RECORD_BYTES)


def test_postgres_is_set_up_in_containers_as_it_is_embedded() -> None:
    """Which indexes are taken and how much memory a sort has is the same, wherever it runs."""
    program, *options = _SERVICES["postgres"]["command"]
    assert program == "postgres"
    said = dict(option.removeprefix("--").split("=", 1) for option in options)
    assert {name: re.sub(r"^\$\{\w+:-(.*)\}$", r"\1", value) for name, value in said.items()} == SERVER


def test_no_password_is_written_down() -> None:
    """Whatever is called a password, a secret or a key is a file made at the first start, or comes from outside."""
    for name, service in _SERVICES.items():
        for key, value in service.get("environment", {}).items():
            if any(word in key for word in ("PASSWORD", "SECRET", "PGPASS", "KEY")):
                assert value.startswith("/secrets/") or value.endswith(":-}"), (name, key)
        for variable in ("WEBOFFICE_POSTGRES", "WEBOFFICE_KAFKA"):
            assert "@" not in service.get("environment", {}).get(variable, "").replace("weboffice@postgres", ""), name
