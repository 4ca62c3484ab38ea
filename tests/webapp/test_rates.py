"""How often one may ask, and how much one account may have."""

from __future__ import annotations

import pytest

from ops.provisioning import provision
from tests.webapp.licences.seller import set_seller
from tests.webapp.visitor import Visitor
from webapp import bounds
from webapp.rates import Rate
from webapp.readapi import access


def test_a_rate_fills_again() -> None:
    """After a burst one goes on at the average; another is not held up, and who was forgotten starts anew."""
    rate = Rate(per_second=2, burst=3, size=2)
    assert [rate.wait_seconds("a", 0.0) for _ in range(5)] == [0, 0, 0, 1, 1]
    assert rate.wait_seconds("b", 0.0) == 0
    assert rate.wait_seconds("a", 0.5) == 0
    assert rate.wait_seconds("a", 0.5) == 1
    assert [rate.wait_seconds("a", 100.0) for _ in range(4)] == [0, 0, 0, 1]
    for who in ("c", "d"):
        rate.wait_seconds(who, 100.0)
    assert rate.wait_seconds("a", 100.0) == 0


@pytest.mark.asvs("V2.4.1", "calls are not counted")
async def test_calls_of_an_account_have_a_rate(
    visitor: Visitor, postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More calls than the rate are 429 with a time to wait, for all tokens of the account together."""
    monkeypatch.setattr(access, "_rate", Rate(per_second=0.1, burst=3))
    tokens = [provision(postgres, "owner@shop.example", ["Чайная"])["owner_token"] for _ in range(2)]
    answers = [
        await visitor.get("/api/v1/outlets", authorization=f"Bearer {tokens[number % 2]}") for number in range(5)
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert answers[-1].json()["error"] == "too_many_calls"
    assert int(answers[-1].headers["retry-after"]) > 0
    other = provision(postgres, "other@shop.example", ["Кофейня"])["owner_token"]
    assert (await visitor.get("/api/v1/outlets", authorization=f"Bearer {other}")).status_code == 200


@pytest.mark.asvs("V2.3.2", "`check_room` lets everything pass")
async def test_an_account_has_bounds(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    """One more outlet, till, token or invoice than there may be is refused; what is removed makes room."""
    await visitor.join()
    monkeypatch.setattr(bounds, "MOST", {"outlets": 2, "tills": 2, "till_tokens": 2, "open_invoices": 2})
    shop = {"zone": "Europe/Moscow", "currency": "RUB"}
    statuses = [(await visitor.post("/first-steps", None, name=f"Чайная {n}", **shop)).status_code for n in range(3)]
    assert statuses == [303, 303, 429]
    [(outlet, till)] = visitor.sql("SELECT outlet_id, till_id FROM app.tills LIMIT 1")
    assert [(await visitor.post(f"/outlets/{outlet}/tills")).status_code for _ in range(2)] == [303, 429]
    renewals = [(await visitor.post(f"/outlets/{outlet}/tills/{till}/tokens")).status_code for _ in range(2)]
    assert renewals == [303, 429]
    assert (await visitor.post(f"/outlets/{outlet}/tills/{till}/tokens", revoke="1")).status_code == 303
    set_seller(visitor)
    statuses = [(await visitor.post("/licences/invoices", outlet=outlet, months=1)).status_code for _ in range(3)]
    assert statuses == [303, 303, 429]
