"""`make pin`: the images of compose.yaml and Dockerfile by their digests, as the registry says them now.

A tag is whatever stands behind it today; a digest is that one image for ever. Where the registry can't be asked nothing
is changed.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

FILES = ("compose.yaml", "Dockerfile")
_IMAGE = re.compile(
    r"^(?P<before>\s*(?:image:|FROM)\s+)(?P<image>[a-z0-9./-]+:[\w.-]+)(?P<digest>@sha256:[0-9a-f]{64})?"
)
_PATIENCE_S = 60


class Unknown(Exception):
    """The registry did not say a digest."""


def digest(image: str, program: str = "docker") -> str:
    """`sha256:…` of the image for all its platforms. Raises `Unknown`."""
    command = [program, "buildx", "imagetools", "inspect", image, "--format", "{{.Manifest.Digest}}"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE_S, check=True)
    except (OSError, subprocess.SubprocessError) as exc:
        raise Unknown(f"{image}: {getattr(exc, 'stderr', None) or exc}") from exc
    if not re.fullmatch(r"sha256:[0-9a-f]{64}", done.stdout.strip()):
        raise Unknown(f"{image}: {done.stdout[:200]!r} is no digest")
    return done.stdout.strip()


def pinned(text: str, program: str = "docker") -> str:
    """The file's text with a digest behind each image's tag, that of today in place of an earlier one."""

    def with_digest(line: str) -> str:
        found = _IMAGE.match(line)
        if found is None:
            return line
        return f"{found['before']}{found['image']}@{digest(found['image'], program)}{line[found.end() :]}"

    return "\n".join(with_digest(line) for line in text.split("\n"))


def main(folder: Path) -> int:
    try:
        texts = {folder / name: pinned((folder / name).read_text()) for name in FILES}
    except Unknown as exc:
        sys.stderr.write(f"nothing is pinned: {exc}\n")
        return 1
    for path, text in texts.items():
        path.write_text(text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(Path.cwd()))
