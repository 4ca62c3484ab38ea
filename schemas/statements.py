"""Named SQL statements of a `.sql` file in a package.

`-- name: xyz` starts a statement and says what it is called here; comment lines after it say what it answers, and for
whom. `-- name: xyz over abc` reads from the statement `abc`, which stands above it, as from a table of that name: what
is counted over a list is what the list shows. PostgreSQL takes it as if it stood there, where it is read once.
"""

from __future__ import annotations

import re
from importlib import resources

_NAME = re.compile(r"^-- name: (\w+)(?: over (\w+))?\s*$", re.MULTILINE)
_DESCRIPTION = re.compile(r"\A(?:\s*--.*\n)+")


def load(package: str, file: str) -> dict[str, bytes]:
    """The statements of a file by name, as bytes for psycopg (which takes text only where it is a literal)."""
    text = resources.files(package).joinpath(file).read_text("utf-8")
    _, *pieces = _NAME.split(text)
    statements: dict[str, bytes] = {}
    for name, part, body in zip(pieces[::3], pieces[1::3], pieces[2::3], strict=True):
        statement = _DESCRIPTION.sub("", body).strip().rstrip(";").encode()
        if part:
            statement = b"WITH %b AS (\n%b\n)\n%b" % (part.encode(), statements[part], statement)
        statements[name] = statement
    return statements
