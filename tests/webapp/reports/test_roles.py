"""Every route, asked by everybody: nobody, the owner, another owner, each role, with ids of his own and of others."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, aclosing
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from msgspec import Struct

from tests.webapp.reports.conftest import enter
from tests.webapp.reports.office import NOW, Office
from tests.webapp.shop import Shop
from tests.webapp.test_actions import WHO, page_routes
from tests.webapp.visitor import Visitor
from webapp.account import Account
from webapp.app import Portal
from webapp.routes import ActionRoute

# What anybody may open or send, by path: a page that is declared so by mistake stands out here.
PUBLIC = {
    *("/sign-up", "/sign-up/sent", "/confirm/{secret}", "/sign-in", "/sign-in/link", "/sign-in/link/sent"),
    *(
        "/sign-in/code",
        "/not-me/{secret}",
        "/sign-in/{secret}",
        "/sign-out",
        "/forgotten",
        "/forgotten/sent",
        "/reset/{secret}",
        "/invitations/{secret}",
    ),
    *(
        "/help",
        "/help/till",
        "/offline",
        "/locale",
        "/theme",
        "/tariffs",
        "/app.webmanifest",
        "/worker.js",
        "/api/v1/payments",
        "/demo",
        "/demo/{path:path}",
    ),
}
TODAY = {"/", "/shell", "/live", "/choose", "/choose-outlet"}
MEMBERS = {"manager": True, "accountant": False, "seller": False}
"""role → whether he is shown costs; each sees the first outlet alone"""
_TABLES = (
    *("accounts", "outlets", "tills", "till_tokens", "owner_tokens", "licences", "invoices", "imports", "members"),
    *("invitations", "outbox", "links", "alarm_rules", "hearers", "telegram_codes", "telegram_chats"),
)


class Ids(Struct, frozen=True):
    """What stands in addresses: ids of one account."""

    outlet: str
    till: str
    till_token: str
    owner_token: str
    session: str
    invoice: int
    member: str
    invitation: str

    def path(self, route: ActionRoute) -> str:
        values = {
            **{"outlet_id:uuid": self.outlet, "till_id:uuid": self.till, "session_id:uuid": self.session},
            **{"number:int": self.invoice, "member_id:uuid": self.member, "invitation_id:uuid": self.invitation},
            **{"import_id:uuid": uuid4(), "closing_id:uuid": uuid4(), "secret": uuid4(), "form": "csv"},
            "token_id:uuid": self.owner_token if route.path.startswith("/account/") else self.till_token,
        }
        return re.sub(r"\{([^}]+)\}", lambda name: str(values[name[1]]), route.path)


class Everybody(Struct, frozen=True):
    """Browsers by who they are, and the ids of the two accounts; `second` are those of the first account's outlet that
    no member sees."""

    browsers: dict[str, Visitor]
    own: Ids
    second: Ids
    foreign: Ids
    routes: list[ActionRoute]

    def asked(self) -> Iterator[ActionRoute]:
        """The routes behind sign-in."""
        return (route for route in self.routes if route.action != "anybody")


def _ids(shop: Shop, outlet: str) -> Ids:
    """Makes one thing of each kind in the account."""

    def made(statement: str, *parameters: Any) -> Any:
        return shop.sql(statement, *parameters)[0][0]

    account = shop.account_id
    person = made(
        "INSERT INTO app.accounts (account_id, email) VALUES (gen_random_uuid(), %s) RETURNING account_id::text",
        f"{uuid4()}@people.example",
    )
    return Ids(
        outlet,
        made("SELECT till_id::text FROM app.tills WHERE outlet_id = %s", outlet),
        made("SELECT token_id::text FROM app.till_tokens JOIN app.tills USING (till_id) WHERE outlet_id = %s", outlet),
        made("SELECT token_id::text FROM app.owner_tokens WHERE account_id = %s", account),
        made(
            "INSERT INTO app.sessions (session_hash, account_id, expires_at)"
            " VALUES (sha256(gen_random_uuid()::text::bytea), %s, now() + interval '1 day') RETURNING session_id::text",
            account,
        ),
        made("INSERT INTO app.invoices (account_id, months, amount) VALUES (%s, 1, 1) RETURNING number", account),
        made(
            "INSERT INTO app.members (account_id, person_id, role) VALUES (%s, %s, 'manager')"
            " RETURNING member_id::text",
            account,
            person,
        ),
        made(
            "INSERT INTO app.invitations (link_hash, account_id, email, role, expires_at) VALUES"
            " (sha256(gen_random_uuid()::text::bytea), %s, 'a@b.example', 'manager', now() + interval '1 day')"
            " RETURNING invitation_id::text",
            account,
        ),
    )


@pytest.fixture
async def everybody(office: Office, portal: Portal) -> AsyncIterator[Everybody]:
    portal.clock = lambda: NOW
    shop, postgres = office.shop, office.shop.postgres
    first, second = shop.outlets.values()
    other = Shop(postgres, "other@example.com", ["Чужая"])
    for role, sees_costs in MEMBERS.items():
        shop.change(
            "WITH person AS ("
            " INSERT INTO app.accounts (account_id, email) VALUES (gen_random_uuid(), %s) RETURNING account_id)"
            " INSERT INTO app.members (account_id, person_id, role, outlets, sees_costs)"
            " SELECT %s, account_id, %s, ARRAY[%s::uuid], %s FROM person",
            f"{role}@example.com",
            shop.account_id,
            role,
            first,
            sees_costs,
        )
    async with AsyncExitStack() as stack:
        browsers: dict[str, Visitor] = {}
        for who in ("nobody", "owner", "other", *MEMBERS):
            browsers[who] = Visitor(portal, f"192.0.2.{len(browsers) + 1}")
            await stack.enter_async_context(aclosing(browsers[who].http))
            if who != "nobody":
                await enter(browsers[who], postgres, f"{who}@example.com")
        routes = [route for route in page_routes(portal) if isinstance(route, ActionRoute)]
        own = _ids(shop, first)
        yield Everybody(browsers, own, _ids(shop, second), _ids(other, other.outlet), routes)


async def _ask(browser: Visitor, route: ActionRoute, ids: Ids) -> int:
    """The status of the answer; 401 where it leads to sign in. Forms hold what each needs to be looked at."""
    path = ids.path(route)
    if "POST" in (route.methods or ()):
        answer = await browser.post(path, role="manager", outlet="all", key="a", answer="b")
    else:
        answer = await browser.get(path)
    if answer.status_code == 303 and answer.headers["location"].startswith("/sign-in"):
        return 401
    return answer.status_code


def _state(office: Office) -> list[Any]:
    """A digest of each table that a form could change."""
    return [
        office.shop.sql(
            f"SELECT md5(coalesce(string_agg(t::text, E'\\n' ORDER BY t::text), '')) FROM app.{name} t"  # noqa: S608
        )
        for name in _TABLES
    ]


def _expects_id(route: ActionRoute) -> bool:
    return bool(re.search(r"outlet_id|till_id|token_id|session_id|number|member_id|invitation_id", route.path))


def test_what_is_for_anybody(tmp_path: Path) -> None:
    """Without a session exactly these can be opened; a seller has the dashboard and what belongs to it."""
    portal = Portal("postgresql://nowhere", home=tmp_path, public_url="http://office.test", smtp_url=None)
    routes = [route for route in page_routes(portal) if isinstance(route, ActionRoute)]
    assert {route.path for route in routes if route.action == "anybody"} == PUBLIC
    assert {route.path for route in routes if route.action == "today"} == TODAY


@pytest.mark.asvs("V8.2.1", "a form does not ask for its action")
@pytest.mark.asvs("V8.2.2", "a statement does not name the account, or a member's outlets")
async def test_nobody_does_what_he_may_not(everybody: Everybody, office: Office) -> None:
    """A visitor is sent to sign in everywhere. A role that may not is refused, with whatever ids. Who may gets 404 for
    ids of another account and for an outlet he does not see. And nothing is changed by any of it."""
    before = _state(office)
    for route in everybody.asked():
        assert await _ask(everybody.browsers["nobody"], route, everybody.own) == 401, route.path
        everywhere, somewhere = (set(roles.split()) for roles in WHO[route.action])
        for who in ("owner", *MEMBERS):
            browser, may = everybody.browsers[who], who in (everywhere if who == "owner" else somewhere)
            for ids in (everybody.own, everybody.second, everybody.foreign):
                if not may:
                    assert await _ask(browser, route, ids) == 403, (who, route.path)
            if may and _expects_id(route):
                assert await _ask(browser, route, everybody.foreign) == 404, (who, route.path)
                if who != "owner" and re.search("outlet_id|new-token", route.path):
                    assert await _ask(browser, route, everybody.second) == 404, (who, route.path)
        if _expects_id(route):
            assert await _ask(everybody.browsers["other"], route, everybody.own) == 404, route.path
    assert _state(office) == before


async def test_everybody_reads_what_he_may(everybody: Everybody, office: Office) -> None:
    """Each page that a role may open opens, of its own outlet; no page names the outlet that it may not see, or holds
    its figures."""
    [[hidden]] = office.shop.sql("SELECT name FROM app.outlets WHERE outlet_id = %s", everybody.second.outlet)
    for route in everybody.asked():
        if "POST" in (route.methods or ()) or "{secret}" in route.path or route.path == "/live":
            continue
        everywhere, somewhere = (set(roles.split()) for roles in WHO[route.action])
        for who in ("owner", *MEMBERS):
            if who in (everywhere if who == "owner" else somewhere):
                answer = await everybody.browsers[who].get(everybody.own.path(route))
                # Cards and reports of later receipts need parameters; an import there is none of.
                assert answer.status_code in (200, 404 if "card" in route.path else 200) or re.search(
                    r"later|import_id|closing_id|\.pdf|step-up", route.path
                ), (who, route.path, answer.status_code)
                assert who == "owner" or hidden not in answer.text, (who, route.path)
    for who in ("owner", *MEMBERS):  # and no entry of the menu leads to a refusal
        menu = (await everybody.browsers[who].get("/")).text.split('<nav class="menu"')[1].split("</nav>")[0]
        paths = re.findall(r'href="([^"]+)"', menu)
        assert {"/", "/account"} <= set(paths)
        assert ("/sales" in paths, "/members" in paths) == (who != "seller", who == "owner")
        for path in paths:
            assert (await everybody.browsers[who].get(path)).status_code == 200, (who, path)


async def test_outlets_are_bound_in_the_database(everybody: Everybody, office: Office, portal: Portal) -> None:
    """Raw SQL over a member's reading finds rows of his outlets alone, whatever it asks for."""
    first, shop = everybody.own.outlet, office.shop
    tables = ("sales", "returns", "daily", "hourly", "payments", "goods", "stock", "contacts", "app.tills")
    async with portal.database.reading(Account(shop.account_id)) as connection:
        for table in tables:
            rows = await connection.execute(f"SELECT DISTINCT outlet_id::text FROM {table}".encode())  # noqa: S608
            assert {row[0] for row in await rows.fetchall()} == set(shop.outlets.values()), table
    for outlets, visible in (({UUID(first)}, {first}), (set(), set())):
        async with portal.database.reading(Account(shop.account_id, outlets=frozenset(outlets))) as connection:
            for table in tables:
                rows = await connection.execute(f"SELECT DISTINCT outlet_id::text FROM {table}".encode())  # noqa: S608
                assert {row[0] for row in await rows.fetchall()} == visible, table


