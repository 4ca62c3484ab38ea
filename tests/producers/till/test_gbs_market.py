"""The agent beside a GBS.Market till sends each document once, whatever its API does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from producers.till.client import TillClient
from producers.till.gbs_agent import Agent, Round, Seen, keep_polling, poll
from producers.till.gbs_api import GbsMarket
from producers.till.gbs_mapping import AskDiscount, Unfit, good, sale
from schemas.errors import InfrastructureUnreachable, UsageError
from tests.producers.importers.reading import read_address
from tests.producers.till.gateway import Gateway
from tests.producers.till.gbs_server import LOGIN, PASSWORD, GbsServer, serving

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
MOSCOW = ZoneInfo("Europe/Moscow")


@pytest.fixture
def till() -> Iterator[GbsServer]:
    with serving() as server:
        yield server


def document(number: int, **changes: Any) -> dict[str, Any]:
    day = date(2026, 3, 1) + timedelta(days=number % 10)
    whole = {
        "Uid": f"00000000-0000-4000-8000-{number:012}",
        "DateTime": f"{day}T12:00:00",
        "IsDeleted": False,
        "Number": str(number),
        "Items": [{"GoodUid": "g-1", "GoodName": "Чай", "Quantity": 2, "SalePrice": 99.9, "Discount": 0}],
    }
    return {**whole, **changes}


def tea(quantity: float = 5, **changes: Any) -> dict[str, Any]:
    return {
        "Uid": "g-1",
        "Name": "Чай",
        "Barcode": "4600000000017",
        "Stocks": [{"Quantity": quantity, "Price": 99.9}],
        **changes,
    }


class Beside:
    """An agent beside a till program."""

    def __init__(self, till: GbsServer, gateway: Gateway, folder: Path, timeout: float = 30) -> None:
        self.api = GbsMarket(till.address, LOGIN, PASSWORD, timeout)
        self.client = TillClient(gateway.url, "wo_till_test", folder / "spool", state_dir=folder / "stamps")
        self.seen = Seen(folder / "spool")

    def round(self, now: datetime = NOW, since: date = date(2026, 1, 1), **options: Any) -> Round:
        options = {"zone": MOSCOW, "give_up_after": 5.0, **options}
        return poll(self.api, self.client, self.seen, since=since, now=now, **options)


@pytest.fixture
def beside(till: GbsServer, gateway: Gateway, tmp_path: Path) -> Iterator[Beside]:
    agent = Beside(till, gateway, tmp_path)
    with agent.client, agent.seen:
        yield agent
    agent.api.close()


def test_each_document_once(till: GbsServer, beside: Beside, gateway: Gateway) -> None:
    """All pages of the first round, then only what is new: each sale once, with its time by the shop's clock."""
    till.documents = [document(number) for number in range(250)]
    till.goods = [tea()]
    assert beside.round().events == 252
    assert beside.round().events == 0
    till.documents.append(document(253))  # within the week that is read again
    assert beside.round().events == 1
    sales = [event for event in gateway.events() if event["type"] == "sale.registered"]
    assert len({sale["sale_id"] for sale in sales}) == len(sales) == 251
    assert sales[0]["at"] == "2026-03-01T12:00:00+03:00"
    assert sales[0]["lines"][0]["sum"] == "199.8"
    assert sales[0]["payments"] == [{"method": "other", "amount": "199.8"}]


def test_a_deleted_document_is_voided(till: GbsServer, beside: Beside, gateway: Gateway) -> None:
    """Deleted after it was sent, a sale is voided; deleted before, it comes as a voided one."""
    till.documents = [document(3), document(4, IsDeleted=True)]
    beside.round()
    till.documents[0]["IsDeleted"] = True
    beside.round()
    voided = [event["sale_id"][-1] for event in gateway.events() if event["type"] == "sale.voided"]
    assert sorted(voided) == ["3", "4"]


def test_later_rounds_read_a_week_again(till: GbsServer, beside: Beside) -> None:
    """The first round begins where it is told to, later ones a week before the last: a document may be changed."""
    beside.round()
    beside.round(NOW + timedelta(days=1))
    starts = [request["date_start"] for request in till.requests if request["path"] == "/api/v1/documents"]
    assert starts == ["2026-01-01", "2026-03-03"]


def test_stock_is_counted_where_it_changed(till: GbsServer, beside: Beside, gateway: Gateway) -> None:
    """A count for each new quantity, none for the same again; a good removed there is removed here."""
    till.goods = [tea(5)]
    beside.round()
    beside.round(NOW + timedelta(minutes=1))
    till.goods = [tea(3)]
    beside.round(NOW + timedelta(minutes=2))
    till.goods = [tea(3, IsDeleted=True)]
    beside.round(NOW + timedelta(minutes=3))
    events = [(event["type"], event.get("quantity")) for event in gateway.events()]
    assert events == [("good.saved", None), ("stock.counted", "5"), ("stock.counted", "3"), ("good.removed", None)]


@pytest.mark.parametrize("answers", [[500, 500], [503], [b"<html>proxy</html>"], [b'{"Status": "Ok", "Data": ["x"]}']])
def test_a_bad_answer_loses_nothing(
    till: GbsServer, beside: Beside, gateway: Gateway, answers: list[int | bytes]
) -> None:
    """Errors, pages of proxies and nonsense end a round or are asked again; the next round brings everything."""
    till.documents = [document(number) for number in range(3)]
    till.answers = list(answers)
    try:
        beside.round()
    except (InfrastructureUnreachable, UsageError):
        beside.round()
    assert len([event for event in gateway.events() if event["type"] == "sale.registered"]) == 3


