"""What an owner's browser may lack or be: fingers for a mouse, many tabs, a keyboard, paper, colours of the system."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

from tests.browser.test_pages import SECTIONS
from tests.service import Service


def _window(browser: Browser, signed_in: Any, url: str, width: int, **more: Any) -> BrowserContext:
    return browser.new_context(
        locale="ru-RU", viewport={"width": width, "height": 800}, storage_state=signed_in, base_url=url, **more
    )


@pytest.fixture
def desktop(browser: Browser, office: Service, signed_in: Any) -> Iterator[BrowserContext]:
    context = _window(browser, signed_in, office.url, 1440)
    yield context
    context.close()


_SMALL = """() => [...document.querySelectorAll(
    "main button, main [role=button], main summary, main select, main input:not([type=hidden], [type=checkbox],"
    + " [type=radio]), .quick a, .tabs a, .chip, .pager a, label.fold-button, .topbar .menu-button, .filter-buttons a"
  )].filter(one => one.checkVisibility({ visibilityProperty: true })).flatMap(one => {
    const { width, height } = one.getBoundingClientRect();
    const field = one.matches("input, select, textarea");
    const letters = parseFloat(getComputedStyle(one).fontSize);
    const small = height < 43.9 || (field ? letters < 16 : width < 43.9);
    return small ? [`${one.outerHTML.slice(0, 90)} ${Math.round(width)}×${Math.round(height)}`] : [];
  })"""


def test_targets_for_fingers(browser: Browser, office: Service, signed_in: Any) -> None:
    """On a phone what is tapped is 44 px high and wide, and no field has letters of less than 16 px."""
    context = _window(browser, signed_in, office.url, 360, has_touch=True, is_mobile=True)
    page = context.new_page()
    found = {}
    for path in SECTIONS:
        page.goto(path)
        if page.locator("label.fold-button").count():
            page.locator("#fold").check(force=True)
        found[path] = page.evaluate(_SMALL)
    page.locator(".menu-open").check(force=True)
    heights = page.locator(".menu a, .side button, .side select").evaluate_all(
        "all => all.map(a => a.offsetHeight).filter(Boolean)"
    )
    context.close()
    assert {path: small for path, small in found.items() if small} == {}
    assert min(heights) >= 44


def test_a_narrow_screen_leaves_out_columns(browser: Browser, office: Service, signed_in: Any) -> None:
    """Between a phone and a desk a list has the columns that matter. That they fit is tested on all pages."""
    context = _window(browser, signed_in, office.url, 1440)
    page = context.new_page()
    page.goto("/sales?range=all&outlet=all")
    shown = {}
    for width in (768, 1152, 1440):
        page.set_viewport_size({"width": width, "height": 800})
        shown[width] = page.locator("thead th:visible").count()
    context.close()
    assert shown[768] < shown[1152] < shown[1440] == 7


_LINES = """row => {
    const shown = [".row-link", "td[data-unit]", "td.strong", "td.how"].map((part) => [part, row.querySelector(part)]);
    const lines = Map.groupBy(shown, ([, cell]) => Math.round(cell.getBoundingClientRect().bottom / 16));
    return [...lines.values()].map((parts) => parts.map(([part]) => part));
  }"""
"""What stands on each line of a receipt's row."""


def test_two_lines_a_sale(browser: Browser, office: Service, signed_in: Any) -> None:
    """On a phone a receipt takes two lines: when, its number, positions and total, then where and how it was paid."""
    context = _window(browser, signed_in, office.url, 360)
    page = context.new_page()
    page.goto("/sales?range=all&outlet=all")
    heights = page.locator("[data-part=rows] tr.opens").evaluate_all("rows => rows.map(row => row.offsetHeight)")
    tops = page.locator("tr.opens").first.evaluate(_LINES)
    context.close()
    assert tops == [[".row-link", "td[data-unit]", "td.strong"], ["td.how"]]
    assert len(heights) == 50
    assert max(heights) <= 72
    assert min(heights) >= 56


def _streams(context: BrowserContext) -> list[Request]:
    opened: list[Request] = []
    context.on("request", lambda request: opened.append(request) if request.url.endswith("/live") else None)
    return opened


def _hide(page: Page, hidden: bool) -> None:
    page.evaluate(
        """hidden => {
            Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
            document.dispatchEvent(new Event("visibilitychange"));
        }""",
        hidden,
    )


