"""Control records: decisions about the log's own content, which enter it through `uploads` like everything else."""

from __future__ import annotations

from schemas.errors import RecordUnreadable
from schemas.events.event_type import tag
from schemas.records import (
    ContactForgotten,
    EventsDiscarded,
    GapGivenUp,
    Headers,
    LogAdopted,
    OutletRemoved,
    Unreadable,
    UploadRecord,
    decode,
    headers,
)


def control_headers(outlet: str, record: bytes) -> Headers:
    """The headers of an encoded control record; `count` is 0, for it holds no events.

    Bytes that are no control record get kind `unknown`: they go into the log all the same, where `anonymise` sets them
    aside in view of everyone, instead of holding up what comes after them.
    """
    try:
        order = decode(record)
    except RecordUnreadable:
        return headers(kind="unknown", outlet=outlet)
    match order:
        case GapGivenUp() | EventsDiscarded():
            return headers(
                kind=tag(type(order)), outlet=outlet, till=order.till, run=order.run, first_seq=order.first_seq, count=0
            )
        case ContactForgotten() | OutletRemoved():
            return headers(kind=tag(type(order)), outlet=outlet)
        case UploadRecord() | Unreadable() | LogAdopted():
            return headers(kind="unknown", outlet=outlet)
