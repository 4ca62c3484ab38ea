"""What is looked at on every page: the console, the width, and what axe says about accessibility, in both themes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import ConsoleMessage, Error, Page

_AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
_BEYOND = """async () => {
  const root = document.documentElement;
  for (let frame = 0; frame < 60 && root.scrollWidth > root.clientWidth; frame++) {
    await new Promise(requestAnimationFrame);
  }
  return root.scrollWidth - root.clientWidth;
}"""
_UNFIT = """() => {
    const found = [];
    const bottoms = (range) => [...range.getClientRects()].map((one) => Math.round(one.bottom / 8));
    const lines = (range) => new Set(bottoms(range)).size;
    const range = (node, first, last) => {
      const made = document.createRange();
      made.setStart(node, first);
      made.setEnd(node, last);
      return made;
    };
    for (const cell of [...document.querySelectorAll("main table:not(.heat) :is(th, td)")].slice(0, 200)) {
      if (!cell.checkVisibility() || cell.closest(".sr, .scroll") || cell.closest("thead")?.offsetWidth === 1) continue;
      const texts = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
      while (texts.nextNode()) {
        const { currentNode: node } = texts;
        for (const { 0: word, index } of node.data.matchAll(/[^\\s-]+/g)) {
          if (lines(range(node, index, index + word.length)) > 1) found.push(`broken: ${word}`);
        }
        const short = node.data.trim();
        if (short && short.length < 20 && lines(range(node, 0, node.length)) > 2) found.push(`tall: ${short}`);
      }
    }
    const moved = ".scroll, .quick, .tabs, pre, .sr, canvas, .menu, select, input, svg, meter, label.sr";
    for (const box of document.querySelectorAll("main, main section, main article, main table, main div")) {
      if (box.closest(moved) || !box.checkVisibility()) continue;
      if (box.scrollWidth > box.clientWidth + 1 && box.clientWidth) found.push(`wide: ${box.outerHTML.slice(0, 60)}`);
    }
    const targets = [...document.querySelectorAll("main :is(button, [role=button], .quick a, input[type=submit])")]
      .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.closest(".sr"))
      .map((one) => [one, one.getBoundingClientRect()]);
    targets.forEach(([one, a], index) => {
      for (const [other, b] of targets.slice(index + 1)) {
        const apart = Math.max(a.left - b.right, b.left - a.right, a.top - b.bottom, b.top - a.bottom);
        if (apart < 4 && !one.contains(other)) found.push(`touching: ${one.innerText} | ${other.innerText}`);
      }
    });
    return found;
  }"""
"""Words, numbers and dates that are broken, cards and tables wider than their room, buttons that touch."""
WIDTHS = (360, 480, 768, 1024, 1280, 1440)
_COLOURS = ["color-contrast", "link-in-text-block"]
# 768 px are laid out like a phone, only wider; the colours of the dark theme can break none but these rules.
_LOOKS: dict[int, tuple[tuple[str, list[str] | None], ...]] = {
    360: (("light", None),),
    1440: (("light", None), ("dark", _COLOURS)),
}


class Watched:
    """Collects the errors of a page's console, its scripts and its failed requests, but for the statuses `designed`."""

    def __init__(self, page: Page) -> None:
        self.errors: list[str] = []
        self.designed = {402}
        page.on("console", self._console)
        page.on("pageerror", self._error)

    def _console(self, message: ConsoleMessage) -> None:
        # Chromium reports the status of a page that is no page of figures, by design, as an error of its own.
        if message.type == "error" and not any(f"status of {status}" in message.text for status in self.designed):
            self.errors.append(f"{message.text} ({message.location.get('url', '')})")

    def _error(self, error: Error) -> None:
        self.errors.append(str(error))


def problems(page: Page) -> list[str]:
    """What is wrong with the page as it stands: too wide at some width, or not accessible in some theme."""
    found = []
    width = page.viewport_size
    assert width is not None
    for width_now in WIDTHS:
        page.set_viewport_size({"width": width_now, "height": 800})
        if (beyond := overflow(page)) > 0:
            found.append(f"{beyond} px too wide at {width_now}")
        found += [f"{unfit} at {width_now}" for unfit in page.evaluate(_UNFIT)[:4]]
        for scheme, rules in _LOOKS.get(width_now, ()):
            # Without motion colours change at once, not over some frames.
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
            found += [f"{violation} at {width_now}, {scheme}" for violation in serious_violations(page, rules)]
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(width)
    return [f"{page.url}: {one}" for one in found]


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than the window, once charts have followed a change of its width."""
    return int(page.evaluate(_BEYOND))


def serious_violations(page: Page, rules: list[str] | None = None) -> list[str]:
    """axe's findings of impact 'serious' or 'critical': rule and the elements."""
    # Evaluated in the page's world through the debugger, so that the page's own CSP stays as it is.
    if not page.evaluate("'axe' in window"):
        page.evaluate(_AXE)
    only = {"runOnly": {"type": "rule", "values": rules}} if rules else {}
    asked = {"resultTypes": ["violations"], "elementRef": False, **only}
    found: dict[str, Any] = page.evaluate("asked => axe.run(document, asked)", asked)
    return [
        f"{violation['id']}: {[node['html'][:120] for node in violation['nodes'][:4]]}"
        for violation in found["violations"]
        if violation["impact"] in ("serious", "critical")
    ]
