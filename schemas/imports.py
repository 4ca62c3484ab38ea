"""Imports on their way: files that the portal and the gateway take in, and `weboffice work import` brings in.

States: `receiving` files; `to_read` and `to_send` wait for a worker; `asked` waits for an answer, `read` for somebody
to say yes; `done` and `failed` are the end. All of it is gone after a day.
"""

from __future__ import annotations

from schemas.statements import load

STATEMENTS = load("schemas", "imports.sql")

BYTES_MAX = 128 * 1024 * 1024
"""Of the files of one import together."""
BYTES_OF_OUTLET_MAX = 4 * BYTES_MAX
"""Of the files of all imports of an outlet."""
UNFINISHED_MAX = 5
"""Imports of an outlet that hold files."""
PIECE_BYTES = 4 * 1024 * 1024
"""Most bytes of one row."""
