"""Whose rows are read, and by whom."""

from __future__ import annotations

from uuid import UUID

from msgspec import Struct


class Account(Struct, frozen=True):
    """Whose rows are read, and from which generation: a kept report's number, None for the live one. `outlets` are
    those that `person_id`, who reads, may see; None for all, and for the owner."""

    account_id: UUID
    generation: int | None = None
    outlets: frozenset[UUID] | None = None
    person_id: UUID | None = None

    @property
    def reader_id(self) -> UUID:
        """The person who reads."""
        return self.person_id or self.account_id
