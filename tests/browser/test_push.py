"""Notices on a device: subscribed by the page's button, shown by Chromium, a click on one opens its page."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from notices.delivery import Due
from notices.push import Pushes
from tests.notices.pushserver import NETWORKS, PushServer, Subscribed
from tests.service import Service
from webapp import pushkey

_SUBSCRIBE = """subscription => {
  PushManager.prototype.subscribe = async (options) => {
    if (!options.userVisibleOnly || options.applicationServerKey.length !== 65) throw new Error("refused");
    return { toJSON: () => subscription };
  };
}"""
"""What Chromium would ask its maker's push service for, which is not reached from here."""


@pytest.fixture
def owner(browser: Browser, signed_in: Any, office: Service) -> Iterator[BrowserContext]:
    context = browser.new_context(
        locale="ru-RU",
        viewport={"width": 360, "height": 740},
        storage_state=signed_in,
        permissions=["notifications"],
        base_url=office.url,
    )
    yield context
    context.close()


def _carried(server: PushServer, browser: Subscribed, folder: Path) -> str:
    """A message as it leaves the outbox, comes to the push service, and is decrypted."""
    due = Due(
        message_id=7, channel="push", person_id=uuid4(), about="alarm", recipient="", chat_id=None, device_id=1,
        endpoint=browser.endpoint, p256dh=pushkey.decoded(browser.keys["p256dh"]),
        auth=pushkey.decoded(browser.keys["auth"]), subject="Лавка на Садовой: касса молчит",
        body="Касса «Зал» молчит с 14:05.\n\nАдрес", html="", picture=None, attempts=0, hopeless=False,
    )  # fmt: skip

    async def carry() -> None:
        pushes = Pushes(pushkey.of_home(folder), "mailto:help@office.test", NETWORKS, tls=server.trusted)
        await pushes.hand_over(due)
        await pushes.close()

    with ThreadPoolExecutor(1) as threads:  # the browser's loop runs in this one
        threads.submit(asyncio.run, carry()).result(60)
    [(_, _, body)] = server.taken
    return json.dumps(browser.opened(body))


def test_a_notice_is_shown_and_opens_its_page(
    owner: BrowserContext, office: Service, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """The button subscribes this device, which the page lists from then on; what is pushed to it is shown; a click
    opens the page that it is about, in the window that is there."""
    page = owner.new_page()
    with PushServer(tmp_path) as server:
        browser = Subscribed(f"{server.origin}/one")
        public = {"endpoint": "https://push.example/one", "keys": browser.keys}
        page.add_init_script(f"({_SUBSCRIBE})({json.dumps(public)})")
        page.goto("/notices")
        page.get_by_role("button", name="Показывать оповещения на этом устройстве").click()
        expect(page.get_by_role("status")).to_contain_text("Теперь это устройство показывает оповещения.")
        expect(page.locator("#push li")).to_contain_text("Chrome")
        content = _carried(server, browser, tmp_path)

    session = owner.new_cdp_session(page)
    registrations: list[dict[str, Any]] = []
    session.on("ServiceWorker.workerRegistrationUpdated", lambda event: registrations.extend(event["registrations"]))
    page.goto("/goods")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    session.send("ServiceWorker.enable")
    while not registrations:
        page.wait_for_timeout(50)
    push = {"origin": office.url, "registrationId": registrations[-1]["registrationId"], "data": content}
    session.send("ServiceWorker.deliverPushMessage", push)
    shown = page.wait_for_function(
        """async () => {
          const registration = await navigator.serviceWorker.ready;
          const all = await registration.getNotifications();
          return all.length && all.map(({ title, body, tag }) => ({ title, body, tag }));
        }"""
    ).json_value()
    title, body = "Лавка на Садовой: касса молчит", "Касса «Зал» молчит с 14:05."
    assert shown == [{"title": title, "body": body, "tag": "m7"}]
    session.send("ServiceWorker.deliverPushMessage", push)  # handed over twice: shown once
    [worker] = owner.service_workers
    with page.expect_navigation(url="**/notices"):
        worker.evaluate(
            """async () => {
              const [notification] = await registration.getNotifications();
              self.dispatchEvent(new NotificationEvent("notificationclick", { notification }));
            }"""
        )
    expect(page.locator("#push-heading")).to_be_visible()
    page.get_by_role("button", name="Отключить").click()
    expect(page.locator("#push li")).to_have_count(0)


def test_without_scripts_the_page_says_so(browser: Browser, signed_in: Any, office: Service) -> None:
    """Without a script there is no button, and a sentence says what it takes."""
    context = browser.new_context(locale="ru-RU", storage_state=signed_in, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{office.url}/notices")
    expect(page.locator("[data-push-unable]")).to_be_visible()
    expect(page.get_by_role("button", name="Показывать оповещения на этом устройстве")).to_be_hidden()
    context.close()
