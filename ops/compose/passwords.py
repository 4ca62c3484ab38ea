"""`python -m ops.compose.passwords FOLDER`: makes the passwords of a set-up once; what is there already stays.

    FOLDER/postgres/superuser    of PostgreSQL's superuser, which nothing of the service uses
    FOLDER/postgres/weboffice    of the service's role
    FOLDER/weboffice/postgres    the URL with which that role logs in, for `migrate` and commands
    FOLDER/weboffice/PART        the URLs with which the parts log in: worker, gateway, accounts, portal
    FOLDER/PART/postgres         the same, each for the containers that need it
    FOLDER/grafana/admin         of Grafana's administrator

Each sub-folder is a volume of its own, mounted only where it is needed; so the first and last may be read by whoever
runs there.
"""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path

from ops.logins import PARTS, role_of

_BYTES = 32


def make(folder: Path) -> list[Path]:
    """Writes what is missing and returns those files. A file appears whole or not at all, and is never replaced."""
    written = []
    for name in ("postgres/superuser", "postgres/weboffice", "grafana/admin"):
        written += _once(folder / name, secrets.token_urlsafe(_BYTES), mode=0o444)
    written += _once(folder / "weboffice/postgres", _url("weboffice", (folder / "postgres/weboffice").read_text()))
    for part in PARTS:
        written += _once(folder / "weboffice" / part, _url(role_of(part), secrets.token_urlsafe(_BYTES)))
        written += _once(folder / part / "postgres", (folder / "weboffice" / part).read_text())
    return written


def _url(role: str, password: str) -> str:
    return f"postgresql://{role}:{password}@postgres/weboffice"


def _once(path: Path, text: str, *, mode: int = 0o400) -> list[Path]:
    if path.exists():
        return []
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)
    with open(new, "x", opener=lambda name, flags: os.open(name, flags, mode)) as file:
        file.write(text)
        file.flush()
        os.fchmod(file.fileno(), mode)
        os.fsync(file.fileno())
    os.link(new, path)  # fails rather than replaces
    new.unlink()
    return [path]


if __name__ == "__main__":
    for made in make(Path(sys.argv[1])):
        sys.stdout.write(f"made {made}\n")
