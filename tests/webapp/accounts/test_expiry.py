"""What is over is taken out of the tables."""

from __future__ import annotations

from tests.webapp.visitor import Visitor
from webapp.accounts.expiry import Expiry


async def test_only_what_is_over_is_swept(visitor: Visitor, stranger: Visitor) -> None:
    """Expired sessions, registrations and attempts go; live ones stay."""
    await visitor.join("owner@shop.example")
    await stranger.register("late@shop.example")
    expiry = Expiry(visitor.portal.database, visitor.portal.keys)
    await expiry.sweep()
    assert await visitor.is_signed_in()
    assert visitor.sql("SELECT count(*) FROM app.registrations") == [(1,)]
    visitor.sql("UPDATE app.registrations SET expires_at = now() - interval '1 second'")
    visitor.sql("UPDATE app.sessions SET expires_at = now() - interval '1 second'")
    visitor.sql("UPDATE app.attempts SET window_ends = now() - interval '1 second'")
    await expiry.sweep()
    for table in ("registrations", "sessions", "attempts"):
        assert visitor.sql(f"SELECT count(*) FROM app.{table}") == [(0,)]  # noqa: S608 (of this test's own)
