"""Each file of data through the command and the running service: the read API's figures are those expected."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.producers.importers.reading import DATA, write
from tests.producers.importers.uploading import upload
from tests.service import Service

_ALWAYS = {"from": "2000-01-01", "to": "2100-01-01"}
_FILES = {
    "receipts": ["receipts.json"],
    "square": ["items.csv"],
    "loyverse": ["receipts-by-item.csv"],
    "goods": ["ostatki-cp1251.csv"],
    "commerceml": ["import.xml", "offers.xml"],
}


class Shop(NamedTuple):
    """An outlet of the service, and how its owner sees it."""

    service: Service
    outlet_id: str
    owner: str

    def bring_in(self, name: str, *paths: Path, expect: int = 0) -> dict[str, Any]:
        arguments = ["import", name, *map(str, paths), "--outlet", self.outlet_id]
        document: dict[str, Any] = self.service.command(*arguments, expect=expect)
        return document

    def get(self, path: str, **parameters: Any) -> Any:
        return self.service.get(f"/api/v1/outlets/{self.outlet_id}{path}", self.owner, **parameters)

    def daily(self) -> dict[str, dict[str, Any]]:
        return {row["day"]: row for row in self.get("/daily", **_ALWAYS)}


def shop(service: Service, name: str, zone: str = "Europe/Moscow") -> Shop:
    account = service.provision(name, zone=zone)
    [outlet] = account["outlets"]
    return Shop(service, outlet["outlet_id"], account["owner_token"])


def expected(name: str) -> Any:
    return json.loads((DATA / name / "expected.json").read_text())


def paths(name: str) -> list[Path]:
    return [DATA / name / file for file in _FILES[name]]


def halves(name: str, folder: Path) -> list[list[Path]]:
    """The files cut into two that overlap, each as whole as an export of a shorter period is."""
    if name == "receipts":
        documents = json.loads(paths(name)[0].read_text())
        pieces = [documents[:9], documents[5:]]
        return [[write(folder / f"{n}.json", json.dumps(piece))] for n, piece in enumerate(pieces)]
    if name == "commerceml":
        offers = paths(name)[1].read_text("utf-8-sig")
        start, end = offers.index("<Предложение>"), offers.rindex("</Предложения>")
        each = [f"<Предложение>{piece}" for piece in offers[start:end].split("<Предложение>")[1:]]
        pieces = [offers[:start] + "".join(part) + offers[end:] for part in (each[:30], each[20:])]
        return [[paths(name)[0], write(folder / f"offers{n}.xml", piece)] for n, piece in enumerate(pieces)]
    heading, *rows = paths(name)[0].read_bytes().splitlines(keepends=True)
    first, second = rows[: len(rows) * 3 // 5], rows[len(rows) * 2 // 5 :]
    return [[write(folder / f"{n}.csv", heading + b"".join(part))] for n, part in enumerate((first, second))]


def figures(of: Shop, name: str) -> Any:
    """What the owner sees."""
    if name in ("goods", "commerceml"):
        return {good["good_id"]: good for good in of.get("/stock", limit=500)["items"]}
    payments: dict[str, dict[str, Decimal]] = {}
    for row in of.get("/payments", **_ALWAYS):
        payments.setdefault(row["day"], {})[row["method"]] = Decimal(row["amount"])
    return of.daily(), payments


def check(of: Shop, name: str) -> None:
    """Raises where the service's figures are not those expected, to the kopeck."""
    want = expected(name)
    match name:
        case "receipts":
            daily, payments = figures(of, name)
            assert daily.keys() == want["days"].keys()
            for day, row in want["days"].items():
                assert (daily[day]["sales"], Decimal(daily[day]["revenue"])) == (row["sales"], Decimal(row["revenue"]))
                assert Decimal(daily[day].get("advances_sum", row["advances"])) == Decimal(row["advances"])
                assert payments[day].pop("cash", Decimal(0)) == Decimal(row["cash"])
                assert sum(payments[day].values(), Decimal(0)) == Decimal(row["other"])
                assert daily[day]["reconciles"]
        case "square":
            daily = of.daily()
            assert {day: (row["sales"], Decimal(row["revenue"])) for day, row in daily.items()} == {
                day: (row["sales"], Decimal(row["net"]) + Decimal(row["tax"])) for day, row in want["days"].items()
            }
        case "loyverse":
            daily = of.daily()
            for day, row in want["receipts-by-item.csv"].items():
                assert {field: daily[day].get(field, value) for field, value in row.items()} == row
        case "goods":
            goods = figures(of, name)
            wanted = want["ostatki-cp1251.csv"]["goods"]
            assert goods.keys() == wanted.keys()
            for id_, fields in wanted.items():
                card = of.get(f"/goods/{id_}")
                assert Decimal(goods[id_]["quantity"]) == Decimal(fields["stock"])
                if fields.get("max_price"):
                    assert Decimal(goods[id_]["max_price"]) == Decimal(fields["max_price"])
                if "barcodes" in fields:
                    assert [card["barcode"], *card["barcodes"]] == fields["barcodes"]
        case "commerceml":
            goods = figures(of, name)
            removed = of.get("/goods/b631c9c1-49de-11e9-80c9-0cc47ab29cd1")
            assert removed["removed"]
            assert len(goods) + 1 == want["offers"]
            stock = sum(Decimal(good["quantity"]) for good in [*goods.values(), removed])
            assert stock == Decimal(want["stock_sum"])