def _wait_until(page: Page, condition: Callable[[], bool]) -> None:
    """Waits for what the pages do, with a bound; meanwhile their events are heard."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        page.wait_for_timeout(50)


def test_one_stream_for_all_tabs(desktop: BrowserContext, office: Service) -> None:
    """However many tabs are open, one listens, so that the eighth opens as fast as the first; where that one is closed
    or out of sight, another does; and what it hears all of them show."""
    streams = _streams(desktop)
    tabs = [desktop.new_page() for _ in range(8)]
    for tab in tabs:
        tab.goto("/sales?range=today")
    _wait_until(tabs[-1], lambda: bool(streams))
    assert len(streams) == 1
    with desktop.expect_event("request", lambda request: request.url.endswith("/live")):
        _hide(tabs[0], True)
    with desktop.expect_event("request", lambda request: request.url.endswith("/live")):
        next(tab for tab in tabs if tab == streams[1].frame.page).close()
    assert len(streams) == 3
    fetched = [tab for tab in tabs if not tab.is_closed() and tab != tabs[0]]
    seen: set[Page] = set()
    desktop.on("request", lambda request: seen.add(request.frame.page) if "x-live" in request.headers else None)
    listener = streams[2].frame.page
    listener.evaluate("new BroadcastChannel('weboffice-live').postMessage('news')")
    for tab in fetched:
        expect(tab.locator("[data-part=rows]")).to_be_visible()
    _wait_until(fetched[0], lambda: seen >= set(fetched))
    assert tabs[0] not in seen


def test_the_arrow_keys_pass_over_options(desktop: BrowserContext) -> None:
    """An arrow key in a select changes nothing until Enter (WCAG 3.2.2); a choice by the mouse counts at once, in
    browsers that can't `requestSubmit`, too."""
    page = desktop.new_page()
    page.goto("/goods")
    page.locator("#theme").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("button", name="Сменить")).to_be_visible()
    assert page.locator("html").get_attribute("data-theme") is None
    page.keyboard.press("Enter")
    page.wait_for_selector("html[data-theme=dark]")
    old = desktop.new_page()
    old.add_init_script("delete HTMLFormElement.prototype.requestSubmit")
    old.goto("/goods")
    old.locator("#theme").select_option("auto")
    old.wait_for_selector("html:not([data-theme])")


def test_an_unset_date_looks_unset(desktop: BrowserContext) -> None:
    """A day that nobody chose is not written in the ink of one that was; chosen and taken back, it is unset again."""
    page = desktop.new_page()
    page.goto("/sales?range=7d")
    field, chosen = page.locator("input[name=from]"), page.locator("input[name=to]")
    ink = page.locator("input[name=number]").evaluate("one => getComputedStyle(one).color")
    chosen.fill("2026-11-20")
    chosen.blur()
    expect(field).to_have_class("unset")
    expect(field).not_to_have_css("color", ink)
    expect(chosen).to_have_css("color", ink)
    chosen.fill("")
    chosen.blur()
    expect(chosen).to_have_class("unset")
    expect(chosen).not_to_have_css("color", ink)


def test_paper(desktop: BrowserContext) -> None:
    """Printed from a wide window, no chart covers what stands beside it, and every card is within the page's width."""
    page = desktop.new_page()
    page.goto("/report?range=all")
    expect(page.locator("canvas").first).to_be_visible()
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 760, "height": 1000})
    outside = page.evaluate(
        """() => [...document.querySelectorAll("canvas")].filter(canvas => {
            const inner = canvas.getBoundingClientRect(), outer = canvas.closest("section").getBoundingClientRect();
            return inner.right > outer.right + 1 || inner.bottom > outer.bottom + 1;
        }).length"""
    )
    assert outside == 0
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    columns = page.locator(".grid-2").evaluate_all("all => all.map(a => getComputedStyle(a).gridTemplateColumns)")
    assert {len(found.split()) for found in columns} == {1}


def test_a_chart_is_never_wider_than_its_card(desktop: BrowserContext) -> None:
    """In the frames before a chart has followed a narrower window, its old width sticks out of nothing."""
    page = desktop.new_page()
    page.goto("/report?range=all&kind=all")
    expect(page.locator("canvas").first).to_be_visible()
    beyond = page.evaluate(
        """() => [...document.querySelectorAll("canvas")].map(canvas => {
            canvas.style.width = "3000px";
            const box = canvas.closest("section");
            return box.scrollWidth - box.clientWidth;
        })"""
    )
    assert beyond
    assert max(beyond) <= 0


def test_colours_of_the_system(browser: Browser, office: Service, signed_in: Any) -> None:
    """In forced colours the menu keeps its icon and the heat map its shades."""
    context = _window(browser, signed_in, office.url, 360, forced_colors="active")
    page = context.new_page()
    page.goto("/report?range=all")
    colour = "one => getComputedStyle(one).backgroundColor"
    bar = page.locator(".topbar").evaluate(colour)
    assert page.locator(".menu-button span").first.evaluate(colour) != bar
    cells = "".join(f'<td class="h{shade}"><a href="/"></a></td>' for shade in range(7))
    page.locator("main").evaluate(
        "(main, cells) => main.insertAdjacentHTML('beforeend', cells)", f'<table class="heat"><tr>{cells}</tr></table>'
    )
    shades = page.locator(".heat td").evaluate_all(f"all => all.map({colour})")
    assert len({*shades}) == 7
    context.close()
