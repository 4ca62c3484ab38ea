"""What owners are told of without asking: the kinds of alarms, each to be turned off and tuned per outlet. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

from msgspec import Struct

from webapp.translation import N_

Kind = Literal[
    "silent",
    "missing",
    "refused",
    "clock",
    "day",
    "drawer",
    "returns",
    "discounts",
    "voids",
    "stock",
    "cover",
    "licence",
]
KINDS: tuple[Kind, ...] = get_args(Kind)


class Rule(Struct, frozen=True):
    """A kind of alarm. `threshold` is the default in whole `unit`s, from `least` to `most`; without a unit there is
    nothing to tune. `active`: on, unless an outlet turns it off. `standing` says that it is so, where the title goes on
    with its threshold."""

    title: str
    unit: str = ""
    threshold: int = 0
    least: int = 0
    most: int = 0
    active: bool = True
    standing: str = ""


MINUTES, MONEY, TIMES, DAYS = N_("minutes"), "money", N_("times"), N_("days")

RULES: Mapping[Kind, Rule] = {
    "silent": Rule(N_("A till is silent in hours in which it usually sells"), MINUTES, 90, 15, 1440),
    "missing": Rule(N_("Receipts are missing"), MINUTES, 30, 0, 10080),
    "refused": Rule(N_("Events were refused"), MINUTES, 30, 0, 10080),
    "clock": Rule(N_("A till's clock is wrong")),
    "day": Rule(N_("A day does not add up by more than"), MONEY, 1, 0, 1_000_000, standing=N_("A day does not add up")),
    "drawer": Rule(N_("A drawer is off by more than"), MONEY, 100, 0, 1_000_000, standing=N_("A drawer is off")),
    "returns": Rule(N_("Returns are a multiple of the usual"), TIMES, 3, 2, 100),
    "discounts": Rule(N_("Discounts are a multiple of the usual"), TIMES, 3, 2, 100),
    "voids": Rule(N_("Voided receipts are a multiple of the usual"), TIMES, 3, 2, 100),
    "stock": Rule(N_("There is less of a good than its least stock")),
    "cover": Rule(
        N_("A good will run out within"), DAYS, 3, 1, 28, active=False, standing=N_("A good will run out soon")
    ),
    "licence": Rule(N_("The trial or the licence ends: three days and one day before")),
}


class Tuned(Struct, frozen=True):
    """A rule as an outlet has it."""

    active: bool
    threshold: int


def tuned(own: Mapping[str, Tuned]) -> dict[Kind, Tuned]:
    """All rules of an outlet, from those that it changed."""
    return {kind: own.get(kind, Tuned(rule.active, rule.threshold)) for kind, rule in RULES.items()}
