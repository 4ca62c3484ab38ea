"""Accounts: registration, sign-in, passwords, sessions and the owner's own settings. Here: what their forms send."""

from __future__ import annotations

from starlette.routing import BaseRoute, Route

from webapp.accounts import choices, credentials, recovery, registration, sign_in, tokens

routes: list[BaseRoute] = [
    Route("/sign-up", registration.register, methods=["POST"]),
    Route("/confirm/{secret}", registration.confirm, methods=["POST"]),
    Route("/sign-in", sign_in.sign_in, methods=["POST"]),
    Route("/sign-in/link", sign_in.send_link, methods=["POST"]),
    Route("/sign-in/{secret}", sign_in.use_link, methods=["POST"]),
    Route("/sign-out", sign_in.sign_out, methods=["POST"]),
    Route("/forgotten", recovery.send_link, methods=["POST"]),
    Route("/reset/{secret}", recovery.set_new_password, methods=["POST"]),
    Route("/locale", choices.choose_locale, methods=["POST"]),
    Route("/theme", choices.choose_theme, methods=["POST"]),
    Route("/account/password", credentials.change_password, methods=["POST"]),
    Route("/account/email", credentials.change_email, methods=["POST"]),
    Route("/change-email/{secret}", credentials.use_email_link, methods=["POST"]),
    Route("/account/sessions/end-others", credentials.end_other_sessions, methods=["POST"]),
    Route("/account/sessions/{session_id:uuid}/end", credentials.end_session, methods=["POST"]),
    Route("/account/tokens", tokens.create, methods=["POST"]),
    Route("/account/tokens/{token_id:uuid}/revoke", tokens.revoke, methods=["POST"]),
]
