"""What owners are told without asking, as the portal shows and tunes it. Here: what is no page of it."""

from __future__ import annotations

from starlette.routing import BaseRoute

from webapp.notices import notices, push, rules, telegram
from webapp.routes import form

routes: list[BaseRoute] = [
    form("/notices", notices.choose, "hear"),
    form("/notices/telegram/code", telegram.make_code, "hear"),
    form("/notices/telegram/confirm", telegram.confirm, "hear", factor=True),
    form("/notices/telegram/unlink", telegram.unlink, "hear"),
    form("/notices/push", push.subscribe, "hear"),
    form("/notices/push/off", push.unsubscribe, "hear"),
    form("/outlets/{outlet_id:uuid}/notices", rules.change, "outlets"),
]
