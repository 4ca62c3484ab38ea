"""Random events of a shop, each as a till sends it and as it must stand in the log, names planted to be found again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, get_args

from msgspec import Struct

from schemas.events import Event, Method, MoveReason
from tests.schemas.strategies import event_of

_SURNAMES = "Примерова Тестова Образцова Вымышленная Условная".split()
_NAMES = "Анна Мария Ольга Вера Нина".split()
_PATRONYMICS = "Примеровна Тестовна Образцовна Условновна Мысленновна".split()
PLANTED = [*_NAMES, *_PATRONYMICS, "example.invalid", "+7 900 000"]
"""What may stand nowhere behind the intake."""
_METHODS, _REASONS = get_args(Method), get_args(MoveReason)
_START = datetime(2026, 3, 2, 6, tzinfo=UTC)


class Receipt(Struct, frozen=True):
    """`sent` is what the till puts on the wire, `kept` what the log must hold for it."""

    sent: dict[str, Any]
    kept: Event


def receipt(chance: Random, own: str, years_off: int = 0) -> Receipt:
    """One event. `own` begins the ids of documents made here; goods, contacts and warehouses are shared and few."""
    kind = chance.choices(list(_MAKERS), [weight for _, weight in _MAKERS.values()])[0]
    at = _START + timedelta(minutes=chance.randrange(5 * 24 * 60), days=round(365.25 * years_off))
    plain = {"type": kind, "at": at.isoformat(), **_MAKERS[kind][0](chance, own)}
    full, short, private = plain.pop("full", None), plain.pop("short", None), plain.pop("private", {})
    field = "name" if kind == "contact.saved" else "cashier"
    kept = event_of({**plain, field: short} if short else plain)
    return Receipt({**plain, **({field: full} if full else {}), **private}, kept)


def _person(chance: Random) -> dict[str, Any]:
    surname, name, patronymic = chance.choice(_SURNAMES), chance.choice(_NAMES), chance.choice(_PATRONYMICS)
    return {"full": f"{surname} {name} {patronymic}", "short": f"{surname} {name[0]}.{patronymic[0]}."}


def _sale(chance: Random, own: str) -> dict[str, Any]:
    lines = [
        {
            "good_id": _good(chance),
            "name": "Чай",
            "quantity": f"{chance.randrange(1, 5000) / 1000:.3f}",
            "price": _money(chance),
            "discount": f"{chance.randrange(100) / 100:.2f}",
            "warehouse_id": chance.choice([None, "main", "w2"]),
        }
        for _ in range(chance.randrange(1, 4))
    ]
    payments = [{"method": chance.choice(_METHODS), "amount": _money(chance)} for _ in range(chance.randrange(1, 3))]
    sale = {"sale_id": _document(chance, own), "number": str(chance.randrange(1000)), "lines": lines}
    return {**sale, "payments": payments, "change": "1.00", **_person(chance)}


def _return(chance: Random, own: str) -> dict[str, Any]:
    line = {"good_id": _good(chance), "quantity": "1", "amount": _money(chance)}
    refund = {"method": chance.choice(_METHODS), "amount": _money(chance)}
    return {
        "return_id": _document(chance, own),
        "sale_id": _document(chance, own),
        "lines": [line],
        "refunds": [refund],
    }


def _saved_good(chance: Random, own: str) -> dict[str, Any]:
    return {"good_id": _good(chance), "name": "Чай", "category": chance.choice("аб"), "max_price": _money(chance)}


def _removed_good(chance: Random, own: str) -> dict[str, Any]:
    return {"good_id": _good(chance)}


def _count(chance: Random, own: str) -> dict[str, Any]:
    return {"good_id": _good(chance), "warehouse_id": "main", "quantity": str(chance.randrange(-5, 50))}


def _move(chance: Random, own: str) -> dict[str, Any]:
    moved = {"move_id": _document(chance, own), "reason": chance.choice(_REASONS)}
    return {**moved, **_count(chance, own)}


def _warehouse(chance: Random, own: str) -> dict[str, Any]:
    return {"warehouse_id": chance.choice(["main", "w2"]), "name": chance.choice(["Зал", "Склад"])}


def _contact(chance: Random, own: str) -> dict[str, Any]:
    number = chance.randrange(10**6)
    private = {"email": f"nobody{number}@example.invalid", "phone": f"+7 900 000-{number % 100:02}-00"}
    figures = {"purchases_total": _money(chance), "debt": f"-{_money(chance)}", "points": _money(chance)}
    return {"contact_id": f"c{chance.randrange(6)}", **figures, **_person(chance), "private": private}


def _removed_contact(chance: Random, own: str) -> dict[str, Any]:
    return {"contact_id": f"c{chance.randrange(6)}"}


def _withdrawn(chance: Random, own: str) -> dict[str, Any]:
    return {"reason": "проба"}


_MAKERS = {
    "sale.registered": (_sale, 10),
    "sale.returned": (_return, 2),
    "good.saved": (_saved_good, 2),
    "good.removed": (_removed_good, 1),
    "stock.counted": (_count, 1),
    "stock.moved": (_move, 2),
    "warehouse.saved": (_warehouse, 1),
    "contact.saved": (_contact, 2),
    "contact.removed": (_removed_contact, 1),
    "event.withdrawn": (_withdrawn, 1),
}


def _good(chance: Random) -> str:
    return f"g{chance.randrange(8)}"


def _document(chance: Random, own: str) -> str:
    """Mostly a new one; now and then one that may have been before, and replaces it."""
    return f"{own}-{chance.randrange(10**9) if chance.random() < 0.9 else chance.randrange(5)}"


def _money(chance: Random) -> str:
    return f"{chance.randrange(100_000) / 100:.2f}"
