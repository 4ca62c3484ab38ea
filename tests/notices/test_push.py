"""Web push, against a push service of the tests: encrypted for one browser, signed, bounded, ended."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from notices.delivery import Delivery
from notices.push import Pushes
from notices.reading import Reading
from notices.teller import Teller
from schemas.errors import UsageError
from tests.notices.pushserver import NETWORKS, PushServer, Subscribed
from tests.webapp.reports.conftest import enter
from tests.webapp.shop import Shop
from tests.webapp.visitor import Visitor
from webapp import pushkey
from webapp.app import Portal
from webapp.database import Database
from webapp.notices import endpoints
from webapp.notices.push import DEVICES_MOST

NOW = datetime(2031, 3, 3, 12, tzinfo=UTC)
CONTACT = "mailto:help@office.test"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PushServer]:
    with PushServer(tmp_path_factory.mktemp("push")) as server:
        yield server


@pytest.fixture
def server(service: PushServer) -> PushServer:
    """The push service, with nothing taken yet."""
    service.taken.clear()
    service.answers.clear()
    return service


@pytest.fixture
async def owner(postgres: str, portal: Portal, visitor: Visitor) -> Visitor:
    portal.push_networks = NETWORKS
    Shop(postgres)
    await enter(visitor, postgres, "owner@example.com")
    return visitor


@pytest.fixture
async def delivery(portal: Portal, server: PushServer, database: Database) -> AsyncIterator[Delivery]:
    pushes = Pushes(portal.push_key, CONTACT, NETWORKS, tls=server.trusted)
    yield Delivery(database, {"push": pushes})
    await pushes.close()


def _queue(owner: Visitor, count: int = 1, text: str = "Текст\n\nАдрес", about: str = "alarm") -> None:
    owner.sql(
        "INSERT INTO app.messages (account_id, person_id, channel, device_id, about, subject, body, created_at,"
        " next_attempt_at) SELECT account_id, person_id, 'push', device_id, %s, 'Чайная: касса молчит', %s, %s, %s"
        " FROM app.push_devices, generate_series(1, %s)",
        about, text, NOW, NOW, count,
    )  # fmt: skip


def _json(part: str) -> dict[str, Any]:
    return dict(json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4))))


def _verified(authorization: str, key: str) -> dict[str, Any]:
    """The claims, as a push service takes them: signed by the key that the browser subscribed with."""
    scheme, _, parts = authorization.partition(" ")
    fields = dict(part.strip().split("=", 1) for part in parts.split(","))
    assert (scheme, fields["k"]) == ("vapid", key)
    head, claims, signature = fields["t"].split(".")
    assert _json(head)["alg"] == "ES256"
    raw = pushkey.decoded(signature)
    point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), pushkey.decoded(key))
    der = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    point.verify(der, f"{head}.{claims}".encode(), ec.ECDSA(SHA256()))
    return _json(claims)


async def test_a_device_is_subscribed_and_hears(
    owner: Visitor, portal: Portal, server: PushServer, database: Database, delivery: Delivery
) -> None:
    """An alarm comes to the device that its reader subscribed, encrypted for it alone and signed by the installation's
    key; taken away on the page, it hears no more, and the journal says both."""
    browser = Subscribed(f"{server.origin}/one")
    assert portal.push_key.public in (await owner.get("/notices")).text
    page = (await owner.post_and_look("/notices/push", **browser.fields)).text
    assert "Теперь это устройство показывает оповещения." in page
    assert "это устройство" in page
    owner.sql("UPDATE app.accounts SET trial_until = now() + interval '50 hours'")
    [(account,)] = owner.sql("SELECT account_id FROM app.outlets")
    now = datetime.now(UTC)
    await Teller(database, Reading(database), "https://office.test").tell(account, now)
    assert await delivery.send_due(now) == 1
    [(path, headers, body)] = server.taken
    assert path == "/one"
    assert (headers["content-encoding"], headers["ttl"]) == ("aes128gcm", "86400")
    assert headers["host"] == server.origin.removeprefix("https://")
    shown = browser.opened(body)
    assert shown["url"] == "/notices"
    assert "Показатели видны до" in shown["body"]
    assert "office.test" not in shown["body"]
    assert headers["topic"] == shown["tag"]
    claims = _verified(headers["authorization"], portal.push_key.public)
    assert (claims["aud"], claims["sub"]) == (server.origin, CONTACT)
    assert 0 < claims["exp"] - now.timestamp() < 24 * 3600
    with pytest.raises(Exception, match="Decryption error"):
        Subscribed("https://push.example").opened(body)

    [(device,)] = owner.sql("SELECT device_id FROM app.push_devices")
    _queue(owner)
    assert "больше не показывает" in (await owner.post_and_look("/notices/push/off", device=str(device))).text
    assert await delivery.send_due(NOW) == 0
    assert owner.sql("SELECT error FROM app.messages WHERE failed_at IS NOT NULL") == [("unlinked",)]
    journal = (await owner.get("/journal")).text
    assert "Устройство показывает оповещения" in journal
    assert "Устройство больше не показывает оповещения" in journal


@pytest.mark.parametrize("status", [404, 410])
async def test_a_subscription_that_is_over_ends(
    owner: Visitor, server: PushServer, delivery: Delivery, status: int
) -> None:
    """A push service that knows it no more ends it: nothing is sent there again, and the page says why."""
    await owner.post("/notices/push", **Subscribed(f"{server.origin}/gone").fields)
    _queue(owner, 2)
    server.answers["/gone"] = status, {}
    await delivery.send_due(NOW)
    assert len(server.taken) == 1
    assert owner.sql("SELECT count(*) FROM app.push_devices") == [(0,)]
    errors = owner.sql("SELECT error, failed_at FROM app.messages ORDER BY message_id")
    assert errors == [(f"push: {status}", NOW), ("unlinked", NOW)]


async def test_what_is_not_taken_is_tried_again(owner: Visitor, server: PushServer, delivery: Delivery) -> None:
    """A push service that is busy is left alone for as long as it says; another failure is put off like a letter's."""
    await owner.post("/notices/push", **Subscribed(f"{server.origin}/busy").fields)
    _queue(owner)
    server.answers["/busy"] = 429, {"Retry-After": "7"}
    state = "SELECT error, next_attempt_at - created_at, failed_at FROM app.messages"
    await delivery.send_due(NOW)
    assert owner.sql(state) == [("push: 429", timedelta(seconds=7), None)]
    server.answers["/busy"] = 500, {}
    await delivery.send_due(NOW + timedelta(seconds=7))
    assert owner.sql(state) == [("push: 500", timedelta(seconds=67), None)]
    server.answers.clear()
    assert await delivery.send_due(NOW + timedelta(seconds=67)) == 1