def test_a_slow_answer_is_asked_for_again(till: GbsServer, gateway: Gateway, tmp_path: Path) -> None:
    """An answer that does not come in time is asked for again."""
    agent = Beside(till, gateway, tmp_path, timeout=0.5)
    with agent.client, agent.seen:
        till.documents = [document(1)]
        till.answers = [1.5]
        assert agent.round().events == 1
    agent.api.close()


def test_an_error_that_the_api_tells_is_told(till: GbsServer, beside: Beside) -> None:
    """`Status` Error ends the round with its message; a wrong password with a sentence of its own."""
    till.answers = ['{"Status": "Error", "Data": {"Message": "нет прав"}}'.encode()]
    with pytest.raises(UsageError, match="нет прав"):
        beside.round()
    beside.api.close()
    beside.api = GbsMarket(till.address, LOGIN, "wrong")
    with pytest.raises(UsageError, match="login or password"):
        beside.round()


def test_what_can_not_be_read_is_told(till: GbsServer, beside: Beside, gateway: Gateway) -> None:
    """A record that is none is named, a field that is not understood counted; the others are sent."""
    till.documents = [document(1, DateTime="2026-03-09 at noon"), document(2, Weather="rain"), document(3)]
    told: list[str] = []
    done = beside.round(tell=told.append)
    assert [problem.field for problem in done.unfit] == ["DateTime"]
    assert done.unknown == {"weather": 1}
    assert any("weather" in line for line in told)
    assert len(gateway.events()) == 2


def test_discounts_are_not_guessed() -> None:
    """The document's own total tells what a discount is; else it is asked, or told."""
    item = {"gooduid": "g", "quantity": 2, "saleprice": 100, "discount": 10}
    record = {"uid": "d", "datetime": "2026-03-01T12:00:00", "items": [item]}

    def total(record: dict[str, Any], told: Any = None) -> str:
        [event] = sale(record, MOSCOW, told).events
        return str(event["payments"][0]["amount"])

    with pytest.raises(AskDiscount):
        total(record)
    assert [total(record, told) for told in ("percent", "money", "included")] == ["180", "190", "200"]
    assert [total({**record, "sum": amount}) for amount in (180, 190, 200)] == ["180", "190", "200"]


def test_payments_are_read_where_they_come_to_the_total() -> None:
    """Methods of known names are taken; a sum that is another one makes the payment `other`."""
    item = {"gooduid": "g", "quantity": 1, "saleprice": 100}
    record: dict[str, Any] = {"uid": "d", "datetime": "2026-03-01T12:00:00", "items": [item]}
    record["payments"] = [{"sum": 60, "name": "Наличные"}, {"sum": 40, "name": "Карта"}]
    [event] = sale(record, MOSCOW, None).events
    assert [payment["method"] for payment in event["payments"]] == ["cash", "card"]
    record["payments"] = [{"sum": 500, "name": "Наличные"}]
    [event] = sale(record, MOSCOW, None).events
    assert event["payments"] == [{"method": "other", "amount": "100"}]


@pytest.mark.parametrize(
    "changes",
    [{"uid": ""}, {"uid": "x" * 129}, {"datetime": None}, {"items": []}, {"items": [{"gooduid": "g", "quantity": 0}]}],
)
def test_unfit_documents(changes: dict[str, Any]) -> None:
    """Without an id, a time or a line it is no document."""
    item = {"gooduid": "g", "quantity": 1, "saleprice": 100}
    with pytest.raises(Unfit):
        sale({"uid": "d", "datetime": "2026-03-01T12:00:00", "items": [item], **changes}, MOSCOW, None)
    with pytest.raises(Unfit):
        list(good({"uid": "g"}, "2026-03-01T12:00:00+00:00"))


def test_one_round_by_command(till: GbsServer, gateway: Gateway, tmp_path: Path) -> None:
    """The exit code says whether all was brought in; without an answer it is 3, and nothing is lost."""
    said: list[str] = []

    def once(agent: Agent) -> int:
        return keep_polling(
            agent, gateway.url, "wo_till_test", tmp_path / "spool", tmp_path / "stamps", 0, 5.0, said.append
        )

    agent = Agent(till.address, LOGIN, PASSWORD, date(2026, 1, 1), None)
    till.documents = [document(1)]
    assert once(agent) == 0
    assert once(agent._replace(address="http://127.0.0.1:9")) == 3
    till.documents = [document(2, Items=[], DateTime=datetime.now(UTC).isoformat())]
    assert once(agent) == 1


def test_the_import_reads_the_same(till: GbsServer) -> None:
    """`weboffice import gbs-market` makes the same sales, with a preview of their days."""
    till.documents = [document(number) for number in range(3)]
    till.goods = [tea()]
    address = till.address.replace("http://", f"http://{LOGIN}:{'%D1%82%D0%B0%D0%B9%D0%BD%D0%B0'}@")
    reading = read_address("gbs-market", address, since=date(2026, 1, 1))
    assert len(reading.of_type("sale.registered")) == 3
    assert [count["quantity"] for count in reading.of_type("stock.counted")] == ["5"]
    assert reading.days["2026-03-01"] == {"sales": 1, "revenue": "199.80"}
