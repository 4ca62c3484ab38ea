"""Named SQL statements of a `.sql` file in a package.

`-- name: xyz` starts a statement and says what it is called here; comment lines after it say what it answers, and for
whom.
"""

from __future__ import annotations

import re
from importlib import resources

_NAME = re.compile(r"^-- name: (\w+)\s*$", re.MULTILINE)
_DESCRIPTION = re.compile(r"\A(?:\s*--.*\n)+")


def load(package: str, file: str) -> dict[str, bytes]:
    """The statements of a file by name, as bytes for psycopg (which takes text only where it is a literal)."""
    text = resources.files(package).joinpath(file).read_text("utf-8")
    _, *pieces = _NAME.split(text)
    bodies = [_DESCRIPTION.sub("", body).strip().rstrip(";") for body in pieces[1::2]]
    return {name: body.encode() for name, body in zip(pieces[::2], bodies, strict=True)}
