"""The machine and the settings: what can be said before anything runs."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from importlib import metadata
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from ops.checks import Finding, disk, judged
from ops.settings import Settings

FAUST = "0.15.3"
"""Several of its internals are relied on (docs/decisions/0003-faust-is-the-host.md)."""
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_UP_PORT = 8080


def check(settings: Settings) -> Iterator[Finding]:
    """All findings about this machine."""
    python = ".".join(map(str, sys.version_info[:3]))
    yield judged("Python", sys.version_info >= (3, 11), python, "install Python 3.11 or newer")
    faust = _version("faust-streaming")
    yield judged("Faust", faust == FAUST, faust or "missing", f"pip install faust-streaming=={FAUST}, the locked one")
    yield disk.check(settings.home)
    yield _locale()
    zones = len(available_timezones())
    yield judged(
        "time zones", zones > 400, f"{zones} known", "pip install tzdata, or the system's package of that name"
    )
    yield _port(settings.host)
    yield _public_address(settings)


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def _locale() -> Finding:
    encodings = {sys.getfilesystemencoding().lower(), (sys.stdout.encoding or "utf-8").lower()}
    utf8 = encodings <= {"utf-8", "utf8"}
    return judged("locale", utf8, ", ".join(sorted(encodings)), "set LANG=C.UTF-8 (or another UTF-8 locale)")


def _port(host: str) -> Finding:
    """Taken is no fault: it may be ours, and `up` takes another one. A host that is not here is one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, 0))
        except OSError as exc:
            return Finding("address", f"{host}: {exc.strerror}", "name an address of this machine in WEBOFFICE_HOST")
        with socket.socket(family) as second:
            second.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                second.bind((host, _UP_PORT))
            except OSError:
                return Finding("address", f"{host}, where port {_UP_PORT} is in use")
    return Finding("address", f"{host}, where port {_UP_PORT} is free")


def _public_address(settings: Settings) -> Finding:
    url = urlsplit(settings.public_url)
    if not settings.public_url:
        return judged(
            "public address",
            settings.host in _LOOPBACK or settings.host in ("0.0.0.0", "::"),  # in a container the front decides
            "not set",
            "set WEBOFFICE_PUBLIC_URL to the address that browsers use: links in letters begin with it",
        )
    return judged(
        "public address",
        url.scheme == "https" or url.hostname in _LOOPBACK,
        settings.public_url,
        "put TLS in front and say https:// in WEBOFFICE_PUBLIC_URL: else passwords and tokens travel in the clear",
    )
