"""`weboffice install-service`: units of systemd for one host."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import click
import msgspec

from ops import units
from ops.units import Place
from schemas.errors import Refused, UsageError


@click.command("install-service")
@click.option(
    "--user", is_flag=True, help="Units of your own user, without root; `loginctl enable-linger` keeps them on."
)
@click.option("--apart", is_flag=True, help="A unit for each process, beside Kafka and PostgreSQL of your own.")
@click.option("--port", type=click.IntRange(1, 65535), default=8080, show_default=True)
@click.option("--to", type=click.Path(path_type=Path, file_okay=False), help="Write all files to this folder instead.")
@click.option("--json", "as_json", is_flag=True)
def install_service(user: bool, apart: bool, port: int, to: Path | None, as_json: bool) -> None:
    """Write units of systemd that run the service on this host, hardened, and say what starts them.

    One unit runs `weboffice up`; with --apart each process has one, and settings name Kafka and PostgreSQL. Nothing is
    started, and a file of the same name that this command did not write is left alone (exit code 1). Windows and macOS:
    run it in containers (docs/deployment.md).
    """
    place = Place(_program(), port, user)
    settings = Path.home() / ".config" if user else Path("/etc/weboffice")
    folder = Path.home() / ".config/systemd/user" if user else Path("/etc/systemd/system")
    files = {(to or folder) / name: text for name, text in (units.apart if apart else units.whole)(place).items()}
    files |= {(to or Path("/etc/sysusers.d")) / name: text for name, text in units.account(place).items()}
    for path in files:
        if path.exists() and units.HEADER not in path.read_text():
            raise Refused(f"{path} is there, and not of this command's making: move it away first")
    try:
        for path, text in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        _keep_settings((to or settings) / "weboffice.env")
    except PermissionError as exc:
        raise UsageError(f"{exc.filename} can't be written: run it as root, or with --user") from exc
    then = _then(user, apart)
    written = [str(path) for path in files]
    if as_json:
        click.echo(msgspec.json.encode({"written": written, "then": then}).decode())
    else:
        click.echo("\n".join([*(f"wrote {path}" for path in written), "then:", *(f"  {line}" for line in then)]))


def _keep_settings(path: Path) -> None:
    """What stands there is the operator's."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(units.SETTINGS)


def _program() -> Path:
    beside = Path(sys.executable).with_name("weboffice")
    found = beside if beside.exists() else shutil.which("weboffice")
    if found is None:
        raise UsageError("the command `weboffice` is not installed beside this Python")
    return Path(found).absolute()


def _then(user: bool, apart: bool) -> list[str]:
    systemctl = "systemctl --user" if user else "systemctl"
    lines = [] if user else ["systemd-sysusers"]
    lines += [f"{systemctl} daemon-reload", f"{systemctl} enable --now weboffice.{'target' if apart else 'service'}"]
    return [*lines, "loginctl enable-linger"] if user else lines
