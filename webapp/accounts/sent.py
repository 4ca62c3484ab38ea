"""'Look into your mail': the pages after a letter was sent. They say the same whether or not there is an account."""

from __future__ import annotations

from typing import Literal

from webapp.context import Context
from webapp.translation import N_


class LetterSent(Context, frozen=True):
    """`what` was sent a link for."""

    template = "accounts/sent.html"
    title = N_("Look into your mail")

    what: Literal["registration", "reset", "sign_in"]
