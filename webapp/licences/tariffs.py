"""The public price list."""

from __future__ import annotations

from webapp.context import Context
from webapp.licences import invoices
from webapp.licences.invoices import Price
from webapp.page import ANYBODY, Page, Visit
from webapp.site import site_of
from webapp.translation import N_


class Tariffs(Context, frozen=True):
    template = "licences/tariffs.html"
    title = N_("Prices")

    prices: list[Price]


async def tariffs(visit: Visit) -> Tariffs:
    """The price list, for anybody."""
    async with site_of(visit.request).database.writing() as connection:
        return Tariffs(prices=await invoices.prices(connection))


PAGE = Page(path="/tariffs", action="anybody", gate=ANYBODY, load=tariffs)
