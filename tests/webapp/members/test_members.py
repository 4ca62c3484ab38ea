"""Members: invited by letter, accepted once, changed, removed."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.webapp.accounts.test_second_factor import turn_on
from tests.webapp.visitor import PASSWORD, Visitor, link
from webapp.app import Portal

OWNER, ANNA = "owner@shop.example", "anna@books.example"


@pytest.fixture
async def anna(portal: Portal) -> AsyncIterator[Visitor]:
    """The browser of who is invited."""
    someone = Visitor(portal, "203.0.113.9")
    yield someone
    await someone.http.aclose()


@pytest.fixture
async def owner(visitor: Visitor) -> Visitor:
    """An owner with two outlets."""
    await visitor.join(OWNER)
    for name in ("Чайная", "Кофейня"):
        answer = await visitor.post("/first-steps", name=name, zone="Europe/Moscow", currency="RUB", day_begins="0")
        assert answer.status_code == 303, answer.text
    return visitor


def outlet(owner: Visitor, name: str) -> str:
    [[outlet_id]] = owner.sql("SELECT outlet_id::text FROM app.outlets WHERE name = %s", name)
    return str(outlet_id)


async def invite(owner: Visitor, role: str, outlets: list[str], email: str = ANNA, number: int = 1) -> str:
    """Invites and gives the path of the link in the letter."""
    answer = await owner.post("/members/invitations", email=email, role=role, outlet=outlets)
    assert answer.status_code == 303, answer.text
    return link(await owner.letter(email, number))


async def member_id(owner: Visitor) -> str:
    found = re.search(r'action="/members/([0-9a-f-]{36})"', (await owner.get("/members")).text)
    assert found
    return found[1]


def shown_outlets(answer: httpx.Response) -> set[str]:
    return {name for name in ("Чайная", "Кофейня") if name in answer.text}


async def test_who_registers_by_an_invitation_is_a_member(owner: Visitor, anna: Visitor) -> None:
    """The link makes an account with the password chosen, no second letter; its person sees the inviter's outlets, and
    the owner is told. The link then works no more."""
    path = await invite(owner, "accountant", ["all"])
    page = await anna.get(path)
    assert (page.status_code, OWNER in page.text, "Бухгалтер" in page.text) == (200, True, True)
    assert (await anna.post(path, password="short")).status_code == 422
    answer = await anna.post(path, password=PASSWORD)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert shown_outlets(await anna.get("/")) == {"Чайная", "Кофейня"}
    assert (await anna.get(path)).status_code == 410
    assert ANNA in (await owner.letter(OWNER, 2)).get_content()
    await anna.post("/sign-out")
    await anna.sign_in(ANNA)  # she has no outlets of her own: she begins there
    assert shown_outlets(await anna.get("/")) == {"Чайная", "Кофейня"}
    assert ANNA in (await owner.get("/members")).text


async def test_who_has_an_account_signs_in_and_accepts(owner: Visitor, anna: Visitor) -> None:
    """Signing in with the address invited leads back to the invitation; the person changes between both accounts."""
    await anna.join(ANNA)
    await anna.post("/first-steps", name="Своя", zone="Europe/Moscow", currency="RUB", day_begins="0")
    await anna.post("/sign-out")
    path = await invite(owner, "manager", ["all"], number=2)
    page = (await anna.get(path)).text
    sign_in = re.search(r'href="(/sign-in\?next=[^"]+)"', page)
    assert sign_in
    assert "password" not in page
    assert (await anna.post("/sign-in", email=ANNA, password=PASSWORD, next=path)).headers["location"] == path
    assert "Принять" in (await anna.get(path)).text
    assert (await anna.post(path)).status_code == 303
    assert shown_outlets(await anna.get("/outlets")) == {"Чайная", "Кофейня"}
    account = (await anna.get("/account")).text
    [own] = re.findall(r'name="account" value="([0-9a-f-]{36})"', account)
    assert (await anna.post("/view-account", account=own)).status_code == 303
    own_outlets = await anna.get("/outlets")
    assert (shown_outlets(own_outlets), "Своя" in own_outlets.text) == (set(), True)
    [[foreign]] = owner.sql("SELECT account_id::text FROM app.accounts WHERE email = %s", OWNER)
    assert (await anna.post("/view-account", account=foreign)).status_code == 303
    assert shown_outlets(await anna.get("/outlets")) == {"Чайная", "Кофейня"}
    stranger = Visitor(anna.portal, "198.51.100.7")
    await stranger.join("other@shop.example")
    assert (await stranger.post("/view-account", account=foreign)).status_code == 404
    assert (await stranger.post("/view-account", account="x")).status_code == 404
    await stranger.http.aclose()


async def test_an_invitation_is_for_its_address(owner: Visitor, stranger: Visitor) -> None:
    """Whoever is signed in with another address can't accept it, nor register over an account that is there; the owner
    can't accept his own."""
    path = await invite(owner, "accountant", ["all"])
    await stranger.join("other@shop.example")
    assert (await stranger.post(path, password=PASSWORD)).status_code == 422
    assert "other@shop.example" in (await stranger.get(path)).text
    assert (await owner.post(path)).status_code == 422
    await stranger.post("/sign-out")
    other = await invite(owner, "accountant", ["all"], email="other@shop.example", number=2)
    assert (await stranger.post(other, password="another good one")).status_code == 422
    assert owner.sql("SELECT FROM app.members") == []


