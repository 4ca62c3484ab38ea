"""Units of systemd for one host: all of the service as one, or each process beside servers of one's own."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

HEADER = (
    "# Written by `weboffice install-service`, which may write it anew: changes go into a drop-in (`systemctl edit`).\n"
)
SETTINGS = "# Settings of Веб-офис, a NAME=value a line (`weboffice settings`). With passwords in it, keep it 0600.\n"
PARTS = {
    "web": "serve all",
    "anonymise@": "work anonymise",
    "project@": "work project",
    "import": "work import",
    "tell": "work tell",
}
"""Unit → command, beside servers of one's own. Those with @ are templates: `weboffice-project@2` is a second worker."""

_HARDENED = """\
NoNewPrivileges=yes
LockPersonality=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RestrictNamespaces=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged
SystemCallErrorNumber=EPERM
UMask=0077
"""
_SYSTEM_ALONE = """\
CapabilityBoundingSet=
AmbientCapabilities=
ProtectSystem=strict
ProtectProc=invisible
ProtectClock=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
PrivateTmp=yes
PrivateDevices=yes
StateDirectory=weboffice
StateDirectoryMode=0700
"""
"""What a user's own manager can't do. Memory that is written and run stays allowed: Java compiles as it goes."""


class Place(Struct, frozen=True):
    """`program` is the command `weboffice`; `user`: the units are for a user's own manager; `port` serves."""

    program: Path
    port: int = 8080
    user: bool = False


def whole(place: Place) -> dict[str, str]:
    """File → content: everything as one unit, Kafka and PostgreSQL included unless the settings name others."""
    # `up` ends its children in their order.
    ending = "KillMode=mixed\nTimeoutStopSec=120\n"
    command = f"up --port {place.port}"
    return {"weboffice.service": _unit(place, "Веб-офис", command, f"Restart=always\nRestartSec=2\n{ending}", True)}


def apart(place: Place) -> dict[str, str]:
    """File → content: a unit for each process; `weboffice.target` starts and stops all of them."""
    always = "Restart=always\nRestartSec=2\nTimeoutStopSec=60\n"
    files = {}
    for part, command in PARTS.items():
        command += f" --port {place.port}" if part == "web" else ""
        files[f"weboffice-{part}.service"] = _unit(place, f"Веб-офис: {part.strip('@')}", command, always, False)
    once = "Type=oneshot\nRemainAfterExit=yes\n"
    files["weboffice-migrate.service"] = _unit(place, "Веб-офис: migrate", "migrate --wait 90", once, False)
    wanted = " ".join(f"weboffice-{part}{'1' if part.endswith('@') else ''}.service" for part in PARTS)
    files["weboffice.target"] = (
        f"{HEADER}[Unit]\nDescription=Веб-офис\nWants={wanted}\n\n[Install]\n{_wanted_by(place)}"
    )
    return files


def account(place: Place) -> dict[str, str]:
    """The user that system units run as, for systemd-sysusers; none for a user's own."""
    return {} if place.user else {"weboffice.conf": f'{HEADER}u weboffice - "Веб-офис" /var/lib/weboffice\n'}


def _unit(place: Place, description: str, command: str, how: str, installed: bool) -> str:
    home, settings = ("%h/.local/share", "%h/.config") if place.user else ("/var/lib", "/etc/weboffice")
    lines = [f"{HEADER}[Unit]", f"Description={description}"]
    if not place.user:
        lines += ["Wants=network-online.target", "After=network-online.target"]
    if not installed:
        lines.append("PartOf=weboffice.target")
        if "oneshot" not in how:
            lines += ["Requires=weboffice-migrate.service", "After=weboffice-migrate.service"]
    lines += ["StartLimitIntervalSec=0", "", "[Service]", f"ExecStart={place.program} {command}", how.rstrip()]
    lines += [f"Environment=WEBOFFICE_HOME={home}/weboffice PYTHONDONTWRITEBYTECODE=1 LANG=C.UTF-8"]
    lines += [f"EnvironmentFile=-{settings}/weboffice.env", "LimitNOFILE=65536", _HARDENED.rstrip()]
    if not place.user:
        protected = "read-only" if str(place.program).startswith(("/home/", "/root/", "/run/user/")) else "yes"
        lines += ["User=weboffice", "WorkingDirectory=/var/lib/weboffice", f"ProtectHome={protected}"]
        lines.append(_SYSTEM_ALONE.rstrip())
    if installed:
        lines += ["", "[Install]", _wanted_by(place).rstrip()]
    return "\n".join(lines) + "\n"


def _wanted_by(place: Place) -> str:
    return f"WantedBy={'default' if place.user else 'multi-user'}.target\n"
