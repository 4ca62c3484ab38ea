"""Versions: of each projection, and of the fold that they make together.

A generation is registered with the projections that it was made with, each with its version. A worker folds into it
only what it has: a figure that was added later would lack what happened before, and a replaced receipt would be taken
off what was never added. A generation that is built anew has all.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from projections.kinds.documents import Documents
from projections.kinds.fold import Fold
from projections.kinds.levels import Levels
from projections.kinds.readmodels import Projection
from projections.kinds.states import Counter, States
from projections.kinds.sums import Sums
from projections.models import GONE, PROJECTIONS, REGISTERS
from schemas.errors import WebOfficeError

VERSIONS = {each.name: each.version for each in PROJECTIONS}

_BEGINNING = dict.fromkeys(
    "outlet_totals daily hourly payments sales returns moves goods warehouses stock contacts".split(), 1
)
"""What release 0.1.0 called fold version 2: its generations are equal to those of the same projections now."""


class UnknownProjections(WebOfficeError):
    """A generation was made with projections that this program does not have: a newer one has to go on with it."""


def joined(versions: Mapping[str, int]) -> str:
    """The fold's version: 2 for the projections of release 0.1.0, then what is new, changed or gone since."""
    changed = [f"+{name}.{version}" for name, version in sorted(versions.items()) if _BEGINNING.get(name) != version]
    gone = [f"-{name}" for name in sorted(_BEGINNING.keys() - versions.keys())]
    return "".join(["2", *changed, *gone])


FOLD_VERSION = joined(VERSIONS)


def lacking(made_with: Mapping[str, int]) -> list[str]:
    """What a generation does not have in a version that this program folds, and all that follows such a projection."""
    lacks = {each.name for each in PROJECTIONS if made_with.get(each.name) not in (each.version, *each.continues)}
    while more := {each.name for each in PROJECTIONS if not lacks.isdisjoint(follows(each))} - lacks:
        lacks |= more
    return [each.name for each in PROJECTIONS if each.name in lacks]


def fold_of(made_with: Mapping[str, int]) -> Fold:
    """The fold of a generation. Raises `UnknownProjections` where it has any that this program could not carry on."""
    return _fold_of(frozenset(made_with.items()))


@lru_cache(maxsize=16)
def _fold_of(made_with: frozenset[tuple[str, int]]) -> Fold:
    known = {**GONE, **VERSIONS}
    newer = sorted(name for name, version in made_with if version > known.get(name, 0))
    if newer:
        raise UnknownProjections(f"a newer program made this generation, with {', '.join(newer)}: update this one")
    without = set(lacking(dict(made_with)))
    # The counter numbers the events of every generation.
    kept = [each for each in PROJECTIONS if each.name not in without or isinstance(each, Counter)]
    return Fold(kept, REGISTERS)


def follows(projection: Projection) -> list[str]:
    """What has to be there for a projection to be folded."""
    match projection:
        case Sums():
            return [feed.source.documents.name for feed in projection.feeds]
        case States() | Counter():
            return [of.projection.name for of in projection.of]
        case Levels():
            return [projection.counts.name, projection.moved.name]
        case Documents():
            consults = projection.consults
            if consults is None:
                return []
            return [each.name for each in (consults.state, consults.documents, consults.past) if each is not None]
