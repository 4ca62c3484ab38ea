"""The same version of a projection makes the same rows for ever: a changed fold or table gets another version."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from projections.generations import certificates, register
from projections.kinds.readmodels import Projection
from projections.models import PROJECTIONS
from projections.models.versions import FOLD_VERSION, VERSIONS, follows, joined, lacking
from tests.projections.shops import Shop
from tests.projections.world import World

GOLDEN = Path(__file__).parent / "golden" / "certificates"


def test_a_projection_makes_what_its_version_has_always_made(world: World) -> None:
    """Two shops' business has the certificates that are kept for each version: every column, outlet and day.

    Where they differ on purpose, raise the version of the projection that is named: otherwise a worker goes on with
    rows that another fold made. A release keeps the certificates of what is new: `KEEP_CERTIFICATES=1` writes them.
    """
    found = certified(world)
    if os.environ.get("KEEP_CERTIFICATES"):
        for each in PROJECTIONS:
            if not kept_for(each).exists():
                kept_for(each).write_bytes(found[each.name])
    changed = [
        f"projections/models/{each.name}.py: the fold of {each.name} makes other rows than version {each.version} did"
        for each in PROJECTIONS
        if kept_for(each).exists() and kept_for(each).read_bytes() != found[each.name]
    ]
    assert not changed, "; ".join(changed)


def test_what_was_released_is_kept() -> None:
    """The projections of 0.1.0 have their certificates, each in a file of its own."""
    kept = {path.stem for path in GOLDEN.glob("*.jsonl")}
    names = "outlet_totals daily hourly payments sales returns moves goods warehouses stock contacts"
    assert kept >= {f"{name}-1" for name in names.split()}


def test_generations_of_the_first_release_are_carried_on() -> None:
    """What 0.1.0 called fold version 2 is folded on, but for what changed since and what follows that."""
    of_0_1_0 = {name: 1 for name in VERSIONS if (GOLDEN / f"{name}-1.jsonl").exists()}
    assert joined(of_0_1_0) == "2"
    lacked = {name for name, version in VERSIONS.items() if of_0_1_0.get(name) != version}
    while more := {each.name for each in PROJECTIONS if lacked & {*follows(each)}} - lacked:
        lacked |= more
    assert {*lacking(of_0_1_0)} == lacked


def test_the_fold_version_tells_what_changed() -> None:
    """A new, a changed and a missing projection each leave a mark in it."""
    assert joined(VERSIONS) == FOLD_VERSION
    released = dict.fromkeys(
        "outlet_totals daily hourly payments sales returns moves goods warehouses stock contacts".split(), 1
    )
    without_stock = {name: version for name, version in released.items() if name != "stock"}
    assert joined({**without_stock, "daily": 2, "sold": 1}) == "2+daily.2+sold.1-stock"


def certified(world: World) -> dict[str, bytes]:
    """The certificates of two shops' business by projection, as the files hold them."""
    for shop in (Shop(1), Shop(2)):
        for upload in shop.uploads(60):
            world.log.append(upload)
    world.apply()
    live = register.live(world.connection)
    with world.connection.transaction():
        certificates.store(world.connection, live, {})
    found = {each.name: b"" for each in PROJECTIONS}
    for certificate in certificates.stored(world.connection, live):
        found[certificate.projection] += msgspec.json.encode(certificate) + b"\n"
    return found


def kept_for(projection: Projection) -> Path:
    """Where the certificates of a projection's version are kept."""
    return GOLDEN / f"{projection.name}-{projection.version}.jsonl"
