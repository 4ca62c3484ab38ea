"""An outlet whose part of the log waits for the operator: its owner is told that the data stands still, and why."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.webapp.outlets.test_ledger import office, sales
from tests.webapp.visitor import Visitor
from webapp.app import Portal
from webapp.standstill import Standstill

SINCE = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
WHY = "Часть журнала сервиса пропала или повреждена"


@pytest.mark.parametrize("path", ["/report", "/", "/sales", "/goods", "/contacts", "/outlets/{outlet}/ledger"])
async def test_every_page_of_figures_says_so(visitor: Visitor, portal: Portal, path: str) -> None:
    """Since when, and why; and nothing says that all receipts are here, until the log is read again."""
    outlet, shop = await office(visitor)
    shop.send(*sales(1, 2, 3))
    page = path.format(outlet=outlet)
    well = (await visitor.get(page)).text
    assert WHY not in well
    portal.standstill_of = lambda of: Standstill(SINCE) if of == outlet else None
    still = (await visitor.get(page)).text
    assert WHY in still
    assert "Новые данные не показываются: последнее, что здесь есть, пришло 24 ноября 2026" in still.replace(
        "\xa0", " "
    )
    for claim in ("Все чеки на месте</p>", "все чеки на месте", "ничего не пропало"):
        assert claim not in still
    portal.standstill_of = lambda of: None
    assert (await visitor.get(page)).text == well


async def test_another_outlet_is_not_concerned(visitor: Visitor, portal: Portal) -> None:
    """The notice stands on the pages of the outlets of that partition alone, and needs no moment."""
    outlet, shop = await office(visitor)
    shop.send(*sales(1))
    portal.standstill_of = lambda of: None if of == outlet else Standstill(None)
    assert WHY not in (await visitor.get("/report")).text
    portal.standstill_of = lambda of: Standstill(None)
    assert "Новые данные сейчас не показываются." in (await visitor.get("/report")).text
