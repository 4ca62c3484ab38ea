"""Events that the gateway refused: told until the owner takes note of them, and never called complete."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx

from tests.logins import owner_of
from tests.webapp.outlets.test_ledger import office, sales
from tests.webapp.reports.reader import part
from tests.webapp.shop import Shop
from tests.webapp.visitor import Visitor

REASON = 'lines[0].price: число 12.5 нужно взять в кавычки: "12.5"'


def withdrawn(count: int, reason: str = REASON, at: str = "2026-11-24T10:00:00+03:00") -> list[dict[str, Any]]:
    return [{"type": "event.withdrawn", "at": at, "reason": reason} for _ in range(count)]


async def test_refused_events_are_told_everywhere(visitor: Visitor) -> None:
    """Ledger page, dashboard and report name how many, of which till and why; none of them says that all is here."""
    outlet, shop = await office(visitor)
    shop.send(*sales(1, 2), *withdrawn(300, f"events[17].{REASON}"), *withdrawn(5, "type: такого значения нет"))
    ledger = (await visitor.get(f"/outlets/{outlet}/ledger")).text
    assert "305 событий отклонены" in part(ledger, "verdict")
    refused = part(ledger, "refused")
    assert f"{REASON} событие 302" in refused
    assert "Касса 1" in refused
    assert "300" in refused
    assert "type: такого значения нет" in refused
    for address, name in (("/", "outlets"), (f"/report?outlet={outlet}&range=all", "truth")):
        said = part((await visitor.get(address)).text, name)
        assert "305 событий отклонены (Касса 1)" in said
        assert "все чеки на месте" not in said.lower()
        assert "ничего не пропущено" not in said
    assert "Все чеки на месте" not in ledger


async def test_the_first_steps_do_not_take_refused_events_for_data(visitor: Visitor) -> None:
    """Where all that came was refused the first steps say so and lead to the reasons; the first event that counts ends
    the waiting."""
    outlet, shop = await office(visitor)
    run = str(uuid4())
    shop.send(*withdrawn(3), run=run)
    assert (await visitor.get(f"/outlets/{outlet}/arrival")).json() == {"arrived": False, "refused": True}
    page = (await visitor.get(f"/outlets/{outlet}/waiting")).text
    assert "<noscript><p><strong>Данные пришли, но принять из них ничего не удалось." in page
    assert f'href="/outlets/{outlet}/ledger"' in page
    assert 'http-equiv="refresh"' in page
    shop.send(*sales(1), run=run, first_seq=4)
    assert (await visitor.get(f"/outlets/{outlet}/arrival")).json() == {"arrived": True, "refused": True}
    assert "принять из них ничего" not in (await visitor.get(f"/outlets/{outlet}/waiting")).text


async def test_they_are_told_until_the_owner_takes_note(visitor: Visitor) -> None:
    """After that the reports warn no longer, the ledger still lists them, and nothing is green; what comes later is
    told anew."""
    outlet, shop = await office(visitor)
    run, page = str(uuid4()), f"/outlets/{outlet}/ledger"
    shop.send(*sales(1), *withdrawn(3), run=run)
    answer = await visitor.post(f"/outlets/{outlet}/refusals/seen", news=3)
    assert answer.headers["location"] == f"{page}?notice=noted"
    ledger = (await visitor.get(f"{page}?notice=noted")).text
    assert "Принято" in ledger
    assert "отклонены" not in part(ledger, "verdict")
    assert "Все чеки на месте, кроме неучтённых" in part(ledger, "verdict")
    assert REASON in part(ledger, "refused")
    said = part((await visitor.get("/")).text, "outlets")
    assert "отклонен" not in said
    assert "все, кроме неучтённых" in said
    shop.send(*withdrawn(2, "number: здесь пусто"), run=run, first_seq=5)
    assert "2 события отклонены" in part((await visitor.get(page)).text, "verdict")
    assert "2 события отклонены" in part((await visitor.get("/")).text, "outlets")


async def test_note_is_taken_of_what_was_shown(visitor: Visitor) -> None:
    """Where more were refused since the page was read, it is shown again; a foreign outlet is not found."""
    outlet, shop = await office(visitor)
    shop.send(*withdrawn(3))
    answer = await visitor.post(f"/outlets/{outlet}/refusals/seen", news=2)
    assert answer.headers["location"].endswith("?notice=more")
    assert "3 события отклонены" in part((await visitor.get("/")).text, "outlets")
    foreign = Shop(owner_of(visitor.portal.database.url), "other@shop.example", ["Чужая"])
    foreign.send(*withdrawn(1))
    assert (await visitor.post(f"/outlets/{foreign.outlet}/refusals/seen", news=1)).status_code == 404


async def test_each_till_is_told_apart(visitor: Visitor) -> None:
    """With refusals of two tills the dashboard says how many are of which."""
    outlet, shop = await office(visitor)
    await visitor.post(f"/outlets/{outlet}/tills", name="Касса у входа")
    [[second]] = visitor.sql("SELECT till_id FROM app.tills WHERE name = 'Касса у входа'")
    shop.send(*withdrawn(3))
    shop.send(*withdrawn(1), till=str(second))
    assert "4 события отклонены: Касса 1 – 3, Касса у входа – 1" in part((await visitor.get("/")).text, "outlets")


async def test_what_was_given_up_is_not_called_complete(visitor: Visitor) -> None:
    """An outlet with numbers that nobody waits for any longer is whole but for them."""
    outlet, shop = await office(visitor)
    shop.send(*sales(1))
    visitor.sql("UPDATE gen_1.runs SET given_up = '[[1, 3]]'")
    assert "все, кроме неучтённых" in part((await visitor.get("/")).text, "outlets")
    assert "кроме неучтённых" in part((await visitor.get(f"/outlets/{outlet}/ledger")).text, "verdict")


async def test_no_green_stands_over_red(visitor: Visitor) -> None:
    """The heading of the ledger's page claims nothing, and where receipts do not add up nothing is called whole."""
    outlet, shop = await office(visitor)
    shop.send(*sales(1), first_seq=2)
    page = (await visitor.get(f"/outlets/{outlet}/ledger")).text
    assert "<h1>Где каждый чек</h1>" in page
    assert "Не хватает 1 события" in page
    assert "Все чеки" not in page
    visitor.sql("DELETE FROM gen_1.parked")
    shop.send(sales(2)[0] | {"payments": [{"method": "cash", "amount": "99.99"}]})
    for address, name in ((f"/report?outlet={outlet}&range=all", "truth"), ("/", "outlets")):
        said = part((await visitor.get(address)).text, name)
        assert "не сходится" in said
        assert "на месте" not in said


