"""The styles in browsers down to Chrome 100, Safari 15.4 and Firefox ESR 115: what these don't know has something plain
before it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from webapp.assets import FOLDER

SHEETS = sorted(path for path in FOLDER.glob("*.css"))


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_what_old_browsers_lack(sheet: Path) -> None:
    """No colour is mixed and no parent asked for its children; a size by its container follows a plain one."""
    text = re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.DOTALL)
    for unknown in ("color-mix(", ":has(", "@container", "@layer", "oklch(", "light-dark("):
        assert unknown not in text, unknown
    for declaration in re.findall(r"([a-z-]+): [^;{}]*cqi[^;{}]*", text):
        assert re.search(rf"{declaration}: [\d.]+rem; {declaration}: [^;]*cqi", text), declaration
    assert len(re.findall(r"[\d.]cqi", text)) == len(re.findall(r"[\d.]+rem; font-size: clamp\([^)]*cqi", text))
    for content in re.findall(r'content: ("[^"]*") /', text):
        assert f"content: {content};" in text, content
