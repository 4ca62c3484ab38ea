"""The cases of `cases.json`, typed. Its `about` says what the fields mean."""

from __future__ import annotations

from importlib import resources
from typing import Any, Literal

import msgspec
from msgspec import Struct


class Meeting(Struct, frozen=True, forbid_unknown_fields=True):
    """What an upload meets."""

    answer: int | Literal["cut", "kill"]
    write: Literal["all", "half", "none"] = "none"
    retry_after: int | None = None
    for_seconds: float | None = None
    refuse: int | None = None


class Start(Struct, frozen=True, forbid_unknown_fields=True):
    """One start of the till program."""

    events: int
    uploads: list[Meeting] = []
    events_at_most: int | None = None
    revoked: bool = False
    lose: tuple[int, int] | None = None
    clock_ahead: int = 0
    save: bool = False
    restore: bool = False


class TillCase(Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    ru: str
    en: str
    starts: list[Start]

    @property
    def by_hand(self) -> bool:
        """Whether a person can play it who starts the till program by hand."""
        kills = any(meeting.answer == "kill" for start in self.starts for meeting in start.uploads)
        return not kills and not any(start.clock_ahead or start.save or start.restore for start in self.starts)


class Step(Struct, frozen=True, forbid_unknown_fields=True):
    """A request and what has to be answered."""

    status: int
    upload: dict[str, Any] | None = None
    text: str | None = None
    state: str | None = None
    get: str | None = None
    headers: dict[str, str] = {}
    token: str | None = None
    packed: Literal["", "gzip", "broken"] = ""
    times: int = 1
    padded_bytes: int = 0
    check: bool = False
    json: dict[str, Any] = {}
    error: bool = False
    errors_at: list[str] = []
    letters: Literal["", "cyrillic", "latin"] = ""
    eventually: bool = False


class GatewayCase(Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    ru: str
    en: str
    steps: list[Step]


class Words(Struct, frozen=True):
    ru: str
    en: str


class Cases(Struct, frozen=True, forbid_unknown_fields=True):
    about: list[str]
    sale: dict[str, Any]
    faults: dict[str, Words]
    till: list[TillCase]
    gateway: list[GatewayCase]

    def event(self, number: int | str) -> dict[str, Any]:
        """The sale of that number."""
        text = msgspec.json.encode(self.sale).decode().replace("$n", str(number))
        event: dict[str, Any] = msgspec.json.decode(text)
        return event


def load() -> Cases:
    """All of them."""
    return msgspec.json.decode((resources.files("producers.conformance") / "cases.json").read_bytes(), type=Cases)
