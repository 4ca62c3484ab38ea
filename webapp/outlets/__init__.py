"""Outlets, their tills and tokens, as their owner sets them up. Here: what is no page of them."""

from __future__ import annotations

from starlette.routing import BaseRoute, Route

from webapp.outlets import changes, first_steps, till_token, tills, waiting

_ONE = "/outlets/{outlet_id:uuid}"
_TILL = _ONE + "/tills/{till_id:uuid}"

routes: list[BaseRoute] = [
    Route("/first-steps", first_steps.add_outlet, methods=["POST"]),
    Route(_ONE, changes.change, methods=["POST"]),
    Route(_ONE + "/arrival", waiting.arrival),
    Route(_ONE + "/sample.jsonl", till_token.sample_file),
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
