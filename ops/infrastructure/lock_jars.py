"""Writes `jgo.lock.toml` anew: resolves Kafka's jars and records coordinates, versions and SHA-256.

Run after a change of `COORDINATE`: `python -m ops.infrastructure.lock_jars`.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from jgo.maven import MavenContext

from ops.infrastructure.jars import COORDINATE, LOCK

# Parts of the distribution that a broker without tiered storage, OAuth or the shell never loads are kept all the same:
# the lock is what the resolver says, no more and no less.


def main() -> None:
    """Resolves and writes the lock."""
    context = MavenContext()
    dependency = context.create_dependency(COORDINATE)
    inputs, transitive = context.resolver.resolve([dependency])
    lines = ["# Kafka's jars; written by `python -m ops.infrastructure.lock_jars`.", ""]
    found = {(d.groupId, d.artifactId): d for d in [*inputs, *transitive] if d.scope in ("compile", "runtime", None)}
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
