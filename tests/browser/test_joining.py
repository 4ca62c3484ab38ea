"""The whole way of a new owner: registration, the first upload, the report, live figures, expiry and payment."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PAYMENT_SECRET
from tests.browser.look import Watched, problems
from tests.service import Service, wait_until
from webapp.licences.provider import sign

PASSWORD = "correct horse battery staple"


class Joining:
    """A new owner at a window of some width. `problems` are those of the pages on the way that lists can't lead to."""

    def __init__(self, page: Page, service: Service, email: str) -> None:
        self.page, self.service, self.email = page, service, email
        self.run, self.token = str(uuid4()), ""
        self.problems: list[str] = []

    def look(self) -> None:
        self.problems += problems(self.page)

    def letters(self) -> list[str]:
        """The texts of the letters to the owner, the oldest first."""
        files = sorted((self.service.settings.home / "mail").glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
        messages = [message_from_bytes(file.read_bytes(), policy=default) for file in files]
        mine = [one for one in messages if isinstance(one, EmailMessage) and one["To"] == self.email]
        return [str(body.get_content()) for one in mine if (body := one.get_body(("plain",))) is not None]

    def follow_letter(self, number: int = 1) -> None:
        """Opens the link of a letter, waited for."""
        wait_until(lambda: len(self.letters()) >= number, "no letter was written")
        self.page.goto(re.findall(r"http://\S+", self.letters()[number - 1])[0])

    def register(self) -> None:
        self.page.goto(f"{self.service.url}/tariffs")
        self.page.get_by_role("button", name="Попробовать 30 дней бесплатно").click()
        self.page.locator("input[name=email]").fill(self.email)
        self.page.locator("input[name=password]").fill(PASSWORD)
        self.page.get_by_role("button", name="Зарегистрироваться").click()
        self.page.wait_for_url("**/sign-up/sent")
        self.follow_letter()
        self.look()
        self.page.locator("main button[type=submit]").first.click()
        self.page.wait_for_url("**/first-steps")

    def add_outlet(self, name: str) -> None:
        self.page.locator("input[name=name]").fill(name)
        self.page.locator("select[name=zone]").select_option("Asia/Novosibirsk")
        self.page.locator("main button[type=submit]").first.click()
        token = self.page.locator("#token")
        expect(token).to_contain_text("wo_till_")
        self.token = token.inner_text().strip()
        self.look()

    def sample(self) -> dict[str, Any]:
        """The JSON that the page offers to try, out of its ready command."""
        command = self.page.locator("#curl").text_content() or ""  # it is folded away
        assert f"Bearer {self.token}" in command
        found: dict[str, Any] = json.loads(re.findall(r"-d '(.*)'", command, re.DOTALL)[0])
        return found

    def upload(self, number: int) -> None:
        sold = {
            "type": "sale.registered",
            "at": datetime.now(UTC).isoformat(),
            "sale_id": f"s{number}",
            "number": str(number),
            "lines": [{"good_id": "g1", "name": "Чай", "quantity": "2", "price": "60.50"}],
            "payments": [{"method": "cash", "amount": "121.00"}],
        }
        self.send({"run": self.run, "first_seq": number, "events": [sold]})

    def send(self, upload: dict[str, Any]) -> None:
        answer = httpx.post(
            f"{self.service.url}/api/v1/uploads",
            json=upload,
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=30,
        )
        assert answer.status_code == 202, answer.text

    def sql(self, statement: str) -> None:
        with psycopg.connect(self.service.settings.postgres) as connection:
            connection.execute(statement.encode(), (self.email,))


@pytest.fixture(params=[360, 1440])
def joining(request: pytest.FixtureRequest, browser: Browser, office: Service) -> Iterator[Joining]:
    """Somebody new, on a phone and at a desk; no error reached the console, and every page was in order."""
    width: int = request.param
    context = browser.new_context(
        locale="ru-RU", viewport={"width": width, "height": 800}, color_scheme="light", reduced_motion="reduce"
    )
    page = context.new_page()
    watched = Watched(page)
    started = Joining(page, office, f"new{width}-{uuid4().hex[:6]}@shop.example")
    yield started
    context.close()
    assert watched.errors == []
    assert started.problems == []


def test_from_registration_to_payment(joining: Joining) -> None:
    """A new owner registers, adds an outlet, sees the first upload arrive and the next one without a reload; when the
    trial is over figures wait for payment while uploads go on, and payment brings all back."""
    page, service = joining.page, joining.service
    main = page.locator("main")
    joining.register()
    joining.add_outlet("Первая лавка")
    expect(page.locator("[data-waiting]")).to_be_visible()
    sample = joining.sample()
    joining.send(sample)
    report = page.locator("[data-arrived] a[role=button]")
    expect(report).to_be_visible(timeout=30_000)
    report.click()
    page.wait_for_url("**/report**")
    sold = next(event for event in sample["events"] if event["type"] == "sale.registered")
    paid = sum(float(payment["amount"]) for payment in sold["payments"])
    expect(main).to_contain_text(f"{paid:.2f}".replace(".", ","))
    assert joining.token not in page.content()

    page.goto(f"{service.url}/")
    page.evaluate("window.sameDocument = true")
    joining.upload(1)
    expect(main.locator("[data-part=today-RUB]")).to_contain_text("2 продажи", timeout=30_000)
    assert page.evaluate("window.sameDocument") is True

    joining.sql("UPDATE app.accounts SET trial_until = now() - interval '1 hour' WHERE email = %s")
    joining.sql(
        "UPDATE app.seller SET inn = '7700000009', bank = 'Банк «Пример»', bik = '044500000',"
        " account = '40702810000000000000' WHERE %s <> ''"
    )
    for section in ("/report", "/sales", "/goods", "/contacts"):
        page.goto(service.url + section)
        expect(main).not_to_contain_text("₽")
    joining.look()
    joining.upload(2)
    main.locator("a[href='/licences']").first.click()
    expect(main).to_contain_text("закончилась")
    joining.look()
    page.get_by_role("button", name="Выставить счёт").click()
    page.wait_for_url("**/licences/invoices/*")
    joining.look()
    number = int(page.url.rstrip("/").rsplit("/", 1)[1])
    pdf = page.request.get(f"{service.url}/licences/invoices/{number}.pdf")
    assert (pdf.status, pdf.headers["content-type"], pdf.body()[:5]) == (200, "application/pdf", b"%PDF-")
    pay_by_webhook(service, number) if page.viewport_size == {"width": 1440, "height": 800} else service.command(
        "licence", "pay", str(number)
    )
    page.reload()
    expect(main).to_contain_text("Оплачен")
    service.wait_until_worked_off()
    page.goto(f"{service.url}/report?range=today")
    expect(main.locator("[data-part=sums]")).to_contain_text("3")
    expect(main).to_contain_text("242,00" if paid == 0 else f"{242 + paid:.2f}".replace(".", ","))
    page.goto(f"{service.url}/licences")
    expect(main).to_contain_text("Оплачена 1")
    expect(main).to_contain_text(f"№ {number}")


def pay_by_webhook(service: Service, number: int) -> None:
    """As a payment provider tells of a payment of the price of a month."""
    body = json.dumps({"invoice": number, "amount": "490.00", "currency": "RUB"}).encode()
    notice, moment = f"msg_{number}", str(int(datetime.now(UTC).timestamp()))
    signature = sign(PAYMENT_SECRET.encode(), notice, moment, body)
    headers = {"webhook-id": notice, "webhook-timestamp": moment, "webhook-signature": signature}
    answer = httpx.post(f"{service.url}/api/v1/payments", content=body, headers=headers, timeout=30)
    assert (answer.status_code, answer.json()) == (200, {"outcome": "paid"})


def test_an_owners_account(browser: Browser, office: Service) -> None:
    """Another device is ended, the password forgotten and set anew, the address changed, all by the pages' forms."""
    context = browser.new_context(locale="ru-RU", viewport={"width": 360, "height": 800}, reduced_motion="reduce")
    owner = Joining(context.new_page(), office, f"account-{uuid4().hex[:6]}@shop.example")
    watched = Watched(owner.page)
    page = owner.page
    owner.register()
    other = browser.new_context(locale="ru-RU")
    second = other.new_page()
    second.goto(f"{office.url}/sign-in")
    second.locator("input[name=email]").fill(owner.email)
    second.locator("input[name=password]").fill(PASSWORD)
    second.get_by_role("button", name="Войти").click()
    second.wait_for_url(f"{office.url}/")
    page.goto(f"{office.url}/account")
    page.get_by_role("button", name="Завершить").click()
    expect(page.get_by_role("button", name="Завершить")).to_have_count(0)
    second.reload()
    second.wait_for_url("**/sign-in**")

    second.get_by_role("link", name="Забыли пароль?").click()
    second.locator("input[name=email]").fill(owner.email)
    second.locator("main button[type=submit]").click()
    second.wait_for_url("**/forgotten/sent")
    wait_until(lambda: "/reset/" in "".join(owner.letters()), "no letter was written")  # beside that of the new device
    second.goto(re.findall(r"http://\S+/reset/\S+", "".join(owner.letters()))[0])
    second.locator("input[name=password]").fill(f"{PASSWORD} anew")
    owner.problems += problems(second)
    second.locator("main button[type=submit]").click()
    second.wait_for_url("**/sign-in**")
    page.reload()
    page.wait_for_url("**/sign-in**")
    page.locator("input[name=email]").fill(owner.email)
    page.locator("input[name=password]").fill(PASSWORD)
    watched.designed.add(422)
    page.get_by_role("button", name="Войти").click()
    expect(page.locator("#error")).to_be_visible()
    owner.look()
    page.locator("input[name=password]").fill(f"{PASSWORD} anew")
    page.get_by_role("button", name="Войти").click()
    page.wait_for_url("**/account**")

    page.locator("summary", has_text="Сменить адрес почты").click()
    page.locator("form[action='/account/email'] input[name=email]").fill(f"moved-{owner.email}")
    page.locator("form[action='/account/email'] input[name=present]").fill(f"{PASSWORD} anew")
    page.locator("form[action='/account/email'] button").click()
    expect(page.locator("[role=status]")).to_be_visible()
    owner.email = f"moved-{owner.email}"
    owner.follow_letter()
    owner.look()
    page.locator("main button[type=submit]").click()
    page.goto(f"{office.url}/account")
    expect(page.locator("main")).to_contain_text(owner.email)
    other.close()
    context.close()
    assert owner.problems == []
    assert watched.errors == []
