"""The second factor: turned on with a first code, asked for at sign-in and before what is worth it, each code once."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from ops.settings import Settings
from tests.webapp.accounts.test_account_command import command
from tests.webapp.visitor import PASSWORD, Visitor, link
from webapp.accounts import second_factor, totp

OWNER = "owner@shop.example"
NOW = datetime(2026, 11, 29, 12, 0, 10, tzinfo=UTC)


class Device:
    """A phone with an authenticator; the portal's clock is its own."""

    def __init__(self, visitor: Visitor, secret: str) -> None:
        self._visitor, self._totp, self.now, self.secret = visitor, pyotp.TOTP(secret), NOW, secret

    def code(self, steps: int = 1) -> str:
        """The code of so many steps later, when it is then."""
        self.now += timedelta(seconds=totp.STEP_SECONDS * steps)
        self._visitor.portal.clock = lambda: self.now
        return self._totp.at(self.now)


async def turn_on(visitor: Visitor) -> tuple[Device, list[str]]:
    """The device and the recovery codes."""
    page = (await visitor.post("/account/second-factor", present=PASSWORD)).text
    [secret] = re.findall(r'<code id="secret">([A-Z2-7]{32})</code>', page)
    assert 'src="data:image/svg+xml' in page
    device = Device(visitor, secret)
    answer = await visitor.post("/account/second-factor/confirm", code=device.code())
    codes = re.findall(r"[A-Z0-9]{6}(?:-[A-Z0-9]{6}){3}", answer.text)
    assert len(set(codes)) == 10
    return device, codes


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    """The codes are those that RFC 6238 gives for its secret; a step before or after is taken, two are not."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # noqa: S105 (of the standard's appendix)
    at = datetime.fromtimestamp(seconds, UTC)
    step = seconds // totp.STEP_SECONDS
    for late in (-1, 0, 1):
        assert totp.step_of(secret, code, at + timedelta(seconds=30 * late)) == step
    for late in (-2, 2):
        assert totp.step_of(secret, code, at + timedelta(seconds=30 * late)) is None
    assert totp.step_of(secret, "", at) is None


@pytest.mark.asvs("V6.5.1", "`spend_step` takes any step, or a recovery code keeps being good")
@pytest.mark.asvs("V6.3.1", "codes are not counted as attempts")
async def test_the_code_is_asked_for_at_sign_in(visitor: Visitor, stranger: Visitor) -> None:
    """After the password nothing is open until the code; a code is good once, also within its half minute; so is a
    recovery code. Ten wrong ones are enough for an hour."""
    await visitor.join(OWNER)
    device, recovery = await turn_on(visitor)
    await visitor.post("/sign-out")
    answer = await visitor.sign_in(OWNER)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in/code")
    assert not await visitor.is_signed_in()
    assert (await visitor.get("/sign-in/code")).status_code == 200
    assert (await visitor.post("/sign-in/code", code="000000")).status_code == 422
    code = device.code()
    assert (await visitor.post("/sign-in/code", code=f" {code[:3]} {code[3:]} ")).status_code == 303
    assert await visitor.is_signed_in()
    await stranger.sign_in(OWNER)
    assert (await stranger.post("/sign-in/code", code=code)).status_code == 422
    assert (await stranger.post("/sign-in/code", code=recovery[0].lower())).status_code == 303
    assert await stranger.is_signed_in()
    await stranger.post("/sign-out")
    await stranger.sign_in(OWNER)
    assert (await stranger.post("/sign-in/code", code=recovery[0])).status_code == 422
    statuses = {(await stranger.post("/sign-in/code", code="000000")).status_code for _ in range(10)}
    assert statuses == {422, 429}
    assert (await stranger.post("/sign-in/code", code=device.code())).status_code == 429
    assert not await stranger.is_signed_in()
    assert device.secret not in (await visitor.get("/account/second-factor")).text


@pytest.mark.asvs("V6.3.4", "a way in forgets to ask for the code")
@pytest.mark.asvs("V2.3.1", "the code's page signs in who gave no password before")
async def test_every_way_in_asks(visitor: Visitor) -> None:
    """A link in a letter and a new password after a forgotten one lead to the code as well; without its cookie the page
    of the code leads nowhere."""
    await visitor.join(OWNER)
    device, _ = await turn_on(visitor)
    await visitor.post("/sign-out")
    await visitor.post("/sign-in/link", email=OWNER)
    answer = await visitor.post(link(await visitor.letter(OWNER, 3)))
    assert answer.headers["location"] == "/sign-in/code"
    await visitor.post("/forgotten", email=OWNER)
    await visitor.post(link(await visitor.letter(OWNER, 4)), password="another good phrase")
    assert (await visitor.post("/sign-in/code", code=device.code())).headers["location"] == "/sign-in"
    answer = await visitor.sign_in(OWNER, "another good phrase")
    assert answer.headers["location"] == "/sign-in/code"
    visitor.http.cookies.clear()
    assert (await visitor.post("/sign-in/code", code=device.code())).headers["location"] == "/sign-in"
    assert not await visitor.is_signed_in()


@pytest.mark.asvs("V7.5.1", "a route of members, tokens or money does not ask for the code")
async def test_the_code_is_asked_for_again(visitor: Visitor) -> None:
    """A quarter of an hour after the last code members, tokens, payment and one's own sign-in ask for it once more."""
    await visitor.join(OWNER)
    device, _ = await turn_on(visitor)
    assert (await visitor.get("/members")).status_code == 200
    visitor.sql("UPDATE app.sessions SET stepped_up_at = now() - interval '16 minutes'")
    referer = {"referer": "http://office.test/licences"}
    for answer, page in (
        (await visitor.get("/members"), "/members"),
        (await visitor.post("/members/invitations", email="a@b.example", role="manager", outlet="all"), "/"),
        (await visitor.post("/account/tokens"), "/"),
        (await visitor.post("/licences/invoices", referer, months="1"), "/licences"),
        (await visitor.post("/account/password", present=PASSWORD, password="another good phrase"), "/"),
        (await visitor.post("/account/email", present=PASSWORD, email="new@shop.example"), "/"),
        (await visitor.post("/account/second-factor/codes"), "/"),
        (await visitor.post("/account/second-factor/off"), "/"),
    ):
        assert answer.status_code == 303
        assert answer.headers["location"].replace("%2F", "/") in (f"/step-up?next={page}", "/step-up?next=")
    assert visitor.sql("SELECT (SELECT count(*) FROM app.owner_tokens) + (SELECT count(*) FROM app.invitations)") == [
        (0,)
    ]
    assert (await visitor.get("/account")).status_code == 200
    assert (await visitor.get("/step-up?next=/members")).status_code == 200
    assert (await visitor.post("/step-up", code="000000", next="/members")).status_code == 422
    answer = await visitor.post("/step-up", code=device.code(), next="/members")
    assert (answer.status_code, answer.headers["location"]) == (303, "/members")
    assert (await visitor.get("/members")).status_code == 200
    assert (await visitor.post("/account/tokens")).status_code == 303


