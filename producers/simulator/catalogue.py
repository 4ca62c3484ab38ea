"""The goods and customers of a simulated shop, made from a seed. Money in kopecks, quantities in thousandths."""

from __future__ import annotations

from random import Random
from typing import Any

from msgspec import Struct

from producers.simulator.kinds import Kind

# Obviously nobody: words for tests and examples in the forms of Russian names.
_SURNAMES = "Тестов Примеров Образцов Пробнов Черновиков Макетов Условнов Болванкин".split()
_MEN, _WOMEN = "Пётр Иван Олег Егор".split(), "Анна Мария Ольга Вера".split()
_FATHERS = "Пример Образц Тестов Макет".split()


class Good(Struct):
    """A good; `price` changes over time, `stock` is what its warehouses hold."""

    good_id: str
    name: str
    category: str
    price: int
    by_weight: bool
    barcode: str
    barcodes: list[str]
    extra: list[dict[str, str]]
    stock: dict[str, int]


class Customer(Struct):
    """A known customer; sums in kopecks."""

    contact_id: str
    name: str
    purchases: int = 0
    debt: int = 0
    points: int = 0


def ean13(digits: str) -> str:
    """The barcode of twelve digits, with its check digit."""
    weighed = sum(int(digit) * (3 if position % 2 else 1) for position, digit in enumerate(digits))
    return f"{digits}{-weighed % 10}"


def goods_of(kind: Kind, warehouses: list[str], random: Random) -> list[Good]:
    """The goods that a shop of this kind begins with; its stocks are still empty."""
    goods: list[Good] = []
    for category in kind.categories:
        for noun in category.nouns:
            for variant in category.variants:
                number = len(goods) + 1
                barcodes = [ean13(f"200{random.randrange(10**9):09d}") for _ in range(random.choice([0, 0, 0, 1, 2]))]
                chosen = random.sample(sorted(kind.extra), random.randint(0, len(kind.extra)))
                goods.append(
                    Good(
                        good_id=f"g{number:05d}",
                        name=f"{noun} {variant}",
                        category=category.name,
                        price=random.randint(category.low, category.high) * 100 - random.choice([0, 0, 1, 10]),
                        by_weight=category.by_weight,
                        barcode=ean13(f"460{random.randrange(10**9):09d}"),
                        barcodes=barcodes,
                        extra=[{"name": name, "value": random.choice(kind.extra[name])} for name in chosen],
                        stock=dict.fromkeys(warehouses, 0),
                    )
                )
    return goods


def person(random: Random) -> str:
    """A full name that nobody bears, such as «Тестов Пётр Примерович»."""
    woman = random.random() < 0.5
    given = random.choice(_WOMEN if woman else _MEN)
    surname = random.choice(_SURNAMES) + ("а" if woman else "")
    return f"{surname} {given} {random.choice(_FATHERS)}{'овна' if woman else 'ович'}"


def money(kopecks: int) -> str:
    """Kopecks as the contract's decimal string."""
    sign = "-" if kopecks < 0 else ""
    return f"{sign}{abs(kopecks) // 100}.{abs(kopecks) % 100:02d}"


def quantity(thousandths: int) -> str:
    """Thousandths as the contract's decimal string, without idle zeros."""
    sign = "-" if thousandths < 0 else ""
    whole, part = divmod(abs(thousandths), 1000)
    return f"{sign}{whole}.{part:03d}".rstrip("0").rstrip(".")


def good_saved(good: Good, at: str) -> dict[str, Any]:
    """The event that enters or changes a good."""
    return {
        "type": "good.saved",
        "at": at,
        "good_id": good.good_id,
        "name": good.name,
        "category": good.category,
        "max_price": money(good.price),
        "barcode": good.barcode,
        "barcodes": good.barcodes,
        "extra": good.extra,
        "article": good.good_id.upper(),
        "unit": "кг" if good.by_weight else "шт",
        "cost": money(good.price * 68 // 100),
        "min_stock": "5",
    }


def contact_saved(customer: Customer, at: str) -> dict[str, Any]:
    """The event that enters or changes a customer."""
    return {
        "type": "contact.saved",
        "at": at,
        "contact_id": customer.contact_id,
        "name": customer.name,
        "purchases_total": money(customer.purchases),
        "debt": money(customer.debt),
        "points": money(customer.points),
    }
