"""What `weboffice doctor` looks at: each check says what it found and, where that is wrong, what to mend."""

from __future__ import annotations

from msgspec import Struct


class Finding(Struct, frozen=True):
    """One answer of a check. `mend` is what to do, "" where nothing is wrong."""

    check: str
    found: str
    mend: str = ""

    @property
    def ok(self) -> bool:
        return not self.mend


def judged(check: str, good: bool, found: str, mend: str) -> Finding:
    """A finding whose remedy is told only where it is needed."""
    return Finding(check, found, "" if good else mend)


MOST_SKEW_S = 2.0
"""Clocks further apart than this confuse whoever compares logs, and days where a till's clock is corrected by ours."""


def clock(whose: str, ahead_s: float, doubt_s: float) -> Finding:
    """How far another clock is ahead of ours, in seconds; `doubt_s` is how long the question took."""
    return judged(
        f"{whose}: clock",
        abs(ahead_s) <= MOST_SKEW_S + doubt_s,
        f"{ahead_s:+.2f} s from ours (± {doubt_s:.2f} s)",
        "set both clocks by NTP (`timedatectl set-ntp true`, or the host's time service for containers)",
    )