async def test_an_invitation_ends(owner: Visitor, anna: Visitor) -> None:
    """A link that is withdrawn, too old, or replaced by a newer one does nothing."""
    withdrawn = await invite(owner, "accountant", ["all"])
    [[invitation]] = owner.sql("SELECT invitation_id::text FROM app.invitations")
    assert (await owner.post(f"/members/invitations/{invitation}/withdraw")).status_code == 303
    assert (await owner.post(f"/members/invitations/{invitation}/withdraw")).status_code == 404
    replaced = await invite(owner, "accountant", ["all"], number=2)
    old = await invite(owner, "accountant", ["all"], number=3)
    owner.sql("UPDATE app.invitations SET expires_at = now() WHERE withdrawn_at IS NULL")
    for path in (withdrawn, replaced, old):
        assert (await anna.get(path)).status_code == 410
        assert (await anna.post(path, password=PASSWORD)).status_code == 410
    assert owner.sql("SELECT FROM app.accounts WHERE email = %s", ANNA) == []


async def test_rights_change_and_end_at_once(owner: Visitor, anna: Visitor) -> None:
    """A new role, other outlets and a removal hold from the next page on; a removal revokes the member's tokens."""
    tea = outlet(owner, "Чайная")
    await anna.post(await invite(owner, "manager", [tea]), password=PASSWORD)
    assert shown_outlets(await anna.get("/outlets")) == {"Чайная"}
    assert (await anna.get(f"/outlets/{outlet(owner, 'Кофейня')}")).status_code == 404
    [token] = re.findall(r"wo_owner_[\w-]+", (await anna.post_and_look("/account/tokens")).text)[:1]
    call = {"authorization": f"Bearer {token}"}
    listed = (await anna.get("/api/v1/outlets", **call)).json()
    assert [each["name"] for each in listed] == ["Чайная"]
    who = await member_id(owner)
    assert (await owner.post(f"/members/{who}", role="seller", outlet=["all"])).status_code == 422
    assert (await owner.post(f"/members/{who}", role="owner", outlet=["all"])).status_code == 422
    assert (await owner.post(f"/members/{who}", role="manager")).status_code == 422
    assert (await owner.post(f"/members/{who}", role="seller", outlet=[tea])).status_code == 303
    assert (await anna.get("/outlets")).status_code == 403
    assert (await anna.get("/api/v1/outlets", **call)).status_code == 403
    assert (await owner.post(f"/members/{who}", role="accountant", outlet=["all"])).status_code == 303
    assert (await anna.get("/api/v1/outlets", **call)).status_code == 200
    assert (await owner.post(f"/members/{who}/remove")).status_code == 303
    assert shown_outlets(await anna.get("/")) == set()
    assert (await anna.get("/api/v1/outlets", **call)).status_code == 401
    assert (await owner.post(f"/members/{who}/remove")).status_code == 404
    assert (await owner.post(f"/members/{who}", role="manager", outlet=["all"])).status_code == 404


async def test_the_journal_says_who(owner: Visitor, anna: Visitor) -> None:
    """Invitations, members and their roles are noted, and what a member does under his address."""
    tea = outlet(owner, "Чайная")
    await anna.post(await invite(owner, "manager", ["all"]), password=PASSWORD)
    assert (await anna.post(f"/outlets/{tea}/disable")).status_code == 303
    assert (await anna.get("/journal")).status_code == 403
    await owner.post(f"/members/{await member_id(owner)}", role="accountant", outlet=[tea])
    await owner.post(f"/members/{await member_id(owner)}/remove")
    rows = owner.sql(
        "SELECT j.action, j.subject, p.email FROM app.journal j JOIN app.accounts a USING (account_id)"
        " LEFT JOIN app.accounts p ON p.account_id = j.person_id"
        " WHERE a.email = %s AND (j.action LIKE 'member%%' OR j.person_id IS NOT NULL) ORDER BY j.entry_id",
        OWNER,
    )
    assert rows == [
        ("member_invited", f"{ANNA}: manager", None),
        ("member_joined", f"{ANNA}: manager", ANNA),
        ("outlet_disabled", "", ANNA),
        ("refused", "journal", ANNA),
        ("member_changed", f"{ANNA}: accountant", None),
        ("member_removed", ANNA, None),
    ]
    page = (await owner.get("/journal")).text
    assert "Управляющий" in page
    assert page.count(ANNA) >= 6


