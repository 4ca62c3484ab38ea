"""Which fields of events name people, and what is kept of each: for programs that see an event as plain JSON."""

from __future__ import annotations

from collections.abc import Callable

from schemas.cashiers import shorten_cashier
from schemas.names import shorten


def shortening(event_type: object, field: str) -> Callable[[str], str | None] | None:
    """How a field that names a person is shortened (None: it names nobody); None for any other field.

    The type is that of the event which the field stands in, or None where it is not known.
    """
    if field == "cashier":
        return shorten_cashier
    if event_type == "contact.saved" and field == "name":
        return shorten
    return None
