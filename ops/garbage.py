"""Python's collector of reference cycles, set for a process that runs for long."""

from __future__ import annotations

import gc


def collect_seldom() -> None:
    """What is loaded by now is never looked through again, and what comes only after thousands of objects.

    To be called when everything is imported and nothing is served yet. Hardly anything of ours is in a cycle.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
