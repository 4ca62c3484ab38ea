"""What is noted of an account for its owner, and as a line of the process's log for who operates the service.

Ids only, and of network addresses no more than tells one provider from another. What changes tables notes itself
(`ops/migrations/0031_journal.sql`); here is what changes nothing, or whose table does not tell it apart.
"""

from __future__ import annotations

import ipaddress
from typing import Literal
from uuid import UUID

import structlog
from starlette.requests import Request

from schemas.errors import InfrastructureUnreachable
from schemas.statements import load
from webapp.database import Connection, Database

log = structlog.get_logger(__name__)

_sql = load("webapp", "journal.sql")

Action = Literal[
    "signed_in",
    "new_device",
    "sign_in_failed",
    "locked_out",
    "signed_out",
    "sessions_ended",
    "password_changed",
    "password_reset",
    "exported",
    "foreign_refused",
    "refused",
    "second_factor_on",
    "second_factor_off",
    "recovery_codes_made",
    "recovery_code_used",
    "code_failed",
    "not_me",
    "factor_needed",
    "factor_not_needed",
    "deletion_asked",
    "deletion_taken_back",
]


async def note(
    connection: Connection, account_id: UUID, action: Action, request: Request, subject: str = "", device: str = ""
) -> None:
    """Notes it in the caller's transaction."""
    address = shortened(request.client.host if request.client else "")
    _line(action, account_id, address, "" if action == "exported" else subject)  # its name may hold what was sought
    parameters = {
        "account_id": account_id,
        "action": action,
        "subject": subject,
        "address": address,
        "device": device,
    }
    await connection.execute(_sql["note"], parameters)


async def note_alone(
    database: Database, account_id: UUID | None, action: Action, request: Request, subject: str = ""
) -> None:
    """Notes what happens outside a transaction; without an account (nobody's address was named) in the log alone."""
    if account_id is None:
        _line(action, None, shortened(request.client.host if request.client else ""), subject)
        return
    try:
        async with database.writing() as connection:
            await note(connection, account_id, action, request, subject)
    except InfrastructureUnreachable:
        log.warning("journal not written", action=action, account=str(account_id))


def cross_site_refused(request: Request) -> None:
    """A form that another site sent; whose session it would have used is not looked at."""
    _line("cross_site_refused", None, shortened(request.client.host if request.client else ""), "")


def _line(action: str, account_id: UUID | None, address: str, subject: str) -> None:
    log.info("security", action=action, account=account_id and str(account_id), address=address, subject=subject)


def shortened(host: str) -> str:
    """A network address without its end: 192.0.2.x, 2001:db8:1::/48."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is None:
            return str(ipaddress.ip_network((address, 48), strict=False))
        address = address.ipv4_mapped
    return f"{str(address).rpartition('.')[0]}.x"
