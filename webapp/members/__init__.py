"""Whom an owner lets look at his account: members with their roles, invitations. Here: what is no page of them."""

from __future__ import annotations

from starlette.routing import BaseRoute

from webapp.members import changes, factor, invitation, invite
from webapp.routes import form

routes: list[BaseRoute] = [
    form("/members/invitations", invite.invite, "members"),
    form("/members/invitations/{invitation_id:uuid}/withdraw", invite.withdraw, "members"),
    form("/members/second-factor", factor.require, "members"),
    form("/members/{member_id:uuid}", changes.change, "members"),
    form("/members/{member_id:uuid}/remove", changes.remove, "members"),
    form("/invitations/{secret}", invitation.accept, "anybody"),
]
