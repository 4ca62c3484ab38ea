"""The bounds of what tills send. Imports the standard library alone, as everything does that a till itself needs."""

from __future__ import annotations

from datetime import UTC, datetime

MAX_BYTES = 8 * 1024 * 1024
"""Greatest size of an upload, unpacked."""
MAX_EVENTS = 500
"""Most events of an upload."""
MAX_SEQ = 2**53 - 1
"""Greatest event number: exact in every JSON reader."""
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
"""A till's clock may be years off, but a moment at the edge of the calendar has no local day in every zone."""
