"""A client that a program makes of the OpenAPI can send uploads and read every figure."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.roundtrip.shop import Shop, open_shop
from tests.service import Service
from webapp import openapi

PACKAGE = "weboffice_client"
DESCRIPTION = Path(__file__).parents[2] / "docs" / "api" / "openapi.json"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The package that openapi-python-client makes of the description that is checked in; any warning is a failure."""
    folder = tmp_path_factory.mktemp("client")
    # Next to this Python stand the generator, and ruff, which it formats with. It reads a file: no network is used.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    made = subprocess.run(
        ["openapi-python-client", "generate", "--fail-on-warning", "--path", str(DESCRIPTION)],
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    [project] = folder.iterdir()
    assert (project / PACKAGE).is_dir()
    sys.path.insert(0, str(project))
    yield project
    sys.path.remove(str(project))
    for name in [name for name in sys.modules if name.split(".")[0] == PACKAGE]:
        del sys.modules[name]


def test_it_sends_and_reads(service: Service, client: Path) -> None:
    """One upload of every kind of event, then every call: the models hold what was sent."""
    with open_shop(service) as shop:
        run = uuid.uuid4()
        checked = call("uploads", "send_upload", shop.till_token, shop, body=upload(run), check=1)
        assert (checked.valid, checked.errors) == (9, [])
        accepted = call("uploads", "send_upload", shop.till_token, shop, body=upload(run))
        assert (accepted.accepted, accepted.next_seq) == (9, 10)
        shop.wait_until_applied(str(run), 9)
        state = call("uploads", "get_run_state", shop.till_token, shop, run=run)
        assert (state.applied_through, state.missing) == (9, [])

        def read(operation: str, **parameters: Any) -> Any:
            return call("figures", operation, shop.owner_token, shop, **parameters)

        outlet_id = uuid.UUID(shop.outlet)
        [outlet] = read("list_outlets")
        assert (outlet.outlet_id, outlet.goods, outlet.sales) == (outlet_id, 1, 1)
        of_outlet = {"outlet_id": outlet_id}
        [first, second] = read("list_days", **of_outlet)
        assert (first.revenue, second.returns_sum) == ("20.00", "10.00")
        assert {(row.method, row.amount) for row in read("list_payments", **of_outlet)} == {
            ("cash", "20.00"),
            ("card", "-10.00"),
        }
        [stocked] = read("list_stock", **of_outlet, query="чай").items
        assert (stocked.good_id, stocked.quantity) == ("g/1", "13")
        [listed] = read("list_sales", **of_outlet, limit=1).items
        assert (listed.sale_id, listed.at) == ("s/1", datetime.fromisoformat("2026-11-24T10:00:00+03:00"))
        sale = read("get_sale", **of_outlet, sale_id="s/1")
        assert (sale.total, sale.lines[0].name, sale.returns[0].amount) == ("20.00", "Чай", "10.00")
        good = read("get_good", **of_outlet, good_id="g/1")
        assert (good.extra[0].name, good.extra[0].value) == ("Сорт", "1")
        [contact] = read("list_contacts", **of_outlet).items
        assert (contact.name, contact.debt) == ("Пример О.О.", "-1.00")


@pytest.mark.usefixtures("programs")
def test_it_has_every_call(client: Path) -> None:
    """Each operation of the description is a module of the client, under its tag."""
    operations = {
        (operation["tags"][0], operation["operationId"])
        for path in openapi.document()["paths"].values()
        for operation in path.values()
    }
    assert len(operations) >= 10
    for tag, operation in operations:
        assert hasattr(importlib.import_module(f"{PACKAGE}.api.{tag}.{operation}"), "sync_detailed")


def test_a_refusal_is_a_model_too(service: Service, client: Path) -> None:
    """A token of nobody is 401 with a word and a sentence."""
    with open_shop(service) as shop:
        refusal = call("figures", "list_outlets", "wo_owner_nobody", shop, status=401)
    assert (refusal.error, bool(refusal.detail)) == ("unauthorized", True)


def call(tag: str, operation: str, token: str, shop: Shop, *, status: int = 0, **parameters: Any) -> Any:
    """What an operation of the client answers with."""
    module = importlib.import_module(f"{PACKAGE}.api.{tag}.{operation}")
    with importlib.import_module(PACKAGE).AuthenticatedClient(base_url=shop.service.url, token=token) as client:
        answer = module.sync_detailed(client=client, **parameters)
    assert answer.status_code == status or (not status and answer.status_code in (200, 202)), answer
    return answer.parsed


def upload(run: uuid.UUID) -> Any:
    """An upload built of the client's own models."""
    models = importlib.import_module(f"{PACKAGE}.models")
    at = datetime.fromisoformat("2026-11-24T10:00:00+03:00")
    later = at.replace(day=25)

    def event(model: str, when: datetime, tag: str, **fields: Any) -> Any:
        return getattr(models, model)(type_=getattr(models, f"{model}Type")(tag), at=when, **fields)

    line = models.TillLine(good_id="g/1", name="Чай", quantity="2", price="10")
    paid = models.TillPayment(method=models.TillPaymentMethod.CASH, amount="20.00")
    back = models.TillReturnLine(good_id="g/1", quantity="1", amount="10.00")
    refund = models.TillRefund(method=models.TillRefundMethod.CARD, amount="10.00")
    extra = models.TillExtraField(name="Сорт", value="1")
    moved = {"move_id": "m1", "good_id": "g/1", "warehouse_id": "main", "quantity": "4"}
    figures = {"purchases_total": "1", "debt": "-1", "points": "0"}
    return models.TillUpload(
        run=run,
        first_seq=1,
        events=[
            event("TillWarehouseSaved", at, "warehouse.saved", warehouse_id="main", name="Зал"),
            event(
                "TillGoodSaved", at, "good.saved", good_id="g/1", name="Чай", category="", max_price="10", extra=[extra]
            ),
            event("TillStockCounted", at, "stock.counted", good_id="g/1", warehouse_id="main", quantity="10"),
            event("TillStockMoved", at, "stock.moved", reason=models.TillStockMovedReason.RECEIPT, **moved),
            event(
                "TillSaleRegistered", at, "sale.registered", sale_id="s/1", number="1", lines=[line], payments=[paid]
            ),
            event(
                "TillSaleReturned", later, "sale.returned", return_id="r", sale_id="s/1", lines=[back], refunds=[refund]
            ),
            event(
                "TillContactSaved", later, "contact.saved", contact_id="c", name="Пример Образец Образцович", **figures
            ),
            event("TillContactRemoved", later, "contact.removed", contact_id="none"),
            event("TillGoodRemoved", later, "good.removed", good_id="none"),
        ],
    )