@pytest.mark.parametrize("name", _FILES)
def test_the_figures_are_those_expected(service: Service, name: str) -> None:
    """Each file gives the figures expected; brought in again, nothing is new and nothing changes."""
    bad = 1 if name == "goods" else 0  # one row of it can't be read
    of = shop(service, f"whole {name}", expected(name).get("zone", "Europe/Moscow"))
    first = of.bring_in(name, *paths(name), expect=bad)
    assert (first["equal"], first["known"], len(first["errors"])) == (True, 0, bad)
    assert first["new"] == first["events"] > 0
    assert first["totals"]["service"] == first["totals"]["file"]
    assert first["goods"]["file"] == first["goods"]["service"]
    assert ("stocks" in first["goods"]["file"]) == (name in ("goods", "commerceml"))
    check(of, name)
    before = figures(of, name)
    again = of.bring_in(name, *paths(name), expect=bad)
    assert (again["new"], again["known"], again["equal"]) == (0, first["events"], True)
    assert figures(of, name) == before


@pytest.mark.parametrize("name", _FILES)
def test_overlapping_files_count_once(service: Service, name: str, tmp_path: Path) -> None:
    """Two files that overlap, cut anywhere, in either order and with one of them twice, give the same figures."""
    zone = expected(name).get("zone", "Europe/Moscow")
    cuts = halves(name, tmp_path)
    for order in (cuts, cuts[::-1]):
        of = shop(service, f"{name} {cuts.index(order[0])}", zone)
        for files in (*order, order[0]):
            document = of.bring_in(name, *files, expect=1 if name == "goods" and files is cuts[1] else 0)
            assert document["equal"], document
        check(of, name)


def test_stock_is_compared_in_an_outlet_for_trying(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """A price list of Open Source POS in an outlet that is on no list: name, price and stock are those of the file.
    After a sale its count stands no more, which is told and is no difference."""
    arguments = ("--email", "owner@example.com", "--outlet", "Проба", "--test")
    account = service.command("provision", *arguments)
    [outlet] = account["outlets"]
    monkeypatch.setitem(service.environment, "WEBOFFICE_TOKEN", outlet["till_token"])
    monkeypatch.setitem(service.environment, "WEBOFFICE_OWNER_TOKEN", account["owner_token"])
    file = str(DATA / "goods" / "ospos-items.csv")

    def bring_in() -> Any:
        return service.command("import", "goods", file, "--url", service.url, "--outlet", outlet["outlet_id"])

    first = bring_in()
    assert (first["equal"], first["goods"]["service"]) == (True, {"goods": 1, "stocks": 1})
    of = Shop(service, outlet["outlet_id"], account["owner_token"])
    [good] = of.get("/stock")["items"]
    assert (good["name"], good["max_price"], Decimal(good["quantity"])) == ("Test Item", "15.00", Decimal(7))
    line = {"good_id": good["good_id"], "name": "Test Item", "quantity": "2", "price": "15.00"}
    line["warehouse_id"] = good["warehouses"][0]["warehouse_id"]
    sale = {"type": "sale.registered", "at": "2100-01-01T12:00:00+03:00", "sale_id": "1", "number": "1"}
    upload(service, outlet["till_token"], [sale | {"lines": [line], "payments": [{"method": "cash", "amount": "30"}]}])
    again = bring_in()
    assert (again["new"], again["equal"]) == (0, True)
    assert (again["goods"]["file"]["stocks"], again["goods"]["service"]["stocks"]) == (1, 0)


def test_a_tills_token_reads_nothing(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a till's token the data arrives, in the outlet's zone; what is not compared is said."""
    account = service.provision("by token")
    [outlet] = account["outlets"]
    monkeypatch.setitem(service.environment, "WEBOFFICE_TOKEN", outlet["till_token"])
    document = service.command("import", "receipts", str(paths("receipts")[0]), "--url", service.url)
    assert (document["equal"], document["totals"]["service"]) == (None, None)
    assert "WEBOFFICE_OWNER_TOKEN" in document["not_compared"]
    check(Shop(service, outlet["outlet_id"], account["owner_token"]), "receipts")
    monkeypatch.setitem(service.environment, "WEBOFFICE_OWNER_TOKEN", account["owner_token"])
    again = service.command("import", "receipts", str(paths("receipts")[0]), "--outlet", outlet["outlet_id"])
    assert (again["new"], again["equal"]) == (0, True)


def test_a_dry_run_sends_nothing(service: Service) -> None:
    """It tells what would be done; the outlet stays empty, and has no till more."""
    of = shop(service, "dry")
    document = service.command("import", "receipts", str(paths("receipts")[0]), "--outlet", of.outlet_id, "--dry-run")
    assert (document["new"], document["totals"]["service"]) == (document["events"], None)
    assert of.daily() == {}


def test_a_days_figures_are_compared_beside_other_tills(service: Service) -> None:
    """Where the day holds another till's sales, the file's receipts are looked up one by one, and are equal."""
    account = service.provision("shared day")
    [outlet] = account["outlets"]
    of = Shop(service, outlet["outlet_id"], account["owner_token"])
    sale = {
        "type": "sale.registered",
        "at": "2024-12-23T12:00:00+03:00",
        "sale_id": "own-1",
        "number": "1",
        "lines": [{"good_id": "g", "name": "Чай", "quantity": "1", "price": "100"}],
        "payments": [{"method": "cash", "amount": "100"}],
    }
    upload(service, outlet["till_token"], [sale])
    document = of.bring_in("receipts", *paths("receipts"))
    assert document["equal"], document
    assert of.daily()["2024-12-23"]["sales"] == 3
