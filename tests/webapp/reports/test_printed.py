"""What goes on paper: all rows up to a bound, and where there are more, that there are."""

from __future__ import annotations

import html
import re

from tests.webapp.reports.office import Office
from tests.webapp.visitor import Visitor

_NOTE = "Список продолжается после этих строк"


async def test_a_list_is_printed_whole(owner: Visitor, office: Office) -> None:
    """A page of a long list says on paper that it goes on, and leads to one with 500 rows; that one has all receipts of
    the shop and says nothing of more."""
    page = (await owner.get("/sales?range=all&kind=all")).text
    assert f'<p class="print-only">{_NOTE}' in page
    [link] = re.findall(r'href="([^"]+)">Для печати: до 500 строк<', page)
    whole = (await owner.get(html.unescape(link))).text
    receipts = [f"{receipt.total:.2f}" for receipt in office.receipts]
    assert len(re.findall(r'class="row-link"', whole)) == len(receipts) > 300
    assert _NOTE not in whole
    assert "Для печати" not in whole
