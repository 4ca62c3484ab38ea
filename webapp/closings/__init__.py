"""Months that owners close: figures, certificates and ledger as signed files. Here: what is no page of them."""

from __future__ import annotations

from starlette.routing import BaseRoute

from webapp.closings import card, changes, sending
from webapp.routes import ActionRoute, form

_ONE = "/closings/{closing_id:uuid}"

routes: list[BaseRoute] = [
    form("/closings", changes.close, "close"),
    ActionRoute("/closings/package.zip", sending.download, "export"),
    form("/closings/package", sending.send, "export"),
    form(_ONE + "/reopen", changes.reopen, "close"),
    ActionRoute(_ONE + "/closing.json", card.json_file, "export"),
    ActionRoute(_ONE + "/closing.pdf", card.pdf_file, "export"),
    ActionRoute("/closing-key.pem", card.key_file, "figures"),
]
