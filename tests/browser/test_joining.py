"""The whole way of a new owner: registration, the first upload, the report, live figures, expiry and payment."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psycopg
from playwright.sync_api import Page, expect

from tests.service import Service, wait_until

PASSWORD = "correct horse battery staple"


def _letter(home: Path) -> str:
    """The text of the newest letter."""
    folder = home / "mail"
    wait_until(lambda: folder.exists() and any(folder.glob("*.eml")), "no letter was written")
    newest = max(folder.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
    message = message_from_bytes(newest.read_bytes(), policy=default)
    assert isinstance(message, EmailMessage)
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def _join(page: Page, service: Service) -> None:
    page.goto(f"{service.url}/sign-up")
    page.get_by_label("Эл. почта").or_(page.locator("input[name=email]")).first.fill("new@shop.example")
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Зарегистрироваться").click()
    [link] = re.findall(r"http://\S+", _letter(service.settings.home))[:1]
    page.goto(link)
    page.locator("main button[type=submit]").first.click()
    page.wait_for_url("**/first-steps")


def _add_outlet(page: Page, name: str) -> str:
    """Adds an outlet and returns its till's token."""
    page.locator("input[name=name]").fill(name)
    page.locator("select[name=zone]").select_option("Asia/Novosibirsk")
    page.locator("main button[type=submit]").first.click()
    token = page.locator("#token")
    expect(token).to_contain_text("wo_till_")
    return token.inner_text().strip()


def _sale(number: int) -> dict[str, Any]:
    return {
        "type": "sale.registered",
        "at": datetime.now(UTC).isoformat(),
        "sale_id": f"s{number}",
        "number": str(number),
        "lines": [{"good_id": "g1", "name": "Чай", "quantity": "2", "price": "60.50"}],
        "payments": [{"method": "cash", "amount": "121.00"}],
    }


def _upload(service: Service, token: str, run: str, number: int) -> None:
    answer = httpx.post(
        f"{service.url}/api/v1/uploads",
        json={"run": run, "first_seq": number, "events": [_sale(number)]},
        headers={"Authorization": f"Bearer {token}"},
        timeout=30,
    )
    assert answer.status_code == 202, answer.text


def test_from_registration_to_a_living_report(page: Page, service: Service) -> None:
    """A new owner registers, adds an outlet, sees the first upload arrive, and the next one without a reload."""
    _join(page, service)
    token = _add_outlet(page, "Первая лавка")
    expect(page.locator("[data-waiting]")).to_be_visible()
    run = str(uuid4())
    _upload(service, token, run, 1)
    report = page.locator("[data-arrived] a[role=button]")
    expect(report).to_be_visible(timeout=30_000)
    report.click()
    page.wait_for_url("**/report**")
    expect(page.locator("main")).to_contain_text("121,00")
    page.goto(f"{service.url}/")
    expect(page.locator("main")).to_contain_text("121,00")
    page.evaluate("window.sameDocument = true")
    _upload(service, token, run, 2)
    expect(page.locator("main")).to_contain_text("242,00", timeout=30_000)
    assert page.evaluate("window.sameDocument") is True


def test_after_expiry_figures_wait_for_payment_and_uploads_go_on(page: Page, service: Service) -> None:
    """When the trial is over the report asks for a licence, tills are still served, and payment brings all back."""
    _join(page, service)
    token = _add_outlet(page, "Вторая лавка")
    run = str(uuid4())
    _upload(service, token, run, 1)
    service.wait_until_worked_off()
    with psycopg.connect(service.settings.postgres) as connection:
        connection.execute("UPDATE app.accounts SET trial_until = now() - interval '1 hour'")
    page.goto(f"{service.url}/report")
    expect(page.locator("main")).not_to_contain_text("121,00")
    expect(page.locator("main a[href='/licences']").first).to_be_visible()
    _upload(service, token, run, 2)
    page.goto(f"{service.url}/licences")
    page.locator("form[action='/licences/invoices'] button[type=submit]").click()
    number = page.url.rstrip("/").rsplit("/", 1)[1]
    service.command("licence", "pay", number)
    service.wait_until_worked_off()
    page.goto(f"{service.url}/report")
    expect(page.locator("main")).to_contain_text("242,00")