@pytest.mark.asvs("V6.5.4", "recovery codes are shorter")
async def test_turning_it_on_and_off(visitor: Visitor) -> None:
    """Turning it on takes the password and a first code; new recovery codes end the old ones; turning it off ends all
    of it. Letters and the journal tell."""
    await visitor.join(OWNER)
    assert (await visitor.post("/account/second-factor", present="wrong")).status_code == 422
    assert (await visitor.post("/account/second-factor/confirm", code="000000")).status_code == 303
    assert (await visitor.post("/account/second-factor", present=PASSWORD)).status_code == 200
    assert (await visitor.post("/account/second-factor/confirm", code="000000")).status_code == 422
    _, first = await turn_on(visitor)
    assert (await visitor.post("/account/second-factor", present=PASSWORD)).status_code == 303  # it is on already
    answer = await visitor.post("/account/second-factor/codes")
    second = re.findall(r"[A-Z0-9]{6}(?:-[A-Z0-9]{6}){3}", answer.text)
    assert (len(second), set(first) & set(second)) == (10, set())
    await visitor.post("/sign-out")
    await visitor.sign_in(OWNER)
    assert (await visitor.post("/sign-in/code", code=first[0])).status_code == 422
    assert (await visitor.post("/sign-in/code", code=second[0])).status_code == 303
    assert (await visitor.post("/account/second-factor/off")).status_code == 303
    assert (await visitor.post("/account/second-factor/off")).status_code == 404
    await visitor.post("/sign-out")
    assert (await visitor.sign_in(OWNER)).headers["location"] == "/"
    noted = [row[0] for row in visitor.sql("SELECT action FROM app.journal ORDER BY entry_id")]
    wanted = ("second_factor_on", "recovery_codes_made", "code_failed", "recovery_code_used", "second_factor_off")
    assert [action for action in noted if action in wanted] == list(wanted)
    assert len(visitor.letters(OWNER)) == 3  # registration, on, off


async def test_an_operator_takes_it_away(visitor: Visitor, service_settings: Settings) -> None:
    """`weboffice account reset-totp` lets who has lost device and codes sign in with the password; the journal
    has it."""
    assert command(service_settings, "reset-totp") == (1, "unknown_account")
    await visitor.join(OWNER)
    await turn_on(visitor)
    await visitor.post("/sign-out")
    assert command(service_settings, "reset-totp") == (0, "totp_reset")
    assert (await visitor.sign_in(OWNER)).headers["location"] == "/"
    assert visitor.sql("SELECT by_operator FROM app.journal WHERE action = 'second_factor_reset'") == [(True,)]


@pytest.mark.asvs("V13.3.1", "a secret that codes are made of stands in the database as it is")
async def test_the_database_alone_makes_no_codes(visitor: Visitor) -> None:
    """The secret does not stand in the database as it is. A row from before there were keys is good, and is sealed by
    the next start of the portal; its codes go on."""
    await visitor.join(OWNER)
    device, _ = await turn_on(visitor)
    [[person, sealed]] = visitor.sql("SELECT person_id, secret FROM app.second_factors")
    assert device.secret not in sealed
    dumped = visitor.sql("SELECT f::text FROM app.second_factors f UNION ALL SELECT j::text FROM app.journal j")
    assert not any(device.secret in row for [row] in dumped)
    portal = visitor.portal
    visitor.sql("UPDATE app.second_factors SET secret = %s", device.secret)
    await visitor.post("/sign-out")
    await visitor.sign_in(OWNER)
    assert (await visitor.post("/sign-in/code", code=device.code())).status_code == 303
    assert await second_factor.reseal(portal.database, portal.keys) == 1
    assert await second_factor.reseal(portal.database, portal.keys) == 0
    [[again]] = visitor.sql("SELECT secret FROM app.second_factors")
    assert portal.keys.open(again, person) == device.secret
    await visitor.post("/sign-out")
    await visitor.sign_in(OWNER)
    assert (await visitor.post("/sign-in/code", code=device.code())).status_code == 303
