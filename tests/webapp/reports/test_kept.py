"""Kept reports in the portal: the figures as they stood at a moment, and what changed later."""

from __future__ import annotations

import csv
import html
import io
import re
from datetime import timedelta
from decimal import Decimal
from urllib.parse import quote

from tests.webapp.kept import keep
from tests.webapp.reports.conftest import enter
from tests.webapp.reports.office import NOW, Office, Receipt
from tests.webapp.reports.test_pages import money, text, total
from tests.webapp.shop import Shop, sale
from tests.webapp.visitor import Visitor

NAME = "Вторник, утро"
AS_OF = f"as-of={quote(NAME)}"
YESTERDAY = NOW.date() - timedelta(days=1)


def late(number: str, price: str) -> dict[str, object]:
    return sale(number, f"{YESTERDAY}T12:00:00+03:00", ("g1", "1", price))


async def test_figures_of_a_kept_report(owner: Visitor, office: Office) -> None:
    """Every page of a kept report says what it said at that moment, and leads on within it or back to the present."""
    keep(office.shop.postgres, NAME, NOW)
    revenue = money(total(office.receipts))
    office.shop.send(late("late", "77.77"))
    changed = money(total(office.receipts) + Decimal("77.77"))
    assert changed in text((await owner.get("/report?range=all")).text)
    page = (await owner.get(f"/report?range=all&{AS_OF}")).text
    assert revenue in text(page)
    assert changed not in text(page.partition('data-part="later"')[0])
    assert "По состоянию на 24 ноября 2026, 14:02" in text(page)
    assert 'data-live="/live"' not in page
    links = {
        html.unescape(found) for found in re.findall(r'href="(/(?:report|sales|goods|contacts)?(?:\?[^"]*)?)"', page)
    }
    [present] = {link for link in links if "as-of" not in link}
    assert present == "/report?range=all"
    for link in sorted(links - {present})[::7]:
        answer = await owner.get(link)
        assert (answer.status_code, "По состоянию на 24" in text(answer.text)) == (200, True), link
    assert changed in text((await owner.get(present)).text)
    for path, said in [("/sales?range=all&kind=all", revenue), ("/", money(total(office.where(_today))))]:
        assert said in text((await owner.get(f"{path}{'&' if '?' in path else '?'}{AS_OF}")).text)
    listed = (await owner.get(f"/sales/export.csv?range=all&kind=all&{AS_OF}")).content.decode("utf-8-sig")
    assert len(list(csv.reader(io.StringIO(listed), delimiter=";"))) == 1 + len(office.receipts)
    assert (await owner.get(f"/sales/card?{AS_OF}&outlet={office.shop.outlet}&sale=late")).status_code == 404


def _today(receipt: Receipt) -> bool:
    return receipt.at.date() == NOW.date()


async def test_what_changed_later(owner: Visitor, office: Office) -> None:
    """The days that changed are listed; a day's page tells which uploads and receipts changed it, and by how much."""
    run, changed = (
        "00000000-0000-4000-8000-000000000001",
        next(
            r
            for r in office.receipts
            if r.kind == "sale" and r.outlet == office.shop.outlet and r.at.date() == YESTERDAY
        ),
    )
    keep(office.shop.postgres, NAME, NOW)
    anew = sale(f"s-{changed.number}", changed.at.isoformat(), ("g1", "2", "10.00"), number=changed.number)
    office.shop.send(late("late-1", "77.77"), anew, run=run)
    office.shop.send(late("late-2", "1.00"), run=run, first_seq=3)
    page = (await owner.get(f"/report?range=7d&{AS_OF}")).text
    [link] = re.findall(r'href="(/report/later[^"]+)"', page)
    assert f"day={YESTERDAY}" in link
    said = text((await owner.get(html.unescape(link))).text)
    by = Decimal("97.77") - changed.total
    for figure in ("события 1–2", "событие 3", "late-1", "late-2", changed.number, money(by + 1), money(changed.total)):
        assert figure in said
    assert "Совпадают." in said
    quiet = (await owner.get(f"/report/later?{AS_OF}&outlet={office.shop.outlet}&day=2026-01-01")).text
    assert "ни одна загрузка этот день не изменила" in quiet
    for query in (f"outlet={office.shop.outlet}&day={YESTERDAY}", f"{AS_OF}&day=nonsense"):
        assert (await owner.get(f"/report/later?{query}")).status_code == 404


async def test_a_kept_report_is_chosen_on_the_report(owner: Visitor, office: Office) -> None:
    """The chooser offers the reports that hold something of the account, and keeps the period and outlets chosen."""
    assert "as-of" not in (await owner.get("/report")).text
    keep(office.shop.postgres, NAME, NOW)
    page = (await owner.get(f"/report?range=7d&outlet={office.shop.outlet}")).text
    assert f">24.11.2026 14:02, {NAME}</option>" in page
    form = page.partition('<label for="as-of">')[0].rpartition("<form")[2]
    assert 'name="range" value="7d"' in form
    assert f'name="outlet" value="{office.shop.outlet}"' in form
    assert (await owner.get("/report?as-of=")).status_code == 200
    assert (await owner.get("/report?as-of=no-such-report")).status_code == 404


async def test_others_do_not_see_it(office: Office, stranger: Visitor) -> None:
    """An account of which a kept report holds nothing neither sees nor opens it."""
    Shop(office.shop.postgres, "other@example.com", ["Чужая"])
    keep(office.shop.postgres, NAME, NOW)
    await enter(stranger, office.shop.postgres, "other@example.com")
    assert NAME not in (await stranger.get("/report")).text
    for path in ("/", "/report", "/sales", "/goods", "/contacts"):
        assert (await stranger.get(f"{path}?{AS_OF}")).status_code == 404
