"""Named places between two effects, at which tests make a process end or stand still.

Only where WEBOFFICE_FAIL_POINT names a folder when the process starts: `fail_point("project.before_commit")` then looks
for a file of that name, takes it away, and the process ends by SIGKILL, or stops by SIGSTOP where the file says `stop`.
So a running system can be struck at a chosen place once, and whoever put the file there sees that it was. Without the
variable the function does nothing.
"""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

VARIABLE = "WEBOFFICE_FAIL_POINT"

POINTS = {
    "gateway.before_send": "the upload is checked, Kafka has not got it",
    "gateway.before_answer": "Kafka has acknowledged the upload, the till does not know",
    "anonymise.before_send": "a record is read, its copy is not written",
    "anonymise.after_send": "the copies are acknowledged, the batch is not",
    "project.before_commit": "rows and positions are written, not committed",
    "project.after_commit": "the batch is committed, not acknowledged",
    "rebuild.before_switch": "the new generation is proved, applying is stopped",
    "rebuild.after_switch": "the new generation is live, nobody was told",
    "outbox.before_send": "a control record is held in the outbox, Kafka has not got it",
    "outbox.before_delete": "a control record is acknowledged by Kafka and still in the outbox",
    "tell.before_commit": "alarms are noted and their messages queued, not committed",
    "tell.after_commit": "alarms and messages are committed, none is handed over",
    "tell.before_send": "a message is held, its provider has not got it",
    "tell.before_sent": "the provider has taken the message, that is not noted",
    "tell.after_sent": "the message is noted as sent",
}
"""Where they are: name → what is done by then."""

COMMAND_POINTS = {
    "backup.after_segment": "a segment of the log is on the disk, the backup is not at its end",
    "restore.after_records": "some records are in the new log, others are not",
}
"""The same of commands, by which no process of the service comes."""


def _strike(name: str) -> None:
    if name not in POINTS and name not in COMMAND_POINTS:
        raise ValueError(f"{name} is not a fail point")
    armed = _FOLDER / name
    try:
        order = armed.read_text()
        armed.unlink()  # of several processes that come by, one is struck
    except FileNotFoundError:
        return
    # To this very thread: sent to the process, another thread may take it, and this one goes on for a moment.
    signal.pthread_kill(threading.get_ident(), signal.SIGSTOP if order.strip() == "stop" else signal.SIGKILL)


def _pass(name: str) -> None:
    """Nothing."""


_FOLDER = Path(os.environ.get(VARIABLE, ""))
fail_point = _strike if VARIABLE in os.environ else _pass
