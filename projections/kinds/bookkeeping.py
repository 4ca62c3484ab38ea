"""Bookkeeping: what a generation keeps beside its projections (positions, runs, what waits, what is set aside)."""

from __future__ import annotations

from projections.kinds import statements


class Bookkeeping:
    """A table of a generation that is no projection; it is made, compared, removed from and cleaned like the rest.

    Its statements stand in bookkeeping.sql: `create_…`, and `remove_…` where the removal of an outlet does something to
    it. `compared` is False for what differs between two equal generations by nature. `isolated` binds its rows to their
    outlets' account; a table without outlets says by itself who may read it.
    """

    def __init__(
        self, name: str, *, compared: bool = True, isolated: bool = True, package: str = "projections.models"
    ) -> None:
        self.name = name
        self.compared = compared
        self.isolated = isolated
        found = statements.of_file("bookkeeping", package, (f"create_{name}",))
        self.statements = {what: found[f"{what}_{name}"] for what in ("create", "remove") if f"{what}_{name}" in found}
