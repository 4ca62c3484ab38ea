"""The page on a home screen: at once, without a connection, and nothing of one reader for the next."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from ops.infrastructure.ports import free_port
from ops.provisioning import create_sign_in_link, provision
from tests.browser.conftest import OUTLETS, OWNER
from tests.browser.look import Watched, problems
from tests.faults.proxy import Proxy
from tests.service import Service

_KEPT = """async () => {
  const cache = await caches.open("kept");
  return navigator.serviceWorker.controller && (await cache.match("/")) && (await cache.match("/shell")) && true;
}"""
_PHONE: dict[str, Any] = {"locale": "ru-RU", "viewport": {"width": 360, "height": 740}}
FIRST = next(iter(OUTLETS))


@pytest.fixture
def port() -> int:
    """At which the phone finds the office."""
    return free_port()


@pytest.fixture
def line(office: Service, port: int) -> Iterator[Proxy]:
    """What is between the phone and the office."""
    target = urlsplit(office.url).port
    assert target is not None
    with Proxy(target, port) as proxy:
        yield proxy


@pytest.fixture
def phone(browser: Browser, line: Proxy, port: int) -> Iterator[BrowserContext]:
    """A phone of the owner; he signs in there, as one test signs him out."""
    context = browser.new_context(**_PHONE, base_url=f"http://127.0.0.1:{port}")
    yield context
    context.close()


def _enter(page: Page, office: Service, email: str) -> None:
    page.goto(create_sign_in_link(office.settings.postgres, email, office.url).removeprefix(office.url))
    page.wait_for_url("**/")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")


def _keep(page: Page) -> None:
    """Until the device has kept what it shows without a connection."""
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    page.goto("/")
    page.wait_for_function(_KEPT)


def _away(line: Proxy) -> None:
    line.refusing = True
    line.cut()


def test_the_last_figures_without_a_connection(phone: BrowserContext, line: Proxy, office: Service) -> None:
    """From the home screen the frame comes from the device and the figures from the service; without a connection the
    last ones stand there, and from when they are; another page says that it can't be had. None of it is the next
    reader's, nor is it left when one signs out."""
    page = phone.new_page()
    _enter(page, office, OWNER)
    _keep(page)
    figures = page.locator("[data-part='outlets']").inner_text()
    assert FIRST in figures
    assert page.goto("/?home").from_service_worker  # type: ignore[union-attr]
    expect(page.locator("[data-part='outlets']")).to_contain_text(FIRST)
    expect(page.locator("[data-part='shown-at']")).to_be_hidden()

    _away(line)
    page.goto("/?home")
    notice = page.locator("[data-part='shown-at']")
    expect(notice).to_be_visible()
    expect(notice).to_contain_text("Показано то, что было")
    expect(page.locator("[data-part='outlets']")).to_contain_text(FIRST)
    assert page.locator("[data-part='outlets']").inner_text() == figures
    assert problems(page) == []
    page.goto("/goods")
    expect(page.locator("h1")).to_have_text("Нет связи")
    line.heal()
    page.goto("/?home")
    expect(page.locator("[data-part='outlets']")).to_contain_text(FIRST)
    expect(notice).to_be_hidden()

    other = "next-at-this-phone@shop.example"
    provision(office.settings.postgres, other, ["Чужая лавка"])
    _enter(page, office, other)
    _away(line)
    for address in ("/?home", "/"):
        page.goto(address)
        expect(page.locator("h1")).to_be_visible()
        assert FIRST not in page.content()
    line.heal()
    _keep(page)
    _away(line)
    page.goto("/?home")
    expect(page.locator("[data-part='outlets']")).to_contain_text("Чужая лавка")
    line.heal()
    page.goto("/account")
    page.evaluate("document.querySelector(\"form[action='/sign-out']\").requestSubmit()")
    page.wait_for_url("**/sign-in*")
    assert page.evaluate("caches.open('kept').then((cache) => cache.keys()).then((kept) => kept.length)") == 0
    _away(line)
    page.goto("/?home")
    expect(page.locator("h1")).to_have_text("Нет связи")
    line.heal()


def test_signed_out_elsewhere_the_home_screen_leads_to_signing_in(phone: BrowserContext, office: Service) -> None:
    """A session that is over shows no figures from the device: the frame leads to the sign-in page."""
    page = phone.new_page()
    email = "over@shop.example"
    provision(office.settings.postgres, email, ["Лавка"])
    _enter(page, office, email)
    _keep(page)
    phone.clear_cookies()
    page.goto("/?home")
    page.wait_for_url("**/sign-in*")
    assert page.evaluate("caches.open('kept').then((cache) => cache.keys()).then((kept) => kept.length)") == 0


@pytest.mark.parametrize("script", [True, False])
def test_the_bar_at_the_foot_of_a_phone(browser: Browser, office: Service, signed_in: Any, script: bool) -> None:
    """On a phone four sections and the menu are under the thumb, large enough, the present one marked, and nothing lies
    below the bar; it works without a script, and is not there on a desktop."""
    context = browser.new_context(**_PHONE, storage_state=signed_in, java_script_enabled=script, base_url=office.url)
    page = context.new_page()
    watched = Watched(page)
    page.goto("/")
    bar = page.get_by_role("navigation", name="Под рукой")
    for entry in bar.locator("> *").all():
        box = entry.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        assert box["width"] >= 44
        assert box["y"] + box["height"] <= 740
    bar.get_by_role("link", name="Товары").click()
    page.wait_for_url("**/goods")
    assert bar.locator("[aria-current=page]").all_inner_texts() == ["Товары"]
    bar.get_by_text("Ещё").click()
    expect(page.get_by_role("link", name="Контакты")).to_be_visible()
    page.locator("#menu-open").uncheck()
    last = page.locator("main > *").last
    last.scroll_into_view_if_needed()
    page.keyboard.press("End")
    above, below = bar.bounding_box(), last.bounding_box()
    assert above is not None
    assert below is not None
    if script:
        page.wait_for_function(
            """() => document.querySelector("main").lastElementChild.getBoundingClientRect().bottom
                <= document.querySelector("nav.bar").getBoundingClientRect().top"""
        )
    page.set_viewport_size({"width": 1440, "height": 900})
    expect(bar).to_be_hidden()
    assert watched.errors == []
    context.close()
