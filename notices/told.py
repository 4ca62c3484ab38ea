"""What is new, and what is over, against what was told. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from msgspec import Struct

from notices.alarms import DATED, ONCE, Alarm
from webapp.notices.kinds import Kind, Tuned

_QUIETLY: frozenset[Kind] = frozenset({"refused"})
"""Over when the owner took note of it: he need not be told that he did."""


class Told(Struct, frozen=True):
    """An alarm that was told and is not over."""

    alarm_id: int
    alarm: Alarm


class Changes(Struct, frozen=True):
    """What is to be told, what is to be told over, and what ends without a word: it was turned off, or is long ago."""

    new: list[Alarm]
    over: list[Told]
    ended: list[Told]


def changes(
    found: Collection[Alarm],
    told: Collection[Told],
    judged: Collection[Kind],
    rules: Mapping[Kind, Tuned],
    first_day: date,
) -> Changes:
    """Of one outlet. What is of a kind that was not judged stays as it is."""
    holds = {(alarm.kind, alarm.subject) for alarm in found}
    known = {(each.alarm.kind, each.alarm.subject) for each in told}
    over: list[Told] = []
    ended: list[Told] = []
    for each in told:
        kind, subject = each.alarm.kind, each.alarm.subject
        past = kind in DATED and date.fromisoformat(subject[:10]) < first_day
        if past or not rules[kind].active:
            ended.append(each)
        elif kind in judged and kind not in ONCE and (kind, subject) not in holds:
            (ended if kind in _QUIETLY else over).append(each)
    return Changes([alarm for alarm in found if (alarm.kind, alarm.subject) not in known], over, ended)
