"""Control records: decisions about the log's own content, which enter it through `uploads` like everything else."""

from __future__ import annotations

from schemas.errors import RecordUnreadable
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
        found = decode(record)
    except RecordUnreadable:
        return headers(kind="unknown", outlet=outlet)
    match found:
        case GapGivenUp() | EventsDiscarded():
            return headers(
                kind=found.__struct_config__.tag,  # type: ignore[arg-type]
                outlet=outlet,
                till=found.till,
                run=found.run,
                first_seq=found.first_seq,
                count=0,
            )
        case ContactForgotten() | OutletRemoved():
            return headers(kind=str(found.__struct_config__.tag), outlet=outlet)
        case UploadRecord() | Unreadable() | LogAdopted():
            return headers(kind="unknown", outlet=outlet)
