"""From registration to the first figures out of a shop's own files, as a new owner walks it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.look import Watched
from tests.browser.test_joining import Joining
from tests.producers.importers.reading import DATA
from tests.service import Service

WITHIN_S = 120.0
"""The machine's part of the way; ten minutes are promised, with the owner's."""


@pytest.fixture(params=[360])
def joining(request: pytest.FixtureRequest, browser: Browser, office: Service) -> Iterator[Joining]:
    """Somebody new, on a phone; no error reached the console, and every page was in order."""
    context = browser.new_context(
        locale="ru-RU", viewport={"width": request.param, "height": 800}, color_scheme="light", reduced_motion="reduce"
    )
    page = context.new_page()
    watched = Watched(page)
    started = Joining(page, office, f"files{request.param}-{uuid4().hex[:6]}@shop.example")
    yield started
    context.close()
    assert watched.errors == []
    assert started.problems == []


def test_from_registration_to_the_figures_of_ones_own_files(joining: Joining) -> None:
    """A price list and a receipts file: read, shown, brought in; the report has their revenue within two minutes."""
    started = time.monotonic()
    page = joining.page
    joining.register()
    joining.add_outlet("Лавка из файлов")
    page.goto(f"{joining.service.url}/outlets")
    page.get_by_role("link", name="Лавка из файлов").first.click()
    page.get_by_role("link", name="Загрузить данные", exact=True).click()
    joining.look()
    for name, file, shown in (
        ("goods", DATA / "goods" / "ostatki-cp1251.csv", "1 строку прочитать нельзя"),
        ("receipts", DATA / "receipts" / "receipts.json", "24 дек. 2024"),
    ):
        page.locator("select[name=format]").select_option(name)
        page.locator("input[type=file]").set_input_files(file)
        page.get_by_role("button", name="Прочитать").click()
        expect(page.get_by_role("heading", name="Проверьте и загрузите")).to_be_visible(timeout=60_000)
        expect(page.locator("main")).to_contain_text(shown)
        joining.look()
        page.get_by_role("button", name="Загрузить", exact=True).click()
        expect(page.get_by_role("heading", name="Загружено")).to_be_visible(timeout=60_000)
        expect(page.locator("main")).to_contain_text("Цифры сервиса равны цифрам файла")
        joining.look()
    page.get_by_role("button", name="Открыть отчёт").or_(page.get_by_role("link", name="Открыть отчёт")).first.click()
    page.goto(f"{page.url}&range=all")
    expect(page.locator("main")).to_contain_text("2 918,38")
    assert time.monotonic() - started < WITHIN_S
