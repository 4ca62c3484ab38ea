"""Outlets, their tills and tokens, as their owner sets them up."""

from __future__ import annotations

from starlette.routing import BaseRoute, Route

from webapp.outlets import changes, first_steps, ledger, pages, tills

_ONE = "/outlets/{outlet_id:uuid}"
_TILL = _ONE + "/tills/{till_id:uuid}"

routes: list[BaseRoute] = [
    Route("/first-steps", first_steps.page),
    Route("/first-steps", first_steps.add_outlet, methods=["POST"]),
    Route("/outlets", pages.outlet_list),
    Route(_ONE, pages.outlet_page),
    Route(_ONE, changes.change, methods=["POST"]),
    Route(_ONE + "/ledger", ledger.page),
    Route(_ONE + "/waiting", first_steps.waiting),
    Route(_ONE + "/arrival", first_steps.arrival),
    Route(_ONE + "/sample.jsonl", first_steps.sample_file),
    Route(_ONE + "/disable", changes.disable, methods=["POST"]),
    Route(_ONE + "/enable", changes.enable, methods=["POST"]),
    Route(_ONE + "/remove", changes.remove, methods=["POST"]),
    Route(_ONE + "/gaps", changes.give_up_gap, methods=["POST"]),
    Route(_ONE + "/tills", tills.add, methods=["POST"]),
    Route(_TILL, tills.rename, methods=["POST"]),
    Route(_TILL + "/remove", tills.remove, methods=["POST"]),
    Route(_TILL + "/tokens", tills.new_token, methods=["POST"]),
    Route(_ONE + "/tokens/{token_id:uuid}/revoke", tills.revoke_token, methods=["POST"]),
]
