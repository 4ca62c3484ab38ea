"""Images by their digests: every one of them, that of today, or nothing is changed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ops.compose import pin

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.usefixtures("programs")
DIGEST = f"sha256:{'0a' * 32}"


def _program(folder: Path, answer: str) -> str:
    """A program in place of `docker`, which here has no registry to ask."""
    path = folder / "docker"
    path.write_text(f"#!/bin/sh\n{answer}\n")
    path.chmod(0o755)
    return str(path)


def test_every_image_gets_its_digest(tmp_path: Path) -> None:
    """Each image of others in compose.yaml and Dockerfile, also where an earlier digest stands; our own has none."""
    program = _program(tmp_path, f"echo {DIGEST}")
    for name, images in (("compose.yaml", 5), ("Dockerfile", 2)):
        text = (ROOT / name).read_text()
        once = pin.pinned(text, program)
        assert once.count(f"@{DIGEST}") == images
        assert pin.pinned(once.replace("0a" * 32, "ff" * 32), program) == once
        assert re.sub(r"@sha256:[0-9a-f]{64}", "", once) == re.sub(r"@sha256:[0-9a-f]{64}", "", text)
    assert "AS build" in pin.pinned((ROOT / "Dockerfile").read_text(), program)


@pytest.mark.parametrize("answer", ["exit 1", "echo no digest", "echo sha256:short"])
def test_without_a_digest_nothing_is_pinned(tmp_path: Path, answer: str) -> None:
    """Where the registry does not say one, it is said which image that was."""
    with pytest.raises(pin.Unknown, match="postgres:18"):
        pin.pinned("    image: postgres:18\n", _program(tmp_path, answer))
