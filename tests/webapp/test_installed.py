"""What an installed page asks the portal for: its worker, the frame, and whose an answer is."""

from __future__ import annotations

import json
import re

from tests.webapp.reports.conftest import enter
from tests.webapp.shop import Shop
from tests.webapp.visitor import Visitor


async def test_the_worker_knows_what_to_keep(visitor: Visitor) -> None:
    """It is served at the root to anybody, looked for anew each time; what it keeps from the start is there."""
    answer = await visitor.get("/worker.js")
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["content-type"].startswith("text/javascript")
    found = re.match(r"const OFFICE = (.*);\n", answer.text)
    assert found
    office = json.loads(found[1])
    assert office["name"] == "Веб-офис"
    for address in (*office["assets"], office["icon"], "/offline"):
        assert (await visitor.get(address)).status_code == 200, address
    assert "Нет связи" in (await visitor.get("/offline")).text
    assert (await visitor.get("/app.webmanifest")).json()["start_url"] == "/" + office["home"]


async def test_the_frame_holds_no_figures(visitor: Visitor, postgres: str) -> None:
    """It has the menu and no outlet's name; who is not signed in is led to sign in."""
    Shop(postgres, outlets=("Чайная",))
    assert (await visitor.get("/shell")).status_code == 303
    await enter(visitor, postgres, "owner@example.com")
    assert "Чайная" in (await visitor.get("/?home")).text
    frame = (await visitor.get("/shell")).text
    assert "Чайная" not in frame
    assert "Показатели загружаются" in frame
    assert frame.count('aria-current="page"') == 2


async def test_each_answer_says_whose_it_is(visitor: Visitor, stranger: Visitor, postgres: str) -> None:
    """Another person, another session of the same one, and another account that he looks at are told apart; a visitor's
    answer is nobody's, and a file's, too."""
    first, second = Shop(postgres, outlets=("Чайная",)), Shop(postgres, email="other@example.com", outlets=("Своя",))
    assert "x-reader" not in (await visitor.get("/sign-in")).headers
    readers = []
    for who, email in ((visitor, "owner@example.com"), (stranger, "other@example.com"), (visitor, "owner@example.com")):
        await enter(who, postgres, email)
        readers.append((await who.get("/")).headers["x-reader"])
        assert (await who.get("/goods")).headers["x-reader"] == readers[-1]
    first.change(
        "INSERT INTO app.members (account_id, person_id, role) VALUES (%s, %s, 'manager')",
        second.account_id, first.account_id,
    )  # fmt: skip
    viewing = "UPDATE app.sessions SET viewed_account_id = %s WHERE account_id = %s"
    first.change(viewing, second.account_id, first.account_id)
    readers.append((await visitor.get("/")).headers["x-reader"])
    assert len(set(readers)) == 4
    assert len({reader.partition(".")[0] for reader in readers}) == 2
