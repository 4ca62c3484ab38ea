"""Files that nobody fetches, and readers who go away, take nothing from anybody else."""

from __future__ import annotations

import io

import httpx
import openpyxl
import psycopg
import pytest

from tests.security.conftest import CONTACTS, Office
from tests.security.sockets import connect, unread
from tests.service import wait_until

LIST = "/sales/export.csv?range=all"


def _connections_in_transaction(office: Office) -> int:
    with psycopg.connect(office.postgres) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL"
            " AND backend_type = 'client backend'"
        ).fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.asvs("V15.1.3", "a list is streamed from its connection")
def test_unread_exports_shut_nobody_out(office: Office) -> None:
    """While one account leaves nine files unread, everybody's pages, calls and files come, and no connection of the
    database is held for those who do not read."""
    with unread(office.served.url, LIST, 9, f"Cookie: {office.owner_cookie}\r\n"):
        wait_until(lambda: _connections_in_transaction(office) == 0, "connections are held")
        for cookie in (office.owner_cookie, office.other_cookie):
            assert office.get("/sales", cookie, timeout=20).status_code == 200
        token = {"Authorization": f"Bearer {office.other.token}"}
        assert httpx.get(f"{office.served.url}/api/v1/outlets", headers=token, timeout=60).status_code == 200
        assert office.get(LIST, office.other_cookie).status_code == 200
        refused = office.get(LIST, office.owner_cookie)
        assert (refused.status_code, "Два ваших файла" in refused.text) == (429, True)


def test_a_long_list_costs_little_memory(office: Office) -> None:
    """A list of 50,000 contacts with long names is whole in both forms, and takes less than 15 MB of memory."""
    for path in ("/contacts", LIST, LIST.replace("csv", "xlsx")):
        office.get(path, office.owner_cookie, timeout=60)
    before = office.served.memory_bytes_max()
    text = office.get("/contacts/export.csv", office.owner_cookie, timeout=60).content.decode("utf-8-sig")
    book = office.get("/contacts/export.xlsx", office.owner_cookie, timeout=120).content
    assert text.count("\r\n") == CONTACTS + 1
    assert openpyxl.load_workbook(io.BytesIO(book), read_only=True).active.max_row == CONTACTS + 1
    assert office.served.memory_bytes_max() - before < 15_000_000


def test_who_hangs_up_ends_his_query(office: Office) -> None:
    """A client that goes away takes its query with it, before its time limit of 15 seconds ends it."""
    with psycopg.connect(office.postgres) as lock:  # what the pages read is held, so that each query waits
        lock.execute("SELECT set_config('search_path', schema_name, false) FROM app.generations WHERE state = 'live'")
        lock.execute("LOCK TABLE sales, daily IN ACCESS EXCLUSIVE MODE")
        for path in ("/sales?range=all", LIST):
            client = connect(office.served.url)
            client.sendall(f"GET {path} HTTP/1.1\r\nHost: test\r\nCookie: {office.owner_cookie}\r\n\r\n".encode())
            wait_until(lambda: _waiting(office) == 1, "no query waits", 14)
            client.close()
            wait_until(lambda: _waiting(office) == 0, f"the query of {path} goes on", 14)


def _waiting(office: Office) -> int:
    with psycopg.connect(office.postgres) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        ).fetchone()
    assert row is not None
    return int(row[0])


def test_a_page_has_a_time_limit(office: Office) -> None:
    """A query of a page ends after 15 seconds, and the page says that it took too long."""
    with psycopg.connect(office.postgres) as lock:
        lock.execute("SELECT set_config('search_path', schema_name, false) FROM app.generations WHERE state = 'live'")
        lock.execute("LOCK TABLE sales IN ACCESS EXCLUSIVE MODE")
        answer = office.get("/sales", office.owner_cookie, timeout=60)
    assert (answer.status_code, "слишком долго" in answer.text) == (504, True)


def test_one_account_leaves_connections_for_others(office: Office) -> None:
    """Twenty slow pages of one account at once keep no page of another account waiting."""
    with psycopg.connect(office.postgres) as lock:
        lock.execute("SELECT set_config('search_path', schema_name, false) FROM app.generations WHERE state = 'live'")
        lock.execute("LOCK TABLE contacts IN ACCESS EXCLUSIVE MODE")
        with unread(office.served.url, "/contacts", 20, f"Cookie: {office.owner_cookie}\r\n"):
            wait_until(lambda: _waiting(office) == 3, "they do not wait", 14)
            assert office.get("/goods", office.other_cookie, timeout=14).status_code == 200
