"""Every page at every width and in both themes: nothing sticks out, nothing is unreadable, nothing fails."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from ops.provisioning import create_sign_in_link, provision
from tests.browser import broken
from tests.browser.conftest import KEPT
from tests.browser.look import WIDTHS, Watched, overflow, problems
from tests.service import Service
from webapp.pages import MENU, PAGES

SECTIONS = [f"{link.path}?range=all&kind=all" if link.figures else link.path for link in MENU]
OTHERS = [
    "/account/second-factor",
    "/account/delete",
    "/first-steps",
    "/tariffs",
    "/goods?query=zzzz",
    "/sales?range=today",
    "/sales?min=x&range=all",
]
PUBLIC = [page.path.replace("{secret}", "no-such-link") for page in PAGES if page.gate.who == "anybody"]


@pytest.fixture
def owner(browser: Browser, signed_in: Any) -> Iterator[BrowserContext]:
    """The office's owner in a window of 1440 px."""
    context = browser.new_context(
        locale="ru-RU", viewport={"width": 1440, "height": 900}, color_scheme="light", storage_state=signed_in
    )
    yield context
    context.close()


def _cards(page: Page, url: str) -> list[str]:
    """Cards that the lists lead to, with their tabs, and the pages of an outlet."""
    page.goto(f"{url}/sales?range=all&kind=returns")
    returned = _first(page)
    page.goto(f"{url}/goods?min=1")
    good = _first(page)
    page.goto(f"{url}/outlets")
    outlet = next(href for href in _hrefs(page) if href.startswith("/outlets/"))
    kept = [f"/report?range=all&as-of={quote(KEPT)}"]
    tabs = [returned.replace("tab=returns", f"tab={tab}") for tab in ("lines", "payments")]
    return [returned, *tabs, good, outlet, f"{outlet}/ledger", f"{outlet}/waiting", *kept]


def _first(page: Page) -> str:
    return str(page.locator("main a.row-link").first.get_attribute("href"))


def _hrefs(page: Page) -> list[str]:
    found: list[str] = page.eval_on_selector_all("main a[href]", "links => links.map(a => a.getAttribute('href'))")
    return found


def _look_through(page: Page, url: str, paths: list[str]) -> list[str]:
    found = []
    for path in paths:
        answer = page.goto(url + path, wait_until="load")
        assert answer is not None
        assert answer.ok is ("no-such" not in path), path
        expect(page.locator("h1")).to_have_count(1)
        found += problems(page)
    return found


def test_the_walk_hears_and_sees_faults(context: BrowserContext) -> None:
    """A script that throws while a page loads, one that its policy refuses, and a table that is too wide are each
    found, so that silence on the other pages means something."""
    other = context.new_page()
    watched = Watched(other)
    other.route("**/broken", lambda route: route.fulfill(
        body=broken.PAGE, content_type="text/html", headers={"Content-Security-Policy": broken.POLICY}
    ))  # fmt: skip
    other.route("**/broken.js", lambda route: route.fulfill(body=broken.SCRIPT, content_type="text/javascript"))
    other.goto("http://broken.invalid/broken")
    assert any(broken.THROWN in one for one in watched.errors)
    assert any("Content Security Policy" in one for one in watched.errors)
    other.set_viewport_size({"width": 360, "height": 800})
    assert overflow(other) > 0


def test_all_pages_fit_and_are_accessible(owner: BrowserContext, office: Service) -> None:
    """No horizontal scroll, no console error, no serious finding of axe, on any page of an owner, in either theme."""
    page = owner.new_page()
    watched = Watched(page)
    watched.designed.add(404)
    found = _look_through(page, office.url, [*SECTIONS, *OTHERS, *_cards(page, office.url), "/no-such-page"])
    assert found == []
    assert watched.errors == []


def test_all_pages_of_visitors_and_newcomers_fit_and_are_accessible(browser: Browser, office: Service) -> None:
    """Likewise the pages before signing in, those of an owner who has no outlet yet, and an outlet of a long name."""
    context = browser.new_context(locale="ru-RU", viewport={"width": 1440, "height": 900}, color_scheme="light")
    page = context.new_page()
    watched = Watched(page)
    watched.designed |= {404, 410}
    found = _look_through(page, office.url, PUBLIC)
    address, name = "newcomer@shop.example", "Ы" * 60 + "ж" * 40
    provision(office.settings.postgres, address, [name])
    page.goto(create_sign_in_link(office.settings.postgres, address, office.url))
    page.wait_for_url(f"{office.url}/")
    page.set_viewport_size({"width": 360, "height": 800})
    for path in ("/", "/report", "/sales", "/licences", "/outlets"):
        page.goto(office.url + path)
        assert overflow(page) == 0, path
    page.locator("main .rows a").first.click()
    page.wait_for_url(re.compile("/outlets/."))
    assert overflow(page) == 0
    page.locator("details summary", has_text="Удалить точку").click()
    page.locator("form[action$='/remove'] input[name=name]").last.fill(name)
    page.get_by_role("button", name="Удалить навсегда").click()
    page.wait_for_url(re.compile("/outlets(?!/)"))
    found += _look_through(page, office.url, ["/", "/report", "/licences", "/outlets", "/first-steps"])
    context.close()
    assert found == []
    assert watched.errors == []


