"""A wire to PostgreSQL that can be cut, or hang, without hurting the server that other tests use."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from psycopg.conninfo import conninfo_to_dict


class PostgresWire:
    """Listens on a socket of its own and passes everything on. `url` goes to clients; cut at first if `cut`."""

    def __init__(self, postgres: str, *, cut: bool = False) -> None:
        found = conninfo_to_dict(postgres)
        self._upstream = (str(found["host"]), int(found.get("port") or 5432))
        self._folder = Path(tempfile.mkdtemp(prefix="wo-wire-"))
        self.url = f"postgresql://{found['user']}@/{found['dbname']}?host={quote(str(self._folder))}"
        if found.get("password"):
            self.url += f"&password={quote(str(found['password']))}"
        self._cut = cut
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._server: asyncio.Server | None = None
        self._passing: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        if not self._cut:
            await self.heal()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.cut()
        shutil.rmtree(self._folder)

    async def cut(self) -> None:
        """As if the server were gone: connections break and none can be made."""
        if self._server is not None:
            self._server.close()
        for task in self._passing:
            task.cancel()
        await asyncio.gather(*self._passing, return_exceptions=True)
        for socket in self._folder.iterdir():
            socket.unlink()

    def hang(self) -> None:
        """As if the server stood still: connections can be made, and nothing comes back."""
        self._flowing.clear()

    async def heal(self) -> None:
        self._flowing.set()
        if self._server is None or not self._server.is_serving():
            self._server = await asyncio.start_unix_server(self._pass_on, self._folder / ".s.PGSQL.5432")

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._passing.add(task)
        host, port = self._upstream
        if host.startswith("/"):
            up_reader, up_writer = await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
        else:
            up_reader, up_writer = await asyncio.open_connection(host, port)
        try:
            await asyncio.gather(self._pump(reader, up_writer), self._pump(up_reader, writer))
        except asyncio.CancelledError:
            pass  # cut: the end of the handler is the end of the connection
        finally:
            self._passing.discard(task)
            for end in (writer, up_writer):
                end.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65536):
                await self._flowing.wait()
                writer.write(data)
                await writer.drain()
            writer.close()
