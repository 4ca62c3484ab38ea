"""Other declarations for a while: what a later release would have in `PROJECTIONS`."""

from __future__ import annotations

import pytest

from projections.generations import register
from projections.kinds.readmodels import Projection
from projections.models import PROJECTIONS, versions


def declare(monkeypatch: pytest.MonkeyPatch, *changed: Projection) -> None:
    """Puts projections into the place of those of the same name, or behind the others, until the test ends."""
    by_name = {each.name: each for each in (*PROJECTIONS, *changed)}
    made = {each.name: each.version for each in by_name.values()}
    for module in (versions, register):
        monkeypatch.setattr(module, "PROJECTIONS", tuple(by_name.values()))
    monkeypatch.setattr(versions, "VERSIONS", made)
    monkeypatch.setattr(versions, "FOLD_VERSION", versions.joined(made))
    monkeypatch.setattr(versions, "_fold_of", versions._fold_of.__wrapped__)
