"""What became of an upload of files, told as JSON or for people."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from producers.till.client import Sent, Withdrawal
from producers.till.look import BadLines


class Uploaded(NamedTuple):
    """What became of it. Where `bad` has lines and the good ones were not asked for, nothing was sent."""

    run: str
    sent: list[Sent]
    waiting: int
    files: list[dict[str, Any]]
    bad: BadLines
    send_the_good: bool

    @property
    def events(self) -> int:
        return sum(sent.events for sent in self.sent)

    @property
    def withdrawn(self) -> list[Withdrawal]:
        return [withdrawal for sent in self.sent for withdrawal in sent.withdrawn]

    @property
    def complete(self) -> bool:
        """Whether every line was sent and taken."""
        return not self.bad.lines and not self.withdrawn

    def document(self) -> Iterator[str]:
        """The answer as JSON, in pieces: bad lines may be many."""
        answer = {
            "run": self.run,
            "events": self.events,
            "uploads": sum(sent.uploads for sent in self.sent),
            "waiting": self.waiting,
            "files": self.files,
            "withdrawn": [withdrawal._asdict() for withdrawal in self.withdrawn],
        }
        yield json.dumps(answer, ensure_ascii=False)[:-1] + ', "bad_lines": ['
        for number, bad in enumerate(self.bad):
            yield (", " if number else "") + json.dumps(bad._asdict(), ensure_ascii=False)
        yield "]}\n"

    def text(self) -> Iterator[str]:
        """The answer for people, in pieces."""
        for bad in self.bad:
            yield f"{bad}\n"
        if self.bad.lines:
            count = "1 line is no event" if self.bad.lines == 1 else f"{self.bad.lines} lines are no events"
            yield f"{count}. " + (
                "The others were sent. Put these, mended, into a file of their own: a file that was changed is sent "
                "from its start.\n"
                if self.send_the_good
                else "Nothing was sent. Mend the file, or send the other lines with --send-the-good.\n"
            )
        if not self.bad.lines or self.send_the_good or self.events:
            yield f"{self.events} events acknowledged in {sum(sent.uploads for sent in self.sent)} uploads\n"
        for w in self.withdrawn:
            yield f"refused: event {w.seq} at {w.at}: {w.reason}\n"
