"""Named statements of `.sql` files."""

from __future__ import annotations

from schemas.statements import load


def test_each_name_has_its_statement() -> None:
    """Statements are found by name, without their closing semicolon, and none is empty."""
    found = load("tests.projections", "tables.sql")
    assert found["empty_registers"].endswith(b"DELETE FROM app.forgotten_contacts")
    assert all(found.values())
