"""Writes `jgo.lock.toml` anew: resolves Kafka's jars and records coordinates, versions and SHA-256.

Run after a change of `COORDINATES`: `python -m ops.infrastructure.lock_jars`.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from jgo.maven import MavenContext

from ops.infrastructure.jars import COORDINATES, LOCK

# Parts of the distribution that a broker without tiered storage, OAuth or the shell never loads are kept all the same:
# the lock is what the resolver says, no more and no less.


def main() -> None:
    """Resolves and writes the lock."""
    context = MavenContext()
    found: dict[tuple[str, str], Any] = {}
    for wanted in COORDINATES:  # one by one: together, the versions that one manages would replace the other's
        inputs, transitive = context.resolver.resolve([context.create_dependency(wanted)])
        for one in [*inputs, *transitive]:
            if one.scope in ("compile", "runtime", None):
                found.setdefault((one.groupId, one.artifactId), one)
    lines = ["# Kafka's jars; written by `python -m ops.infrastructure.lock_jars`.", ""]
    for key in sorted(found):
        artifact = found[key].artifact
        digest = hashlib.sha256(Path(artifact.resolve()).read_bytes()).hexdigest()
        lines += ["[[dependencies]]", f'groupId = "{artifact.groupId}"', f'artifactId = "{artifact.artifactId}"']
        if artifact.classifier:
            lines.append(f'classifier = "{artifact.classifier}"')
        lines += [f'version = "{artifact.version}"', f'sha256 = "{digest}"', ""]
    LOCK.write_text("\n".join(lines))


if __name__ == "__main__":
    main()
