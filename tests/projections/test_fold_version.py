"""The same fold version makes the same rows for ever: whoever changes a fold or a table raises the version."""

from __future__ import annotations

from pathlib import Path

import msgspec

from projections.generations import certificates, register
from projections.generations.certificates import Certificate
from projections.models.versions import FOLD_VERSION
from tests.projections.shops import Shop
from tests.projections.world import World

_GOLDEN = Path(__file__).parent / "golden"


def test_the_fold_makes_what_its_version_has_always_made(world: World) -> None:
    """Two shops' business has the certificates that are kept for the version: every table, column, outlet and day.

    Where they differ on purpose, raise `FOLD_VERSION`: otherwise nobody is told that a rebuild is due. For a version of
    which nothing is kept yet they are written, to be looked through and committed.
    """
    for shop in (Shop(1), Shop(2)):
        for upload in shop.uploads(60):
            world.log.append(upload)
    world.apply()
    live = register.live(world.connection)
    with world.connection.transaction():
        certificates.store(world.connection, live, {})
    found = certificates.stored(world.connection, live)
    kept = _GOLDEN / f"certificates-{FOLD_VERSION}.jsonl"
    if not kept.exists():
        kept.write_bytes(b"".join(msgspec.json.encode(certificate) + b"\n" for certificate in found))
        raise AssertionError(f"nothing was kept for fold version {FOLD_VERSION}: {kept} was written, commit it")
    assert found == [msgspec.json.decode(line, type=Certificate) for line in kept.read_bytes().splitlines()]