async def test_a_report_kept_before_there_was_a_journal_says_what_it_can(visitor: Visitor) -> None:
    """Rows of an earlier version do not tell what was refused: then it is only said that not all is in the figures."""
    outlet, shop = await office(visitor)
    shop.send(*sales(1), *withdrawn(3))
    visitor.sql("DROP TABLE gen_1.refusals")
    said = part((await visitor.get("/")).text, "outlets")
    assert "все, кроме неучтённых" in said
    assert "кроме неучтённых" in part((await visitor.get(f"/outlets/{outlet}/ledger")).text, "verdict")


async def test_owners_programs_are_told(client: httpx.AsyncClient, postgres: str) -> None:
    """The read API says whether all stands in the figures, what is missing or waits, and why which was refused."""
    shop = Shop(postgres)
    headers = {"Authorization": f"Bearer {shop.token}"}
    run = str(uuid4())

    async def state() -> Any:
        return (await client.get(f"/api/v1/outlets/{shop.outlet}/completeness", headers=headers)).json()

    whole: dict[str, Any] = {"complete": True, "counting": False, "data_through": None, "missing": [], "waiting": 0}
    assert await state() == whole | {"quarantined": 0, "withdrawn": 0, "refused": []}
    shop.send(*sales(1), run=run)
    assert (await state())["complete"]
    till = shop.till(shop.outlet)
    shop.send(*sales(4, 5), run=run, first_seq=4)
    assert await state() == whole | {
        "complete": False,
        "data_through": "2026-11-24T03:00:00+03:00",
        "missing": [{"till_id": till, "run": run, "from": 2, "to": 3}],
        "waiting": 2,
        "quarantined": 0,
        "withdrawn": 0,
        "refused": [],
    }
    shop.send(*withdrawn(2), run=run, first_seq=2)
    assert (await state())["missing"] == []
    assert (await state())["complete"] is False
    assert (await state())["withdrawn"] == 2
    reason = {"till_id": till, "reason": REASON, "events": 2, "last_at": "2026-11-24T10:00:00+03:00"}
    assert (await state())["refused"] == [reason]
