"""Owners write to whoever runs the service, where he has given an address, and find answers before that."""

from __future__ import annotations

import html
import re

from tests.webapp.visitor import Visitor
from webapp.help.questions import QUESTIONS

OWNER = "owner@shop.example"
SUPPORT = "help@office.example"


async def test_a_letter_to_support(visitor: Visitor) -> None:
    """The letter goes to the operator's address with what was written, who asks and for which outlets; an answer to it
    goes to the owner. An empty one is not sent, nor more than six an hour."""
    await visitor.join(OWNER)
    visitor.portal.support_email = SUPPORT
    await visitor.post("/first-steps", name="Лавка", zone="Europe/Moscow", currency="RUB")
    assert 'href="/support"' in (await visitor.get("/help")).text
    assert (await visitor.post("/support", message="  ")).status_code == 422
    answer = await visitor.post("/support", message="Где чек № 5?\nБыл вчера.")
    assert (answer.status_code, answer.headers["location"]) == (303, "/support?sent=1")
    assert f"Ответ придёт на {OWNER}" in (await visitor.get("/support?sent=1")).text
    letter = await visitor.letter(SUPPORT)
    assert letter["Reply-To"] == OWNER
    assert OWNER in letter["Subject"]
    text = letter.get_content().replace("\r\n", "\n")
    assert text.startswith("Где чек № 5?\nБыл вчера.\n")
    assert "Торговые точки: Лавка" in text
    statuses = [(await visitor.post("/support", message="ещё")).status_code for _ in range(6)]
    assert statuses == [303] * 5 + [429]


async def test_without_an_address_nothing_is_sent(visitor: Visitor, stranger: Visitor) -> None:
    """The page says so, and nothing leads to it; a visitor signs in first."""
    await visitor.join(OWNER)
    page = (await visitor.get("/support")).text
    assert "Адрес для вопросов здесь не указан" in page
    assert "<textarea" not in page
    assert 'href="/support"' not in (await visitor.get("/help")).text
    assert (await visitor.post("/support", message="Алло")).status_code == 404
    assert not visitor.letters(SUPPORT)
    assert (await stranger.get("/support")).headers["location"] == "/sign-in?next=%2Fsupport"


async def test_questions_are_answered_for_everybody(visitor: Visitor) -> None:
    """Each question with its answer, in both languages, without signing in; each has an address of its own."""
    page = (await visitor.get("/help")).text
    for question in QUESTIONS:
        assert f'id="{question.anchor}"' in page
    assert len(QUESTIONS) == page.count("<details") >= 10
    assert "Что будет, если пропадёт интернет?" in page
    english = html.unescape((await visitor.get("/help", **{"Accept-Language": "en"})).text)
    assert all(question.question in english for question in QUESTIONS)
    assert not re.findall("[а-яё]{4,}", english.replace("Русский", "").replace("Язык", ""))


async def test_the_set_up_of_a_till_is_told_step_by_step(visitor: Visitor) -> None:
    """For GBS.Market, 1С, files and others, with this service's own address in each command, also for Windows."""
    page = html.unescape((await visitor.get("/help/till")).text)
    for command in (
        "weboffice-till.pyz gbs-market 127.0.0.1:5000 --login логин --url http://office.test --token-file key.txt",
        "http://office.test/api/v1/uploads/1c",
        "python weboffice-till.pyz upload --url http://office.test --token-file key.txt sales.jsonl",
        'curl.exe -H "Authorization: Bearer wo_till_…" "http://office.test/api/v1/uploads/state?run=',
        "schtasks /Create",
    ):
        assert command in page
    assert page.count("<ol>") == 4