async def test_redirects_are_not_followed(owner: Visitor, server: PushServer, delivery: Delivery) -> None:
    """A push service that leads elsewhere is not followed."""
    await owner.post("/notices/push", **Subscribed(f"{server.origin}/away").fields)
    server.answers["/away"] = 307, {"Location": f"{server.origin}/inside"}
    _queue(owner)
    assert await delivery.send_due(NOW) == 0
    assert [path for path, *_ in server.taken] == ["/away"]
    assert owner.sql("SELECT error FROM app.messages") == [("push: 307",)]


async def test_a_device_gets_so_many_an_hour(owner: Visitor, server: PushServer, delivery: Delivery) -> None:
    """Each device of a reader by itself."""
    for path in ("one", "two"):
        await owner.post("/notices/push", **Subscribed(f"{server.origin}/{path}").fields)
    _queue(owner, 15, "Ы" * 3000, "digest")
    assert await delivery.send_due(NOW) == 24
    assert await delivery.send_due(NOW + timedelta(minutes=61)) == 6
    assert max(len(body) for *_, body in server.taken) < 4096


async def test_private_networks_are_not_called(
    owner: Visitor, portal: Portal, server: PushServer, database: Database
) -> None:
    """A name that leads into a private network is not called, whatever it led to when it was subscribed; nor is one
    taken that says so itself."""
    await owner.post("/notices/push", **Subscribed(f"{server.origin}/one").fields)
    owner.sql("UPDATE app.push_devices SET endpoint = 'https://localhost.localdomain.example.invalid/one'")
    _queue(owner)
    pushes = Pushes(portal.push_key, CONTACT, ["192.0.2.0/24"], tls=server.trusted)
    await Delivery(database, {"push": pushes}).send_due(NOW)
    assert owner.sql("SELECT error, failed_at FROM app.messages") == [("gaierror", None)]
    owner.sql("UPDATE app.push_devices SET endpoint = %s", f"{server.origin}/one")
    await Delivery(database, {"push": pushes}).send_due(NOW + timedelta(seconds=30))
    await pushes.close()
    assert owner.sql("SELECT error, failed_at IS NOT NULL FROM app.messages") == [("address refused", True)]
    assert server.taken == []
    portal.push_networks = []
    for endpoint in (
        f"{server.origin}/one",
        "http://push.example/one",
        "https://127.0.0.1/one",
        "https://10.1.2.3/one",
        "https://[::1]/one",
        "https://[::ffff:10.0.0.1]/one",
        "https://push.example:8443/one",
        "https://user@push.example/one",
        "https://postgres/one",
        "https://db.internal/one",
        "https://push.example/" + "x" * endpoints.LONGEST,
        "",
    ):
        given = Subscribed(endpoint).fields
        assert (await owner.post("/notices/push", **given)).status_code == 400, endpoint
    given = Subscribed("https://push.example/one").fields
    for wrong in ({"auth": "short"}, {"p256dh": pushkey.encoded(b"\4" * 65)}, {"p256dh": "ы"}):
        assert (await owner.post("/notices/push", **{**given, **wrong})).status_code == 400
    assert (await owner.post("/notices/push", **given)).status_code == 303


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("93.184.215.14", True),
        ("2606:4700::1111", True),
        ("127.0.0.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("224.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::a00:1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
    ],
)
def test_which_addresses_are_public(address: str, allowed: bool) -> None:
    """Loopback, private, link-local and shared networks, and ways into them, are none; a setting allows its own."""
    assert endpoints.is_allowed(address, []) is allowed
    assert endpoints.is_allowed("10.0.0.1", ["10.0.0.0/8"])


