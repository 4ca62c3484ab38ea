"""What an import needs beside a service: a till of its own, registered as an importer's."""

from __future__ import annotations

import psycopg

from ops.importing import access
from ops.provisioning import provision


def test_the_till_that_an_import_makes_is_an_importers(postgres: str) -> None:
    """Made once, and told from the outlet's own till, of whatever name that is."""
    provision(postgres, "owner@example.com", ["Лавка"])
    for _ in range(2):
        with access(postgres, "Лавка", "receipts"):
            pass
    with psycopg.connect(postgres) as connection:
        tills = connection.execute("SELECT name, imported FROM app.tills ORDER BY name").fetchall()
    assert tills == [("receipts", True), ("Касса 1", False)]
