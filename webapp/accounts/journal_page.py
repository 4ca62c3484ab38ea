"""Журнал: what was done with the account, for its owner."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from schemas.statements import load
from webapp.context import Context
from webapp.lists import Heading, Listed, Listing
from webapp.menu import Entry as MenuEntry
from webapp.page import OWNER, Page, Visit
from webapp.roles import ROLES
from webapp.session import required
from webapp.site import site_of
from webapp.translation import N_, locale_of, translations

_sql = load("webapp.accounts", "journal.sql")

ACTIONS = {
    "signed_in": N_("Signed in"),
    "new_device": N_("Signed in on a new device"),
    "sign_in_failed": N_("A wrong password"),
    "locked_out": N_("Too many attempts, refused"),
    "signed_out": N_("Signed out"),
    "sessions_ended": N_("Signed out elsewhere"),
    "password_changed": N_("New password"),
    "password_reset": N_("New password by a letter"),
    "email_changed": N_("New e-mail address"),
    "telegram_linked": N_("A Telegram chat hears of the account"),
    "telegram_unlinked": N_("A Telegram chat hears no more"),
    "push_on": N_("A device shows messages"),
    "push_off": N_("A device shows messages no more"),
    "owner_token_made": N_("Token for programs made"),
    "owner_token_revoked": N_("Token for programs revoked"),
    "till_token_made": N_("Till's token made"),
    "till_token_revoked": N_("Till's token revoked"),
    "till_added": N_("Till added"),
    "till_removed": N_("Till removed"),
    "outlet_added": N_("Outlet added"),
    "outlet_removed": N_("Outlet removed"),
    "outlet_disabled": N_("Outlet disabled"),
    "outlet_enabled": N_("Outlet enabled"),
    "outlet_changed": N_("Outlet changed"),
    "invoice_made": N_("Invoice made"),
    "invoice_paid": N_("Invoice paid"),
    "invoice_cancelled": N_("Invoice cancelled"),
    "licence_changed": N_("Licence until another day"),
    "account_disabled": N_("Account closed"),
    "account_enabled": N_("Account opened again"),
    "month_closed": N_("Month closed"),
    "month_reopened": N_("Closed month opened again"),
    "exported": N_("List downloaded"),
    "second_factor_on": N_("Second factor turned on"),
    "second_factor_off": N_("Second factor turned off"),
    "second_factor_reset": N_("Second factor taken away"),
    "recovery_codes_made": N_("New recovery codes"),
    "recovery_code_used": N_("A recovery code used"),
    "code_failed": N_("A wrong code of the second factor"),
    "not_me": N_("“It was not me”: everything ended"),
    "factor_needed": N_("A second factor asked of members"),
    "factor_not_needed": N_("A second factor no longer asked of members"),
    "deletion_asked": N_("Deletion of the account asked for"),
    "deletion_taken_back": N_("Deletion of the account taken back"),
    "member_invited": N_("Member invited"),
    "invitation_withdrawn": N_("Invitation withdrawn"),
    "member_joined": N_("Member accepted the invitation"),
    "member_changed": N_("Member's rights changed"),
    "alarm_changed": N_("Receipts that do not add up are an alarm from"),
    "member_removed": N_("Member removed"),
    "refused": N_("A member asked for what he may not see or do, refused"),
    "foreign_refused": N_("Something of another account asked for, refused"),
}
"""What is noted, and how it is told."""


class Entry(Struct, frozen=True):
    """What was done: `outlet` is the name of the outlet concerned, `address` a network address without its end, `by`
    the member who did it, None for the owner."""

    entry_id: int
    at: datetime
    action: str
    subject: str
    outlet: str | None
    address: str
    device: str
    by_operator: bool
    by: str | None

    @property
    def words(self) -> str:
        """A text of the catalogues."""
        return ACTIONS.get(self.action, self.action)

    @property
    def about(self) -> str:
        """The subject without a member's role behind it."""
        return self.subject.partition(": ")[0] if self.role else self.subject

    @property
    def role(self) -> str:
        """The role that a member was given, a text of the catalogues; "" where it is about something else."""
        if not self.action.startswith("member_"):
            return ""
        return next((words for role, words in ROLES.items() if self.subject.endswith(f": {role}")), "")


_LIST = Listing(
    Entry,
    _sql["entries"],
    Heading("at", N_("Date and time"), "moment"),
    Heading("what", N_("What")),
    Heading("outlet", N_("Outlet")),
    Heading("whence", N_("From where")),
    key=("place",),
    order="-at",
    ties_along=True,
)


class Journal(Context, frozen=True):
    template = "accounts/journal.html"
    title = N_("Journal")

    entries: list[Entry]
    listed: Listed
    parameters: dict[str, str]
    zone: str


async def journal(visit: Visit) -> Journal:
    """The newest first, unless asked otherwise."""
    request, session = visit.request, required(visit.request)
    _ = translations(locale_of(request)).gettext
    parameters = {
        "account_id": session.account_id,
        "actions": list(ACTIONS),
        "words": [_(words) for words in ACTIONS.values()],
        "operator": _("the service's operator"),
    }
    place = _LIST.place(request.query_params)
    async with site_of(request).database.asking() as connection:
        entries, listed = await _LIST.page(connection, place, parameters)
        row = await (await connection.execute(_sql["zone"], parameters)).fetchone()
    sort = request.query_params.get("sort")
    return Journal(
        entries=entries,
        listed=listed,
        parameters={"sort": sort} if sort else {},
        zone=row[0] if row else "Europe/Moscow",
    )


PAGE = Page(path="/journal", action="journal", menu=MenuEntry("settings", N_("Journal")), gate=OWNER, load=journal)
