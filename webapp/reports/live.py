"""Tells open pages which outlets have new data: one LISTEN connection per process, fanned out to every page."""

from __future__ import annotations

from types import TracebackType


class Live:
    """Placeholder for the fan-out."""

    def __init__(self, postgres: str) -> None:
        self._postgres = postgres

    async def __aenter__(self) -> Live:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None
