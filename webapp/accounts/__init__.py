"""Accounts: registration, sign-in, passwords, sessions and the owner's own settings. Here: what their forms send."""

from __future__ import annotations

from starlette.routing import BaseRoute

from webapp.accounts import (
    alarm,
    choices,
    code,
    credentials,
    deletion,
    not_me,
    protection,
    recovery,
    registration,
    sign_in,
    support,
    tokens,
    viewing,
)
from webapp.routes import form

routes: list[BaseRoute] = [
    form("/sign-up", registration.register, "anybody"),
    form("/confirm/{secret}", registration.confirm, "anybody"),
    form("/sign-in", sign_in.sign_in, "anybody"),
    form("/sign-in/link", sign_in.send_link, "anybody"),
    form("/sign-in/code", code.sign_in_by_code, "anybody"),
    form("/sign-in/{secret}", sign_in.use_link, "anybody"),
    form("/sign-out", sign_in.sign_out, "anybody"),
    form("/forgotten", recovery.send_link, "anybody"),
    form("/reset/{secret}", recovery.set_new_password, "anybody"),
    form("/support", support.send, "own"),
    form("/locale", choices.choose_locale, "anybody"),
    form("/theme", choices.choose_theme, "anybody"),
    form("/account/password", credentials.change_password, "own", factor=True),
    form("/account/email", credentials.change_email, "own", factor=True),
    form("/change-email/{secret}", credentials.use_email_link, "own"),
    form("/account/sessions/end-others", credentials.end_other_sessions, "own"),
    form("/account/sessions/{session_id:uuid}/end", credentials.end_session, "own"),
    form("/view-account", viewing.view_account, "own"),
    form("/step-up", code.step_up, "own"),
    form("/account/second-factor", protection.begin, "own"),
    form("/account/second-factor/confirm", protection.confirm, "own"),
    form("/account/second-factor/codes", protection.new_codes, "own", factor=True),
    form("/account/second-factor/off", protection.turn_off, "own", factor=True),
    form("/not-me/{secret}", not_me.end_everything, "anybody"),
    form("/account/delete", deletion.ask, "settings", factor=True),
    form("/account/delete/keep", deletion.keep, "settings"),
    form("/account/alarm", alarm.change, "settings"),
    form("/account/tokens", tokens.create, "tokens"),
    form("/account/tokens/{token_id:uuid}/revoke", tokens.revoke, "tokens"),
]
