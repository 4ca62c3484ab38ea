"""What the peers run in: a virtual environment each, from locks with hashes, and a jar; made once in a folder."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
_REQUIREMENTS = {
    "control": HERE / "peers" / "control" / "requirements.txt",
    "quix": HERE / "peers" / "quix" / "requirements.txt",
    "eventsourcing": HERE / "peers" / "eventsourcing" / "requirements.txt",
    "plots": HERE / "requirements.txt",
}
KAFKA_TOOLS = "org.apache.kafka:kafka-tools:4.3.1"


def python(home: Path, name: str) -> Path:
    """The interpreter of an environment, made where it is missing or its lock has changed."""
    lock = _REQUIREMENTS[name]
    stamp = hashlib.sha256(lock.read_bytes()).hexdigest()
    folder = home / "env" / name
    if not (folder / stamp).exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        install: list[str | Path] = [
            folder / "bin" / "python",
            "-m",
            "pip",
            "--disable-pip-version-check",
            "--quiet",
            "install",
        ]
        subprocess.run([*install, "--require-hashes", "-r", lock], check=True)
        (folder / stamp).touch()
    return folder / "bin" / "python"


def kafka_streams(home: Path) -> str:
    """The class path of the Kafka Streams peer, built by Maven where its sources have changed."""
    project = HERE / "peers" / "kafka_streams"
    sources = sorted([project / "pom.xml", *project.rglob("*.java")])
    stamp = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()
    target = home / "kafka_streams"
    if not (target / stamp).exists():
        command: list[str | Path] = [
            "mvn",
            "-q",
            "-B",
            "-f",
            project / "pom.xml",
            f"-Dbench.target={target}",
            "clean",
            "package",
        ]
        subprocess.run(command, check=True)
        (target / stamp).touch()
    return f"{target}/kafka-streams-peer-1.jar:{target}/lib/*"


def kafka_tools(home: Path) -> str:
    """The class path of Kafka's own measuring tools, resolved by jgo."""
    import jgo

    return ":".join(map(str, jgo.build(KAFKA_TOOLS, cache_dir=home / "jgo").all_jars))
