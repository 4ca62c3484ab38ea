"""Where the time of a replay's process goes: its partitions one after another under cProfile, in one thread.

Usage: profile.py KAFKA TOPIC POSTGRES. Prints a JSON list of [function, calls, seconds of its own], most first, after
the generation's number and a newline. The profiler makes Python functions look dear beside built-in ones.
"""

from __future__ import annotations

import asyncio
import cProfile
import pstats
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from benchmarks import contenders, replay

_TOP = 25


async def _inline(function: Callable[..., Any], *arguments: Any) -> Any:
    """In place of `asyncio.to_thread`: a profiler sees one thread."""
    return function(*arguments)


def main() -> None:
    asyncio.to_thread = _inline  # type: ignore[assignment]
    folding, spans = replay.begun(*sys.argv[1:])

    def fold() -> None:
        for partition, span in spans.items():
            asyncio.run(folding.fold_here({partition: span}, lambda progress: None, part_of_many=True))

    profiler = cProfile.Profile()
    profiler.runcall(fold)
    stats = pstats.Stats(profiler).stats  # type: ignore[attr-defined]
    found = [(_name(function), calls, own) for function, (_, calls, own, _, _) in stats.items()]
    found.sort(key=lambda entry: -entry[2])
    sys.stdout.write(msgspec.json.encode(found[:_TOP]).decode() + "\n")


def _name(function: tuple[str, int, str]) -> str:
    path, line, name = function
    if path == "~":
        return name
    try:
        place = str(Path(path).relative_to(contenders.ROOT))
    except ValueError:
        place = "/".join(Path(path).parts[-2:])
    return f"{place}:{line} {name}"


if __name__ == "__main__":
    main()
