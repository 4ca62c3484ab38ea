"""The till's side of the upload API: an append-only spool on disk and a client that sends from it."""

from producers.till.client import Sent, TillClient, Withdrawal
from producers.till.errors import EventUnfit, GaveUp, SpoolBusy, SpoolDamaged, SpoolError, SpoolFull, UploadStopped

__all__ = [
    "EventUnfit",
    "GaveUp",
    "Sent",
    "SpoolBusy",
    "SpoolDamaged",
    "SpoolError",
    "SpoolFull",
    "TillClient",
    "UploadStopped",
    "Withdrawal",
]
