"""What a till's maker has to handle: the spool's and the client's errors."""

from __future__ import annotations

from producers.till.words import unfit
from schemas.errors import InfrastructureUnreachable, UsageError, WebOfficeError


class SpoolError(WebOfficeError):
    """The spool could not be read or written; nothing was half accepted."""


class SpoolBusy(SpoolError):
    """Another process uses this spool; one at a time may."""


class SpoolFull(SpoolError):
    """No space is left for the spool: nothing of this append was accepted. Free space, or send, and repeat."""


class SpoolDamaged(SpoolError):
    """The spool's files contradict one another; they are left as they are."""


class EventUnfit(WebOfficeError):
    """An event can't be stored: not an object, not representable in JSON, nested too deep, or over the size limit.

    `code` and `values` say it for programs, and for words in another language (`producers.till.words`).
    """

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(unfit(code, values, in_english=True))
        self.code, self.values = code, values


class UploadStopped(UsageError):
    """The gateway's answer won't change by itself: the token, the address or the client is wrong.

    `status` is the HTTP status. What waits stays in the spool.
    """

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class GaveUp(InfrastructureUnreachable):
    """No upload was acknowledged within the time allowed; everything stays in the spool."""