async def test_invitations_have_bounds(owner: Visitor) -> None:
    """What is no address, one's own, a member already, or no outlet of one's own is refused in words; so many letters
    go to one address in an hour, and so many members there may be."""
    for email, role, outlets in (
        ("x", "manager", "all"),
        (OWNER, "manager", "all"),
        (ANNA, "manager", "00000000-0000-0000-0000-000000000000"),
        (ANNA, "boss", "all"),
    ):
        answer = await owner.post("/members/invitations", email=email, role=role, outlet=outlets)
        assert (answer.status_code, 'role="alert"' in answer.text) == (422, True)
    for number in range(4):
        await invite(owner, "manager", ["all"], number=number + 1)
    assert (await owner.post("/members/invitations", email=ANNA, role="manager", outlet="all")).status_code == 429
    owner.sql(
        "INSERT INTO app.invitations (link_hash, account_id, email, role, outlets, expires_at)"
        " SELECT sha256(n::text::bytea), account_id, n || '@x.example', 'manager', NULL, now() + interval '1 day'"
        " FROM app.accounts, generate_series(1, 100) n"
    )
    answer = await owner.post("/members/invitations", email="one@more.example", role="manager", outlet="all")
    assert answer.status_code == 429


@pytest.mark.asvs("V6.3.3", "`check` does not look at `factor_missing`")
async def test_an_owner_asks_members_for_a_second_factor(owner: Visitor, anna: Visitor) -> None:
    """From then on a member without one is led to turn it on, from whatever page or form, and sees nothing; with it
    she sees what she saw. Her own account and the owner are not concerned; tokens go on. The journal says so."""
    await anna.join(ANNA)
    await anna.post("/first-steps", name="Книги", zone="Europe/Moscow", currency="RUB", day_begins="0")
    await anna.post(await invite(owner, "accountant", ["all"], number=2))
    [[account]] = owner.sql("SELECT account_id::text FROM app.accounts WHERE email = %s", OWNER)
    made = await anna.post("/account/tokens", name="программа")
    token = (await anna.get(made.headers["location"])).text.split('id="new-token">')[1].split("<")[0]
    assert shown_outlets(await anna.get("/")) == {"Чайная", "Кофейня"}
    assert "нет, ничего не видит" not in (await owner.get("/members")).text
    assert (await owner.post("/members/second-factor", needed="1")).status_code == 303
    assert "нет, ничего не видит" in (await owner.get("/members")).text
    for answer in (
        await anna.get("/"),
        await anna.get("/sales"),
        await anna.get("/sales/export.csv"),
        await anna.post("/account/tokens", name="ещё одна"),
        await anna.post("/choose-outlet", outlet="all"),
    ):
        assert (answer.status_code, answer.headers["location"]) == (303, "/account/second-factor")
    page = await anna.get("/account/second-factor")
    assert f"{OWNER} просит второй фактор" in page.text
    assert (await owner.get("/api/v1/outlets", authorization=f"Bearer {token}")).status_code == 200
    [own] = anna.sql("SELECT account_id::text FROM app.accounts WHERE email = %s", ANNA)
    assert (await anna.post("/view-account", account=own[0])).status_code == 303
    assert "Книги" in (await anna.get("/")).text
    assert (await anna.post("/view-account", account=account)).status_code == 303
    assert (await anna.get("/")).status_code == 303
    await turn_on(anna)
    assert shown_outlets(await anna.get("/")) == {"Чайная", "Кофейня"}
    assert "со вторым фактором" in (await owner.get("/members")).text
    assert shown_outlets(await owner.get("/")) == {"Чайная", "Кофейня"}
    await anna.post("/account/second-factor/off")
    assert (await anna.get("/")).headers["location"] == "/account/second-factor"
    await owner.post("/members/second-factor", needed="0")
    assert shown_outlets(await anna.get("/")) == {"Чайная", "Кофейня"}
    journal = (await owner.get("/journal")).text
    assert "У сотрудников потребован второй фактор" in journal
    assert "Второй фактор у сотрудников больше не требуется" in journal
