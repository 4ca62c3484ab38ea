"""«Загрузить данные»: what the portal takes, keeps and shows; the worker is tested with a running service."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest
from psycopg import sql
from psycopg.types.json import Jsonb

from tests.logins import owner_of
from tests.webapp.outlets.test_outlets import OWNER, add_outlet
from tests.webapp.visitor import Visitor
from webapp import files

RESULT: dict[str, Any] = {
    "events": 5,
    "new": 3,
    "known": 2,
    "errors": [{"row": 7, "column": "Цена", "value": "=сто", "reason": "здесь должно быть число"}],
    "error_count": 1,
    "notes": [{"text": "товаров без цены", "count": 2}],
    "totals": {"file": {"2026-03-01": {"sales": 2, "revenue": "350.00"}}, "service": None},
    "equal": None,
}


async def hand_in(
    visitor: Visitor, outlet: str, content: bytes = b"[]", name: str = "receipts.json", **fields: str
) -> httpx.Response:
    """Sends the form with a file, as a browser does."""
    return await visitor.http.post(
        f"/outlets/{outlet}/import",
        data={"format": "receipts", **fields},
        files={"file": (name, content)} if name else {"file": ("", b"")},
        headers={"Sec-Fetch-Site": "same-origin"},
    )


def imports(visitor: Visitor) -> list[Any]:
    return visitor.sql("SELECT import_id, state, format FROM app.imports ORDER BY created_at")


def become(visitor: Visitor, import_id: UUID, state: str, **columns: Any) -> None:
    """What a worker does."""
    with psycopg.connect(owner_of(visitor.portal.database.url)) as connection:
        for name, value in {"state": state, **columns}.items():
            statement = sql.SQL("UPDATE app.imports SET {} = %s WHERE import_id = %s").format(sql.Identifier(name))
            connection.execute(statement, (value, import_id))


@pytest.mark.asvs("V5.3.2", "the folders in a file's name are taken over")
async def test_a_file_is_taken_and_waits_for_a_worker(visitor: Visitor) -> None:
    """Its bytes are in the database in pieces, whatever their number; the page says that it is being read."""
    await visitor.join(OWNER)
    outlet, _ = await add_outlet(visitor)
    content = bytes(range(256)) * (files.PIECE_BYTES // 256) + b"the end"
    answer = await hand_in(visitor, outlet, content, "C:\\Мои документы\\чеки.json")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/outlets/{outlet}/import")
    [(_, state, format_name)] = imports(visitor)
    assert (state, format_name) == ("to_read", "receipts")
    pieces = visitor.sql("SELECT name, content FROM app.import_files ORDER BY piece")
    assert {name for name, _ in pieces} == {"чеки.json"}
    assert b"".join(bytes(piece) for _, piece in pieces) == content
    assert len(pieces) == 2
    assert "Файл читается" in (await visitor.get(f"/outlets/{outlet}/import")).text


async def test_what_was_read_is_shown_and_confirmed(visitor: Visitor) -> None:
    """Days, notes and bad rows are shown; the errors come as a file without formulas; yes hands it to the worker."""
    await visitor.join(OWNER)
    outlet, _ = await add_outlet(visitor)
    await hand_in(visitor, outlet)
    [(import_id, _, _)] = imports(visitor)
    become(visitor, import_id, "read", result=Jsonb(RESULT))
    page = (await visitor.get(f"/outlets/{outlet}/import")).text
    assert "мар. 2026" in page
    assert "350,00" in page
    assert "товаров без цены: 2" in page
    assert "здесь должно быть число" in page
    table = await visitor.get(f"/outlets/{outlet}/import/{import_id}/errors.csv")
    assert table.content.decode("utf-8-sig").splitlines()[1] == "7;Цена;'=сто;здесь должно быть число"
    await visitor.post(f"/outlets/{outlet}/import/{import_id}/confirm")
    assert imports(visitor)[0][1] == "to_send"
    become(visitor, import_id, "done", result=Jsonb({**RESULT, "equal": True}))
    assert "Цифры сервиса равны цифрам файла" in (await visitor.get(f"/outlets/{outlet}/import")).text
    await visitor.post(f"/outlets/{outlet}/import/{import_id}/confirm")  # a page that was left open
    assert imports(visitor)[0][1] == "done"


async def test_a_question_is_answered(visitor: Visitor) -> None:
    """The answers of several questions come together; then the file is read again."""
    await visitor.join(OWNER)
    outlet, _ = await add_outlet(visitor)
    await hand_in(visitor, outlet)
    [(import_id, _, _)] = imports(visitor)
    base = f"/outlets/{outlet}/import"
    for inn, answer in (("1", "here"), ("2", "elsewhere")):
        question = {"key": f"outlets.{inn}", "text": "?", "choices": ["here", "elsewhere"], "about": f"ИНН {inn}"}
        become(visitor, import_id, "asked", question=Jsonb(question))
        page = (await visitor.get(base)).text
        assert "Это чеки этой торговой точки?" in page
        assert f"ИНН {inn}" in page
        await visitor.post(f"{base}/{import_id}/answer", key=f"outlets.{inn}", answer=answer)
        assert imports(visitor)[0][1] == "to_read"
    assert visitor.sql("SELECT answers FROM app.imports") == [({"outlets": {"1": "here", "2": "elsewhere"}},)]


async def test_what_is_not_taken(visitor: Visitor) -> None:
    """No file, no known format, too many at once: a sentence, and nothing is kept."""
    await visitor.join(OWNER)
    outlet, _ = await add_outlet(visitor)
    for answer in (await hand_in(visitor, outlet, name=""), await hand_in(visitor, outlet, format="poems")):
        assert answer.headers["location"].endswith("?error=no_file")
        assert "Выберите, что это, и файл" in (await visitor.get(answer.headers["location"])).text
    assert imports(visitor) == []
    for _ in range(5):
        await hand_in(visitor, outlet)
    assert (await hand_in(visitor, outlet)).headers["location"].endswith("?error=too_many")
    assert len(imports(visitor)) == 5


async def test_bounds_of_a_form(visitor: Visitor) -> None:
    """A body that is longer than files may be is refused as it comes; a cut one, and one of another kind, too."""
    await visitor.join(OWNER)
    outlet, _ = await add_outlet(visitor)
    headers = {"Content-Type": 'multipart/form-data; boundary="b"', "Sec-Fetch-Site": "same-origin"}
    address = f"/outlets/{outlet}/import"
    head = b'--b\r\nContent-Disposition: form-data; name="format"\r\n\r\nreceipts\r\n'
    cut = await visitor.http.post(address, content=head, headers=headers)
    assert cut.status_code == 400
    long_field = head.replace(b"receipts", b"x" * 10_000) + b"--b--\r\n"
    assert (await visitor.http.post(address, content=long_field, headers=headers)).status_code == 400
    plain = {**headers, "Content-Type": "application/json"}
    assert (await visitor.http.post(address, content=b"{}", headers=plain)).status_code == 415
    assert imports(visitor) == []


async def test_an_import_is_its_owners(visitor: Visitor, stranger: Visitor) -> None:
    """To another account the outlet and its imports are not there."""
    await visitor.join(OWNER)
    outlet, _ = await add_outlet(visitor)
    await hand_in(visitor, outlet)
    [(import_id, _, _)] = imports(visitor)
    become(visitor, import_id, "read", result=Jsonb(RESULT))
    await stranger.join("stranger@shop.example")
    other, _ = await add_outlet(stranger, "Чужая")
    for base in (f"/outlets/{outlet}/import", f"/outlets/{other}/import"):
        assert (await stranger.get(f"{base}/{import_id}/errors.csv")).status_code == 404
        assert (await stranger.post(f"{base}/{import_id}/confirm")).status_code == 404
    assert (await stranger.get(f"/outlets/{outlet}/import")).status_code == 404
    assert (await hand_in(stranger, outlet)).status_code == 404
    await stranger.post(f"/outlets/{other}/import/{import_id}/remove")
    assert imports(visitor) == [(import_id, "read", "receipts")]
    await visitor.post(f"/outlets/{outlet}/import/{import_id}/remove")
    assert imports(visitor) == []
