"""Whoever uses a keyboard sees where it is (WCAG 2.4.7)."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.service import Service

_MOST_STEPS = 90
_PATHS = ("/report?range=all", "/sales?range=all", "/goods", "/account", "/help")
_SHOWN = """() => {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const visible = (one) => {
    const style = getComputedStyle(one);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  };
  const places = [element, ...(element.labels ?? [])];
  if (element.id === "menu-open") places.push(document.querySelector(".menu-button"));
  const name = (element.textContent || element.name || element.id).trim().slice(0, 30);
  return [`${element.tagName} ${element.type ?? ""} ${name}`, places.some(visible)];
}"""


@pytest.mark.parametrize("width", [360, 1440])
def test_the_focus_is_visible_everywhere(browser: Browser, office: Service, signed_in: Any, width: int) -> None:
    """Every stop of the Tab key has an outline of 2 px at least, itself or on the label that stands for it."""
    context = browser.new_context(
        locale="ru-RU", viewport={"width": width, "height": 800}, storage_state=signed_in, reduced_motion="reduce"
    )
    page = context.new_page()
    unseen, stops = set[str](), 0
    for path in _PATHS:
        page.goto(office.url + path)
        for _ in range(_MOST_STEPS):
            page.keyboard.press("Tab")
            found = page.evaluate(_SHOWN)
            if found is None:
                break
            stops += 1
            if not found[1]:
                unseen.add(f"{path}: {found[0]}")
    context.close()
    assert unseen == set()
    assert stops > 100