def test_pages_with_shifts_and_cashiers_fit_and_are_accessible(browser: Browser, office: Service, shifts: str) -> None:
    """Likewise what the real data leaves empty: shifts, the card of one, cashiers, and the receipts of both."""
    context = browser.new_context(locale="ru-RU", viewport={"width": 1440, "height": 900}, color_scheme="light")
    page = context.new_page()
    watched = Watched(page)
    page.goto(create_sign_in_link(office.settings.postgres, shifts, office.url))
    page.wait_for_url(f"{office.url}/")
    links = []
    for path in ("/shifts?range=all", "/cashiers?range=all"):
        page.goto(office.url + path)
        rows = page.locator("[data-part=rows] tbody tr")
        expect(rows).not_to_have_count(0)
        page.set_viewport_size({"width": 360, "height": 800})
        heights = rows.evaluate_all("rows => rows.map(row => [row.offsetHeight, row.matches('.off')])")
        assert all(height <= (96 if off else 72) for height, off in heights), (path, "two lines a row", heights)
        page.set_viewport_size({"width": 1440, "height": 900})
        links += rows.first.locator("a").evaluate_all("links => links.map(a => a.getAttribute('href'))")[:1]
        links.append(path)
    card = next(link for link in links if link.startswith("/shifts/card"))
    page.goto(office.url + card)
    page.locator("main a[href^='/sales/card']").first.click()
    number = page.locator("dt", has_text="Смена").locator("xpath=following-sibling::dd").inner_text()
    page.goto(office.url + card)
    expect(page.locator("h1")).to_have_text(f"Смена {number}")
    found = _look_through(page, office.url, [*links, "/profit?range=all", "/compare?range=all"])
    found += _look_through(page, office.url, told := _told(page, office, shifts))
    token = page.goto(office.url + "/first-steps") and _token(page)
    found += problems(page)
    page.goto(f"{office.url}/help/till#token={token}")  # as a phone that has read the code
    expect(page.locator("#scanned")).to_have_text(str(token))
    assert page.url == f"{office.url}/help/till"
    found += problems(page)
    page.request.post(f"{office.url}/locale", form={"locale": "en"}, headers=_OURS)
    found += _look_through(page, office.url, told)
    context.close()
    assert found == []
    assert watched.errors == []


_OURS = {"Sec-Fetch-Site": "same-origin"}


def _told(page: Page, office: Service, owner: str) -> list[str]:
    """The card of a closed month, and what its owner is told, with a device that shows it."""
    page.goto(f"{office.url}/closings")
    outlet = page.locator("form[action='/closings'] [name=outlet]").first.evaluate("field => field.value")
    form = {"outlet": outlet, "month": "2026-10", "knowingly": "1"}
    closed = page.request.post(f"{office.url}/closings", form=form, headers=_OURS)
    with psycopg.connect(office.settings.postgres) as connection:
        connection.execute(
            "INSERT INTO app.push_devices (account_id, person_id, session_hash, endpoint, p256dh, auth, device)"
            " SELECT account_id, account_id, session_hash, 'https://push.example/1', %s, %s, 'Chrome, Android'"
            " FROM app.accounts JOIN app.sessions USING (account_id) WHERE email = %s LIMIT 1",
            (b"p" * 65, b"a" * 16, owner),
        )
    return [closed.url.removeprefix(office.url), "/notices"]


def _token(page: Page) -> str:
    """Adds an outlet by the first steps; the token that is shown."""
    page.locator("input[name=name]").fill("Новая точка")
    page.locator("main form button[type=submit]").last.click()
    page.wait_for_url(re.compile("/new-token/"))
    return page.locator("#token").inner_text()


@pytest.fixture
def in_english(owner: BrowserContext, office: Service) -> Iterator[Page]:
    """A page of the owner, who has chosen English and chooses Russian again at the end."""
    page = owner.new_page()
    for locale in ("en", "ru"):
        page.goto(f"{office.url}/account")
        page.locator("select[name=locale]").select_option(locale)
        expect(page.locator("html")).to_have_attribute("lang", locale)
        if locale == "en":
            yield page


def test_english_pages_fit(in_english: Page, office: Service) -> None:
    """In English the sections fit as well, and no Russian word of ours is left in the menu and the headings."""
    page = in_english
    for path in SECTIONS:
        page.goto(office.url + path)
        said = " ".join(page.locator("nav.menu, h1, h2, main thead").all_inner_texts())
        assert not any("а" <= letter.lower() <= "я" for letter in said), (path, said)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            assert overflow(page) == 0, (path, width)


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
    assert not entry.is_visible() or not _within(entry.bounding_box())
    page.locator("#menu-open").check()
    entry.click()
    assert page.url.endswith("/contacts")
    context.close()


