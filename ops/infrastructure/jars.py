"""Kafka's jars: exactly those of `jgo.lock.toml`, each checked against its SHA-256, in a cache that all homes share."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import tomllib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import structlog
from jgo.maven import MavenContext

from schemas.errors import InfrastructureUnreachable

log = structlog.get_logger(__name__)

COORDINATES = (
    "org.apache.kafka:kafka_2.13:4.3.1",
    # What Kafka logs goes through SLF4J 1.7; without a binding it goes nowhere. Kafka's distribution has it beside the
    # jar, which does not ask for it. Of the version of log4j-core.
    "org.apache.logging.log4j:log4j-slf4j-impl:2.25.4",
)
LOCK = Path(__file__).with_name("jgo.lock.toml")


_OF_THE_DISK = {
    getattr(errno, name) for name in ("EACCES", "EDQUOT", "EIO", "ENOENT", "ENOSPC", "ENOTDIR", "EPERM", "EROFS")
}


class JarsUnavailable(InfrastructureUnreachable):
    """Kafka's jars could not be downloaded or are not the ones that were locked."""


Progress = Callable[[int, int], None]
"""called with (jars in place, jars in all) while they are downloaded"""


def classpath(cache: Path, progress: Progress = lambda done, total: None) -> list[Path]:
    """The paths of all jars, downloaded where they are missing. Raises `JarsUnavailable` with the remedy."""
    locked = tomllib.loads(LOCK.read_text())["dependencies"]
    # The digests are checked when a jar comes in; a stamp of the lock spares reading 44 MB at every start.
    stamp = cache / f"{hashlib.sha256(LOCK.read_bytes()).hexdigest()}.verified"
    context = MavenContext(repo_cache=cache / "repository")
    paths = [_path(context, entry) for entry in locked]
    if _complete(stamp, paths):
        return paths
    try:
        cache.mkdir(parents=True, exist_ok=True)
        lock = (cache / "lock").open("w")
    except OSError as exc:
        raise _unwritable("Kafka's jars", cache, exc) from exc
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # homes that start for the first time at once: one fetches, the others wait
        if not _complete(stamp, paths):
            _fetch_all(context, locked, progress)
            stamp.touch()
    return paths


def _complete(stamp: Path, paths: list[Path]) -> bool:
    return stamp.exists() and all(path.exists() for path in paths)


def _fetch_all(context: MavenContext, locked: list[dict[str, str]], progress: Progress) -> None:
    done = 0
    with ThreadPoolExecutor(8) as pool:
        futures = [pool.submit(_fetch, context, entry) for entry in locked]
        try:
            for future in as_completed(futures):
                future.result()
                done += 1
                progress(done, len(locked))
        except JarsUnavailable:
            pool.shutdown(cancel_futures=True)
            raise


def _artifact(context: MavenContext, entry: dict[str, str]):  # type: ignore[no-untyped-def]  # jgo exports no types
    component = context.project(entry["groupId"], entry["artifactId"]).at_version(entry["version"])
    return component.artifact(classifier=entry.get("classifier", ""))


def _path(context: MavenContext, entry: dict[str, str]) -> Path:
    path = _artifact(context, entry).cached_path
    assert path is not None  # the context has a cache
    return Path(path)


def _fetch(context: MavenContext, entry: dict[str, str]) -> None:
    name = f"{entry['groupId']}:{entry['artifactId']}:{entry['version']}"
    path = _path(context, entry)
    for attempt in range(3):
        try:
            path = Path(_artifact(context, entry).resolve())
        except Exception as exc:  # jgo passes on whatever its HTTP library raises, much of which is an OSError too
            if isinstance(exc, OSError) and exc.errno in _OF_THE_DISK:
                raise _unwritable(name, path.parent, exc) from exc
            if attempt == 2:
                raise JarsUnavailable(
                    f"{name} could not be downloaded ({type(exc).__name__}: {exc}). Check the connection and the proxy"
                    " settings (HTTPS_PROXY, REQUESTS_CA_BUNDLE), or set WEBOFFICE_KAFKA to a Kafka that runs already."
                ) from exc
            continue
        if hashlib.sha256(path.read_bytes()).hexdigest() == entry["sha256"]:
            return
        log.warning("jar_differs", jar=name, path=str(path))
        os.unlink(path)  # cut off or altered: once more from the start
    raise JarsUnavailable(f"{name} is not the file that was locked (its SHA-256 differs). Nothing of it is used.")


def _unwritable(what: str, folder: Path, exc: OSError) -> JarsUnavailable:
    return JarsUnavailable(
        f"{what} could not be written to {folder} ({exc.strerror}). Free some disk space (50 MB are needed),"
        " or name another folder in WEBOFFICE_CACHE."
    )
