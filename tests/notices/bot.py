"""A server that speaks the part of Telegram's Bot API that we call."""

from __future__ import annotations

import json
import threading
import time
from email import message_from_bytes
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "123456:AAexample_of-a-token"


class BotServer(ThreadingHTTPServer):
    """`sent` are the texts by chat, `pictures` how many had one. A chat in `blocked` is refused with 403; `busy`
    times it answers 429 first. One `getUpdates` at a time is served, another is refused with 409; what lies before its
    offset is forgotten."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Calls)
        self.sent: list[tuple[int, str]] = []
        self.blocked: set[int] = set()
        self.busy = 0
        self.pictures = 0
        self.polled = threading.Lock()
        self._updates: list[dict[str, Any]] = []
        self._number = 100
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def __enter__(self) -> BotServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()

    def say(self, chat: int, text: str, kind: str = "private", language: str = "ru") -> None:
        """Somebody writes to the bot."""
        self._number += 1
        who = {"id": chat, "type": kind, "first_name": "Анна", "username": "anna"}
        sender = {"id": chat, "is_bot": False, "first_name": "Анна", "language_code": language}
        message = {"message_id": 1, "date": 0, "chat": who, "from": sender, "text": text}
        self._updates.append({"update_id": self._number, "message": message})

    def updates(self, offset: int, seconds: float) -> list[dict[str, Any]]:
        self._updates = [update for update in self._updates if update["update_id"] >= offset]
        deadline = time.monotonic() + seconds
        while not self._updates and time.monotonic() < deadline:
            time.sleep(0.02)
        return self._updates


class _Calls(BaseHTTPRequestHandler):
    server: BotServer

    def do_POST(self) -> None:
        asked = self._asked(self.rfile.read(int(self.headers["content-length"])))
        method = self.path.removeprefix(f"/bot{TOKEN}/")
        if method == self.path:
            return self._answer(401, {"ok": False, "error_code": 401, "description": "Unauthorized"})
        if method == "getUpdates":
            if not self.server.polled.acquire(blocking=False):
                return self._answer(409, {"ok": False, "error_code": 409, "description": "Conflict"})
            try:
                return self._called(method, asked)
            finally:
                self.server.polled.release()
        return self._called(method, asked)

    def _asked(self, body: bytes) -> dict[str, Any]:
        """The parameters: of JSON, or of a form with a file."""
        if self.headers["content-type"] == "application/json":
            return dict(json.loads(body))
        head = f"Content-Type: {self.headers['content-type']}\r\n\r\n".encode()
        asked: dict[str, bytes] = {}
        for part in message_from_bytes(head + body, policy=HTTP).iter_parts():
            content = part.get_payload(decode=True)
            assert isinstance(content, bytes)
            asked[part["content-disposition"].params["name"]] = content
        assert asked["photo"].startswith(b"\x89PNG")
        return {"chat_id": int(asked["chat_id"]), "text": asked["caption"].decode(), "photo": asked["photo"]}

    def _called(self, method: str, asked: dict[str, Any]) -> None:
        if method == "getUpdates":
            return self._answer(200, {"ok": True, "result": self.server.updates(asked["offset"], asked["timeout"])})
        chat, text = asked["chat_id"], asked["text"]
        assert method == ("sendPhoto" if "photo" in asked else "sendMessage")
        assert 0 < len(text.encode("utf-16-le")) <= 2 * (1024 if "photo" in asked else 4096)
        if self.server.busy:
            self.server.busy -= 1
            wait = {"retry_after": 7}
            return self._answer(429, {"ok": False, "error_code": 429, "description": "", "parameters": wait})
        if chat in self.server.blocked:
            return self._answer(403, {"ok": False, "error_code": 403, "description": "bot was blocked by the user"})
        self.server.sent.append((chat, text))
        self.server.pictures += "photo" in asked
        return self._answer(200, {"ok": True, "result": {"message_id": len(self.server.sent)}})

    def _answer(self, status: int, document: dict[str, Any]) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""