def _within(box: Any) -> bool:
    return box is not None and box["x"] >= 0


def test_without_scripts_lists_filter_and_page_on(browser: Browser, office: Service, signed_in: Any) -> None:
    """With JavaScript off, the goods' search, the pages of a list, the chart's table and the outlet chooser work."""
    context = browser.new_context(locale="ru-RU", storage_state=signed_in, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{office.url}/goods")
    name = str(page.locator("a.row-link").first.text_content()).strip()
    page.get_by_role("searchbox").fill(name[:12].lower())
    page.locator("form.filters button[type=submit]").click()
    shown = page.locator("a.row-link").all_text_contents()
    assert name in [text.strip() for text in shown]
    assert all(name[:12].lower() in text.lower() for text in shown)
    page.goto(f"{office.url}/sales?range=all&outlet=all")
    rows = page.locator("a.row-link")
    first = rows.all_text_contents()
    page.get_by_role("button", name="Показать ещё").click()
    expect(rows).to_have_count(2 * len(first))
    assert rows.all_text_contents()[: len(first)] == first
    expect(rows.nth(len(first))).to_be_in_viewport()
    page.locator("thead").get_by_role("link", name="Итого").click()
    expect(page.locator("thead [aria-sort=descending]")).to_have_text("Итого,\N{NO-BREAK SPACE}₽")
    page.locator("#chooser").select_option(label="Кофейня «Угол»")
    page.locator("form.chooser:has(#chooser) button").click()
    page.goto(f"{office.url}/report?range=all")
    assert page.locator("#chooser option:checked").inner_text() == "Кофейня «Угол»"
    page.locator("[data-part=series] summary", has_text="Таблицей").click()
    expect(page.locator("[data-part=series] tbody tr").first).to_be_visible()
    page.locator("#chooser").select_option(value="")
    page.locator("form.chooser:has(#chooser) button").click()
    context.close()


def test_more_rows_come_where_one_is(owner: BrowserContext, office: Service) -> None:
    """«Показать ещё» adds rows below without moving those above, goes on by keyboard, and stays in the address."""
    page = owner.new_page()
    page.goto(f"{office.url}/sales?range=all&outlet=all&sort=total")
    more, rows = page.get_by_role("button", name="Показать ещё"), page.locator("a.row-link")
    expect(rows).to_have_count(50)
    more.scroll_into_view_if_needed()
    top = page.evaluate("scrollY")
    more.focus()
    page.keyboard.press("Enter")
    expect(rows).to_have_count(100)
    assert page.evaluate("scrollY") == top
    expect(rows.nth(50)).to_be_focused()
    page.reload()
    expect(rows).to_have_count(100)
    assert page.evaluate("new URLSearchParams(location.search).get('sort')") == "total"


def test_the_keyboard_is_enough(owner: BrowserContext, office: Service) -> None:
    """Tab reaches the content first, a row opens by Enter, the export's menu opens and closes, a chart has a table."""
    page = owner.new_page()
    page.goto(f"{office.url}/sales?range=all&outlet=all")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    export = page.locator("details.export summary").first
    export.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="CSV")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="CSV")).not_to_be_visible()
    expect(export).to_be_focused()
    page.locator("a.row-link").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/sales/card?**")


def test_on_paper_there_are_figures_and_no_controls(owner: BrowserContext, office: Service) -> None:
    """The print style leaves menu, filters and buttons out and prints the rows."""
    page = owner.new_page()
    page.emulate_media(media="print")
    for path in ("/report?range=all&outlet=all", "/sales?range=all&outlet=all", "/contacts?outlet=all"):
        page.goto(office.url + path)
        for control in ("aside.side", "form.filters", "details.export summary", ".chooser"):
            for found in page.locator(control).all():
                assert not found.is_visible(), (path, control)
        assert page.locator("main table:not(.chart-table *) tbody tr").first.is_visible(), path
        assert page.locator(".print-only", has_text="Кофейня «Угол»").is_visible(), path


def test_it_can_be_installed(owner: BrowserContext, office: Service) -> None:
    """The browser finds nothing that keeps the portal from a phone's home screen."""
    page = owner.new_page()
    page.goto(office.url)
    found = owner.new_cdp_session(page).send("Page.getInstallabilityErrors")
    assert [one["errorId"] for one in found["installabilityErrors"] if one["errorId"] != "in-incognito"] == []


@pytest.mark.parametrize("language", ["ru-RU", "en-US"])
def test_the_language_follows_the_browser(browser: Browser, office: Service, language: str) -> None:
    """A visitor is greeted in Russian, or in English where the browser asks for it."""
    context = browser.new_context(locale=language)
    page = context.new_page()
    page.goto(f"{office.url}/sign-in")
    assert page.locator("html").get_attribute("lang") == language[:2]
    assert page.locator("h1").inner_text() == {"ru-RU": "Войти", "en-US": "Sign in"}[language]
    context.close()
