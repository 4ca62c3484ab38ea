"""Every page at every width and in both themes: nothing sticks out, nothing is unreadable, nothing fails."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.look import Watched, overflow, serious_violations
from tests.service import Service

PAGES = ["/", "/report", "/sales", "/goods", "/contacts", "/licences", "/outlets", "/account", "/first-steps"]
PUBLIC = ["/sign-in", "/sign-up", "/forgotten", "/tariffs", "/sign-in/link"]


def _cards(page: Page, url: str) -> list[str]:
    """The first card that each list leads to."""
    found = []
    for section in ("/sales?range=all", "/goods"):
        page.goto(url + section)
        found.append(str(page.locator("main a.row-link").first.get_attribute("href")))
    page.goto(f"{url}/outlets")
    found += [href for href in _hrefs(page) if href.startswith("/outlets/")][:1]
    return found


def _hrefs(page: Page) -> list[str]:
    found: list[str] = page.eval_on_selector_all("main a[href]", "links => links.map(a => a.getAttribute('href'))")
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 768, 1440])
def test_all_pages_fit_and_are_accessible(
    browser: Browser, office: Service, signed_in: Any, width: int, scheme: Literal["light", "dark"]
) -> None:
    """No horizontal scroll, no console error, no serious finding of axe, on any page."""
    context = browser.new_context(
        locale="ru-RU", viewport={"width": width, "height": 800}, color_scheme=scheme, storage_state=signed_in
    )
    page = context.new_page()
    watched = Watched(page)
    problems = []
    for path in [*PAGES, *_cards(page, office.url), *PUBLIC]:
        answer = page.goto(office.url + path, wait_until="load")
        assert answer is not None
        assert answer.status == 200, path
        if (beyond := overflow(page)) > 0:
            problems.append(f"{path} is {beyond} px too wide")
        problems += [f"{path}: {violation}" for violation in serious_violations(page)]
    context.close()
    assert problems == []
    assert watched.errors == []


def test_a_page_that_is_not_there_says_so(browser: Browser, office: Service, signed_in: Any) -> None:
    """An unknown address gives a page of ours with the menu, and status 404."""
    context = browser.new_context(locale="ru-RU", storage_state=signed_in)
    page = context.new_page()
    answer = page.goto(f"{office.url}/no-such-page")
    assert answer is not None
    assert answer.status == 404
    assert page.locator("h1").count() == 1
    assert serious_violations(page) == []
    context.close()


def test_the_menu_is_a_drawer_on_a_phone(browser: Browser, office: Service, signed_in: Any) -> None:
    """On a phone the menu opens by its button and leads on, without any script."""
    context = browser.new_context(
        locale="ru-RU",
        viewport={"width": 360, "height": 740},
        storage_state=signed_in,
        java_script_enabled=False,
    )
    page = context.new_page()
    page.goto(office.url)
    entry = page.get_by_role("navigation").get_by_role("link", name="Контакты")
    assert not entry.is_visible() or not _within(page, entry.bounding_box())
    page.locator("#menu-open").check()
    entry.click()
    assert page.url.endswith("/contacts")
    context.close()


def _within(page: Page, box: Any) -> bool:
    return box is not None and box["x"] >= 0


def test_without_scripts_lists_filter_and_page_on(browser: Browser, office: Service, signed_in: Any) -> None:
    """With JavaScript off, the sales' filter and the goods' search work."""
    context = browser.new_context(locale="ru-RU", storage_state=signed_in, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{office.url}/goods")
    name = str(page.locator("a.row-link").first.text_content()).strip()
    page.get_by_role("searchbox").fill(name[:12].lower())
    page.locator("form.filters button[type=submit]").click()
    shown = page.locator("a.row-link").all_text_contents()
    assert name in [text.strip() for text in shown]
    assert all(name[:12].lower() in text.lower() for text in shown)
    context.close()


@pytest.mark.parametrize("language", ["ru-RU", "en-US"])
def test_the_language_follows_the_browser(browser: Browser, office: Service, language: str) -> None:
    """A visitor is greeted in Russian, or in English where the browser asks for it."""
    context = browser.new_context(locale=language)
    page = context.new_page()
    page.goto(f"{office.url}/sign-in")
    assert page.locator("html").get_attribute("lang") == language[:2]
    assert page.locator("h1").inner_text() == {"ru-RU": "Войти", "en-US": "Sign in"}[language]
    context.close()
