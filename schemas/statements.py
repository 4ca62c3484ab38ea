"""Named SQL statements of a `.sql` file in a package: `-- name: xyz` starts one and says what it is called here."""

from __future__ import annotations

import re
from importlib import resources

_NAME = re.compile(r"^-- name: (\w+)\s*$", re.MULTILINE)


def load(package: str, file: str) -> dict[str, bytes]:
    """The statements of a file by name, as bytes for psycopg (which takes text only where it is a literal)."""
    text = resources.files(package).joinpath(file).read_text()
    _, *pieces = _NAME.split(text)
    return {name: body.strip().rstrip(";").encode() for name, body in zip(pieces[::2], pieces[1::2], strict=True)}
