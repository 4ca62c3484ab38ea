"""Costs and margins on every page, in every file and every answer: shown to whom they are shown, and to nobody else."""

from __future__ import annotations

import html
import io
import re
import zipfile
from collections.abc import AsyncIterator

import pytest

from tests.webapp import sitemap
from tests.webapp.reports.office import Office
from tests.webapp.reports.test_roles import Everybody, everybody
from tests.webapp.shop import counted, good, sale
from tests.webapp.visitor import Visitor
from webapp.readapi import RESOURCES, ROOT

__all__ = ["everybody"]
SOLD_AT = "2026-11-24T10:00:00+03:00"
LINE = {"good_id": "g77", "name": "Халва", "quantity": "3", "price": "120.00", "cost": "71.37"}
SHOWN = {"71.37", "214.11", "145.89"}
"""What one costs; what three cost, and what was earned with them."""
SECRET = SHOWN | {"713.70", "927.81"}
"""And what a stock of ten or thirteen of it is worth."""


def _told(content: bytes) -> str:
    """All that an answer says, without spaces, with decimal points; of a workbook each cell's text or number."""
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            content = b" ".join(book.read(name) for name in book.namelist() if name.endswith(".xml"))
    text = re.sub(r"[\s\u00a0\u202f]", "", html.unescape(content.decode("utf-8-sig")))
    return text.replace(",", ".")


def _secrets(content: bytes) -> set[str]:
    told = _told(content)
    short = {figure: figure.removesuffix("0").rstrip(".") for figure in SECRET}  # a number of JSON or of a workbook
    return {figure for figure in SECRET if re.search(rf"(?<![\d.]){re.escape(short[figure])}0*(?!\d)", told)}


async def _answers(browser: Visitor, nobody: Visitor, office: Office, token: str) -> AsyncIterator[tuple[str, bytes]]:
    """(address, answer) of every page, also as it is printed, every file, and every call."""
    printed = set()
    for page in sitemap.of_account():
        for address in (*sitemap.addresses(page, office), *sitemap.downloads(page)):
            answer = await browser.get(address)
            yield address, answer.content
            printed |= set(re.findall(r'href="([^"]+)">Для печати', answer.text[:200_000]))
    outlet = office.shop.outlet
    for address in (
        *(html.unescape(each) for each in printed),
        f"/goods/card?outlet={outlet}&good=g77",
        f"/sales/card?outlet={outlet}&sale=dear&till={office.shop.till(outlet)}",
        f"/profit?outlet={outlet}&range=7d",
        f"/report?outlet={outlet}&range=7d",
    ):
        yield address, (await browser.get(address)).content
    if not token:
        return
    for resource in RESOURCES:
        path = (ROOT + resource.path).replace("{outlet_id}", outlet)
        path = re.sub(r"\{[^}]*good[^}]*\}", "g77", re.sub(r"\{[^}]*sale[^}]*\}", "dear", path))
        yield path, (await nobody.get(path, authorization=f"Bearer {token}")).content


async def _token(browser: Visitor) -> str:
    found = re.findall(r"wo_owner_[\w-]+", (await browser.post_and_look("/account/tokens")).text)
    return found[0] if found else ""


@pytest.mark.asvs("V8.2.3", "a page, file or call shows a cost without asking `sees_costs`")
async def test_no_page_file_or_call_shows_costs(everybody: Everybody, office: Office) -> None:  # noqa: F811
    """A member who may not see costs finds none of their figures anywhere; one who may finds each of them."""
    office.shop.send(
        good("g77", "Халва", cost="71.37"),
        counted("g77", "13"),
        {**sale("dear", SOLD_AT), "lines": [LINE], "payments": [{"method": "cash", "amount": "360.00"}]},
    )
    nobody, seen = everybody.browsers["nobody"], set[str]()
    for who in ("manager", "accountant", "seller"):
        browser = everybody.browsers[who]
        token = await _token(browser)
        assert bool(token) == (who != "seller")
        async for address, content in _answers(browser, nobody, office, token):
            if who == "manager":
                seen |= _secrets(content)
            else:
                assert _secrets(content) == set(), (who, address)
    assert seen >= SHOWN
    office.shop.change("UPDATE app.members SET sees_costs = false")
    async for address, content in _answers(everybody.browsers["manager"], nobody, office, ""):
        assert _secrets(content) == set(), ("manager without costs", address)
