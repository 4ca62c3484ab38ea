"""What is looked at on every page: the console, the width, and what axe says about accessibility."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import ConsoleMessage, Error, Page

_AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()


class Watched:
    """Collects the errors of a page's console, its scripts and its failed requests."""

    def __init__(self, page: Page) -> None:
        self.errors: list[str] = []
        page.on("console", self._console)
        page.on("pageerror", self._error)

    def _console(self, message: ConsoleMessage) -> None:
        # Chromium reports the status of a page that is no page of figures, by design, as an error of its own.
        if message.type == "error" and "status of 402" not in message.text:
            self.errors.append(f"{message.text} ({message.location.get('url', '')})")

    def _error(self, error: Error) -> None:
        self.errors.append(str(error))


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than the window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def serious_violations(page: Page) -> list[str]:
    """axe's findings of impact 'serious' or 'critical': rule and the elements."""
    # Evaluated in the page's world through the debugger, so that the page's own CSP stays as it is.
    page.evaluate(_AXE)
    found: dict[str, Any] = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{violation['id']}: {[node['html'][:120] for node in violation['nodes'][:4]]}"
        for violation in found["violations"]
        if violation["impact"] in ("serious", "critical")
    ]
