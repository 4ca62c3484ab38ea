"""Who sells licences in the tests."""

from __future__ import annotations

from tests.webapp.visitor import Visitor


def set_seller(visitor: Visitor, vat: str | None = None) -> None:
    """As `weboffice licence seller` does."""
    visitor.sql(
        "UPDATE app.seller SET name = 'ООО «Пример»', inn = '7700000009', kpp = '770001001', bank = 'Банк «Пример»',"
        " bik = '044500000', account = '40702810000000000000', vat_percent = %s",
        vat,
    )
