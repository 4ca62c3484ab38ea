"""Outlets, their tills and tokens, as their owner sets them up. Here: what is no page of them."""

from __future__ import annotations

from starlette.routing import BaseRoute

from webapp.outlets import changes, first_steps, imports, outlets, refusals, till_token, tills, waiting
from webapp.routes import ActionRoute, form

_ONE = "/outlets/{outlet_id:uuid}"
_IMPORT = _ONE + "/import/{import_id:uuid}"
_TILL = _ONE + "/tills/{till_id:uuid}"

routes: list[BaseRoute] = [
    form("/first-steps", first_steps.add_outlet, "add_outlet"),
    form("/outlets/groups", outlets.change_groups, "outlets"),
    form(_ONE, changes.change, "outlets"),
    ActionRoute(_ONE + "/arrival", waiting.arrival, "outlets"),
    ActionRoute(_ONE + "/sample.jsonl", till_token.sample_file, "outlets"),
    form(_ONE + "/disable", changes.disable, "outlets"),
    form(_ONE + "/enable", changes.enable, "outlets"),
    form(_ONE + "/remove", changes.remove, "remove"),
    form(_ONE + "/gaps", changes.give_up_gap, "outlets"),
    form(_ONE + "/refusals/seen", refusals.take_note, "outlets"),
    form(_ONE + "/import", imports.hand_in, "outlets"),
    form(_IMPORT + "/answer", imports.answer, "outlets"),
    form(_IMPORT + "/confirm", imports.confirm, "outlets"),
    form(_IMPORT + "/remove", imports.remove, "outlets"),
    ActionRoute(_IMPORT + "/errors.csv", imports.errors, "outlets"),
    form(_ONE + "/tills", tills.add, "outlets"),
    form(_TILL, tills.rename, "outlets"),
    form(_TILL + "/remove", tills.remove, "remove"),
    form(_TILL + "/tokens", tills.new_token, "outlets"),
    form(_ONE + "/tokens/{token_id:uuid}/revoke", tills.revoke_token, "outlets"),
]
