"""A person's second factor: asked for at sign-in, and again before tokens, members and money."""

from __future__ import annotations

import re
import secrets
from datetime import datetime
from typing import Literal
from uuid import UUID

import structlog

from schemas.statements import load
from schemas.tokens import digest
from webapp.accounts import totp
from webapp.database import Connection, Database
from webapp.sealing import Keys, SealedOtherwise

log = structlog.get_logger(__name__)

sql = load("webapp.accounts", "second_factor.sql")

RECOVERY_CODES = 10
_ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ0123456789"
"""32 signs, none of which is taken for another: 24 of them are 120 bits."""
_CODE_LENGTH, _GROUP = 24, 6


async def is_on(connection: Connection, person_id: UUID) -> bool:
    row = await (await connection.execute(sql["state"], {"person_id": person_id})).fetchone()
    return bool(row and row[0])


async def spend(
    connection: Connection, keys: Keys, person_id: UUID, typed: str, now: datetime
) -> Literal["code", "recovery_code"] | None:
    """Which of the two was typed, used up now; None for what is wrong, or was used before."""
    typed = re.sub(r"[\s-]", "", typed).upper()
    if re.fullmatch(r"[0-9]{6}", typed):
        row = await (await connection.execute(sql["secret"], {"person_id": person_id})).fetchone()
        step = totp.step_of(keys.open(row[0], person_id), typed, now) if row else None
        if step is None:
            return None
        parameters = {"person_id": person_id, "step": step}
        return "code" if await (await connection.execute(sql["spend_step"], parameters)).fetchone() else None
    recovery = {"person_id": person_id, "code_hash": digest(typed)}
    spent = await (await connection.execute(sql["spend_recovery_code"], recovery)).fetchone()
    return "recovery_code" if spent else None


async def reseal(database: Database, keys: Keys) -> int:
    """Seals with the present key what is not: rows from before there were keys, and those of a key before it. Gives
    how many. What no key of ours opens stays as it is. Raises `InfrastructureUnreachable`."""
    count = 0
    async with database.writing() as connection:
        for person_id, secret in await (await connection.execute(sql["all_secrets"])).fetchall():
            if keys.is_present(secret):
                continue
            try:
                sealed = keys.seal(keys.open(secret, person_id), person_id)
            except SealedOtherwise as exc:
                log.error("second factor can't be opened", person_id=str(person_id), error=str(exc))
                continue
            parameters = {"person_id": person_id, "old": secret, "sealed": sealed}
            count += bool(await (await connection.execute(sql["reseal"], parameters)).fetchone())
    return count


async def new_recovery_codes(connection: Connection, person_id: UUID) -> list[str]:
    """New codes in place of all earlier ones; only their digests are kept."""
    codes = ["".join(secrets.choice(_ALPHABET) for _ in range(_CODE_LENGTH)) for _ in range(RECOVERY_CODES)]
    await connection.execute(sql["drop_recovery_codes"], {"person_id": person_id})
    parameters = {"person_id": person_id, "code_hashes": [digest(code) for code in codes]}
    await connection.execute(sql["add_recovery_codes"], parameters)
    return ["-".join(code[at : at + _GROUP] for at in range(0, _CODE_LENGTH, _GROUP)) for code in codes]
