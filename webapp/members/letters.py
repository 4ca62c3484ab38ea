"""The letters of invitations; plain text, so nothing in them is fetched by itself."""

from __future__ import annotations

from webapp.mail import Letter
from webapp.roles import MEANINGS, ROLES, InvitedRole
from webapp.translation import translations


def invitation(locale: str, owner: str, role: InvitedRole, link: str) -> Letter:
    _ = translations(locale).gettext
    return Letter(
        _("You are invited to look at an account of Web office"),
        _(
            "%(owner)s invites you to look at the figures of his outlets in Web office.\n\n"
            "Your role: %(role)s (%(meaning)s).\n\n"
            "To accept, open this link within a week; it works once:\n%(link)s\n\n"
            "If you do not know who that is, do nothing.\n"
        )
        % {"owner": owner, "role": _(ROLES[role]).lower(), "meaning": _(MEANINGS[role]), "link": link},
    )


def accepted(locale: str, email: str, members: str) -> Letter:
    _ = translations(locale).gettext
    return Letter(
        _("Your invitation was accepted"),
        _(
            "%(email)s has accepted your invitation and sees the figures of your outlets now.\n\n"
            "Who may see what: %(members)s\n"
        )
        % {"email": email, "members": members},
    )
