"""Named statements of `.sql` files."""

from __future__ import annotations

from schemas.statements import load


def test_each_name_has_its_statement() -> None:
    """Statements are found by name, without their closing semicolon, and none is empty."""
    found = load("tests.projections", "tables.sql")
    assert found["empty_registers"].endswith(b"DELETE FROM app.forgotten_contacts")
    assert all(found.values())


def test_a_statement_over_another() -> None:
    """What is counted over a list holds the list's own statement: changing one changes both."""
    found = load("webapp.reports", "contacts.sql")
    assert found["totals"].startswith(b"WITH contacts_listed AS (\n" + found["contacts_listed"] + b"\n)\n")
    assert b"FROM contacts_listed" in found["totals"]