async def test_a_seller_sees_today_alone(everybody: Everybody, office: Office) -> None:
    """His dashboard has today's revenue of his outlet, and no figure of another day, also of a kept report."""
    seller, first = everybody.browsers["seller"], everybody.own.outlet
    today = office.where(lambda receipt: receipt.outlet == first and receipt.at.date() == NOW.date())
    page = re.sub(r"\s", "", (await seller.get("/")).text)
    revenue = f"{sum(receipt.total for receipt in today):.2f}".replace(".", ",")
    assert revenue in re.sub(r"[\u202f\u00a0]", "", page)
    assert "Вчера" not in page
    assert (await seller.get("/?as-of=x")).status_code in (403, 404)
    assert (await seller.get("/dashboard.csv")).status_code == 403


async def test_an_expired_licence_closes_figures_for_all(everybody: Everybody, office: Office) -> None:
    """Once the licence is over, no role is shown a figure."""
    office.shop.change("UPDATE app.accounts SET trial_until = now() - interval '1 day'")
    no_figures = ("/", "/shell", "/dashboard.{form}", "/choose", "/closings", "/closing-key.pem")
    for who in ("owner", *MEMBERS):
        for route in everybody.asked():
            if route.action in ("today", "figures", "export") and "GET" in (route.methods or ()):
                if "{" in route.path.removesuffix(".{form}") or route.path in ("/live", "/report/later"):
                    continue
                answer = await everybody.browsers[who].get(everybody.own.path(route))
                assert "₽" not in answer.text, (who, route.path)
                assert answer.status_code in (402, 403) or route.path in no_figures, (who, route.path)


