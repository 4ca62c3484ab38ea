"""The reference of the settings says what the code says."""

from __future__ import annotations

from pathlib import Path

from ops.commands.settings import reference
from ops.settings import SETTINGS

_DOCUMENT = Path(__file__).parents[2] / "docs" / "settings.md"


def test_the_reference_is_current() -> None:
    """docs/settings.md is what the code generates: else `weboffice settings --markdown > docs/settings.md`."""
    assert _DOCUMENT.read_text() == reference()
    assert all(f"`{setting.variable}`" in reference() for setting in SETTINGS)
