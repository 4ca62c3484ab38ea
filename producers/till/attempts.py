"""When to try again, and when to give up."""

from __future__ import annotations

from collections.abc import Callable

from producers.till.answers import TryAgain
from producers.till.errors import GaveUp

_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 60.0  # seconds


class Attempts:
    """Pauses between attempts: full jitter on a doubling bound, after what Retry-After asks for.

    `give_up_after` are the seconds allowed without progress; None tries for ever.
    """

    def __init__(
        self,
        give_up_after: float | None,
        sleep: Callable[[float], None],
        clock: Callable[[], float],
        chance: Callable[[], float],
    ) -> None:
        self._give_up_after = give_up_after
        self._sleep, self._clock, self._chance = sleep, clock, chance
        self._failures = 0
        self._progress_at = clock()

    def succeeded(self) -> None:
        """Something was acknowledged: the pauses and the time allowed begin anew."""
        self._failures = 0
        self._progress_at = self._clock()

    def failed(self, answer: TryAgain) -> None:
        """Pause before the next attempt, or raise `GaveUp` where that would come too late."""
        bound = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** min(self._failures, 10))
        pause = answer.after + self._chance() * (_FIRST_PAUSE if answer.after else bound)
        self._failures += 1
        if self._give_up_after is not None and pause > self._progress_at + self._give_up_after - self._clock():
            raise GaveUp(f"nothing was acknowledged for {self._give_up_after:g} s; last: {answer.why}")
        self._sleep(pause)
