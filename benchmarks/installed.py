"""How soon the installed page opens on a phone that has been there before: its frame, and the figures of today.

    python -m benchmarks.installed LINK [--times 20] [--pid N …]

LINK is a one-time link to sign in (`make demo` prints one). Chromium, 360 × 740, the service worker at work, the
service on the same machine. Each opening is a page of its own: milliseconds from the start of the navigation to the
first paint of the frame (first-contentful-paint) and to the figures of the outlets in it, seconds of processor of
Chromium and of the service's processes whose ids are given, and the load of the machine, by which one sees whether it
was idle.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import time
from collections.abc import Sequence
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import psutil
from playwright.sync_api import BrowserContext, Page, sync_playwright

_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
_FIGURES = """
const seen = () => {
  const part = document.querySelector("[data-part='outlets']");
  if (window.figuresAt || !part || !/\\d/.test(part.textContent)) return;
  requestAnimationFrame(() => { window.figuresAt ??= performance.now(); });
};
new MutationObserver(seen).observe(document, { childList: true, subtree: true, characterData: true });
"""
_PAINTED = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.installed")
    parser.add_argument("link")
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--pid", type=int, action="append", default=[])
    asked = parser.parse_args(arguments)
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with (
        sync_playwright() as playwright,
        TemporaryDirectory(prefix="bench-installed-", ignore_cleanup_errors=True) as folder,
    ):
        context = playwright.chromium.launch_persistent_context(
            folder, executable_path=chromium, args=_FLAGS, viewport={"width": 360, "height": 740}
        )
        base = _warm(context, asked.link)
        opened = [_open(context, base, asked.pid) for _ in range(asked.times)]
        context.close()
    medians = {name: round(median(one[name] for one in opened), 2) for name in opened[0]}
    print(json.dumps({"times": asked.times, "median": medians, "openings": opened}, indent=1))


def _warm(context: BrowserContext, link: str) -> str:
    """Signs in, and stays until the device has kept the frame; gives the service's address."""
    page, parts = context.new_page(), urlsplit(link)
    base = f"{parts.scheme}://{parts.netloc}"
    page.goto(link)
    page.wait_for_url(f"{base}/")
    _until(page, "navigator.serviceWorker.controller !== null")
    page.goto(f"{base}/")
    _until(page, "caches.open('kept').then((cache) => cache.match('/shell')).then((found) => !!found)")
    page.close()
    return base


def _open(context: BrowserContext, base: str, pids: Sequence[int]) -> dict[str, float]:
    page = context.new_page()
    page.add_init_script(_FIGURES)
    browser, service = _browser(), [psutil.Process(pid) for pid in pids]
    before = _seconds(browser), _seconds(service)
    page.goto(f"{base}/?home", wait_until="commit")
    _until(page, "window.figuresAt")
    used = [round(after - was, 2) for after, was in zip((_seconds(browser), _seconds(service)), before, strict=True)]
    found = {
        "frame_ms": round(_number(page, _PAINTED), 1),
        "figures_ms": round(_number(page, "window.figuresAt"), 1),
        "chromium_processor_s": used[0],
        "service_processor_s": used[1],
        "load": round(os.getloadavg()[0], 1),
    }
    page.close()
    return found


def _until(page: Page, expression: str) -> None:
    """Asks again and again: the page's policy forbids a function that waits in it."""
    deadline = time.monotonic() + 60
    while not page.evaluate(expression):
        if time.monotonic() > deadline:
            raise TimeoutError(expression)
        page.wait_for_timeout(20)


def _number(page: Page, expression: str) -> float:
    found: Any = page.evaluate(expression)
    return float(found)


def _browser() -> list[psutil.Process]:
    """Chromium's processes: all that we started."""
    return list(psutil.Process().children(recursive=True))


def _seconds(processes: Sequence[psutil.Process]) -> float:
    total = 0.0
    for process in processes:
        try:
            times = process.cpu_times()
        except psutil.Error:
            continue
        total += times.user + times.system
    return total


if __name__ == "__main__":
    main(sys.argv[1:])