async def test_a_closed_account_is_closed_for_members(everybody: Everybody, office: Office) -> None:
    """Where an operator has closed the account, its members see nothing of it; the owner has to sign in and can't."""
    office.shop.change("UPDATE app.accounts SET disabled_at = now() WHERE account_id = %s", office.shop.account_id)
    for route in everybody.asked():
        if "outlet_id" in route.path and "GET" in (route.methods or ()):
            assert await _ask(everybody.browsers["owner"], route, everybody.own) == 401, route.path
            for who in MEMBERS:
                assert await _ask(everybody.browsers[who], route, everybody.own) == 404, (who, route.path)


@pytest.mark.asvs("V8.2.3", "costs are shown to whoever asks")
async def test_tokens_carry_the_rights_of_who_made_them(everybody: Everybody, office: Office) -> None:
    """A member's program reads his outlets, costs only where he is shown them; a revoked or a till's token nothing."""
    answers = {}
    office.shop.change("UPDATE app.members SET sees_costs = role = 'manager'")
    for who in ("owner", "manager", "accountant"):
        token = re.findall(r"wo_owner_[\w-]+", (await everybody.browsers[who].post_and_look("/account/tokens")).text)[0]
        call = {"authorization": f"Bearer {token}"}
        nobody = everybody.browsers["nobody"]
        listed = (await nobody.get("/api/v1/outlets", **call)).json()
        assert len(listed) == (2 if who == "owner" else 1)
        second = await nobody.get(f"/api/v1/outlets/{everybody.second.outlet}/daily", **call)
        assert second.status_code == (200 if who == "owner" else 404)
        foreign = await nobody.get(f"/api/v1/outlets/{everybody.foreign.outlet}/daily", **call)
        assert foreign.status_code == 404
        answers[who] = await nobody.get(f"/api/v1/outlets/{everybody.own.outlet}/daily?from=2026-11-01", **call)
    costs = {who: {day.get("cost_known_sum") for day in answer.json()} for who, answer in answers.items()}
    assert costs["accountant"] == {None}
    assert costs["owner"] == costs["manager"] != {None}
    assert (await everybody.browsers["seller"].post("/account/tokens")).status_code == 403
    till = {"authorization": "Bearer wo_till_nothing"}
    assert (await everybody.browsers["nobody"].get("/api/v1/outlets", **till)).status_code == 401