async def test_devices_are_bounded_and_belong_to_who_sits_there(
    owner: Visitor, stranger: Visitor, postgres: str, server: PushServer
) -> None:
    """A reader has five at most; another who subscribes in the same browser takes it over; signing out, or ending the
    session elsewhere, ends its messages, and signing in anew in the same browser keeps them."""
    for number in range(DEVICES_MOST):
        await owner.post("/notices/push", **Subscribed(f"{server.origin}/{number}").fields)
    more = await owner.post_and_look("/notices/push", **Subscribed(f"{server.origin}/more").fields)
    assert "сначала отключите одно из них" in more.text
    await owner.post("/notices/push", **Subscribed(f"{server.origin}/0").fields)
    assert owner.sql("SELECT count(*) FROM app.push_devices") == [(DEVICES_MOST,)]

    Shop(postgres, email="other@example.com", outlets=("Чужая",))
    await enter(stranger, postgres, "other@example.com")
    await stranger.post("/notices/push", **Subscribed(f"{server.origin}/0").fields)
    by_person = (
        "SELECT email, count(*) FROM app.push_devices JOIN app.accounts a ON a.account_id = person_id GROUP BY 1"
    )
    assert dict(owner.sql(by_person)) == {"owner@example.com": DEVICES_MOST - 1, "other@example.com": 1}
    [(foreign,)] = owner.sql("SELECT device_id FROM app.push_devices WHERE endpoint LIKE '%%/0'")
    for named in (str(foreign), "x", "9" * 18):
        await owner.post("/notices/push/off", device=named)
    assert dict(owner.sql(by_person))["other@example.com"] == 1

    await enter(owner, postgres, "owner@example.com")
    assert dict(owner.sql(by_person))["owner@example.com"] == DEVICES_MOST - 1
    await enter(owner, postgres, "other@example.com")  # another signs in at the same browser
    assert dict(owner.sql(by_person)) == {"other@example.com": 1}
    await owner.post("/account/sessions/end-others")
    assert dict(owner.sql(by_person)) == {}
    await owner.post("/notices/push", **Subscribed(f"{server.origin}/1").fields)
    await owner.post("/sign-out")
    assert dict(owner.sql(by_person)) == {}


def test_the_key_is_made_once_and_kept(tmp_path: Path) -> None:
    """In a file of the home for its user alone, the same for portal and `work tell`; a wrong one is said so."""
    key = pushkey.of_home(tmp_path)
    assert pushkey.of_home(tmp_path) == key
    assert (tmp_path / pushkey.FILE).stat().st_mode & 0o777 == 0o600
    for wrong in ("", "x", "ы", pushkey.encoded(bytes(32)), pushkey.encoded(bytes(31))):
        with pytest.raises(UsageError, match="WEBOFFICE_PUSH_KEY"):
            pushkey.of_text(wrong)
