"""Web push (RFC 8030, 8188, 8291, 8292): messages to browsers, encrypted for each, by way of its maker's push service.

The address of a push service comes from a browser. So it is looked up here, every address that it leads to has to be a
public one, and the one that was looked at is the one that is called; redirects are not followed, no answer is read.
"""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import httpx
from py_vapid import Vapid02, VapidException
from pywebpush import WebPusher

from notices.delivery import Due, NotTaken
from webapp.notices.endpoints import Endpoint, is_allowed, parsed
from webapp.pushkey import PushKey, encoded

_TIMEOUT_S = 15.0
_KEPT = timedelta(days=1)
"""For so long a push service keeps a message for a device that is off."""
_SIGNED_FOR = timedelta(hours=12)
_LONGEST_TEXT = 600
"""Characters of a message; push services take 4096 bytes, encrypted."""
_GONE = (404, 410)


class Pushes:
    """Carries messages to the browsers that a reader subscribed. `contact` is whom a push service may write to: an
    address that begins with `mailto:` or `https:`."""

    minute_most, hour_most = 600, 12

    def __init__(
        self, key: PushKey, contact: str, networks: Sequence[str] = (), *, tls: ssl.SSLContext | None = None
    ) -> None:
        self._vapid, self._contact, self._networks = Vapid02.from_raw(key.private.encode()), contact, networks
        self._http = httpx.AsyncClient(verify=tls or ssl.create_default_context(), timeout=_TIMEOUT_S)

    async def close(self) -> None:
        await self._http.aclose()

    async def hand_over(self, message: Due) -> None:
        if message.endpoint is None:
            raise NotTaken("unlinked", for_ever=True)
        endpoint = parsed(message.endpoint, self._networks)
        if endpoint is None:
            raise NotTaken("address refused", for_ever=True)
        keys = {"p256dh": encoded(message.p256dh or b""), "auth": encoded(message.auth or b"")}
        body = WebPusher({"endpoint": message.endpoint, "keys": keys}).encode(_content(message))["body"]
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                request = self._request(endpoint, await self._address(endpoint), body, message.message_id)
                answer = await self._http.send(request, stream=True)
                await answer.aclose()
        except (httpx.HTTPError, OSError, TimeoutError, VapidException) as exc:
            raise NotTaken(type(exc).__name__) from exc
        if not answer.is_success:
            raise _not_taken(answer)

    async def _address(self, endpoint: Endpoint) -> str:
        """Raises `NotTaken` where the name leads into a private network, `OSError` where it leads nowhere."""
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(endpoint.host, endpoint.port, type=socket.SOCK_STREAM)
        addresses = [str(each[4][0]) for each in found]
        if not all(is_allowed(address, self._networks) for address in addresses):
            raise NotTaken("address refused", for_ever=True)
        return addresses[0]

    def _request(self, endpoint: Endpoint, address: str, body: bytes, message_id: int) -> httpx.Request:
        """To the address that was looked at, and to no other that the name may lead to a moment later."""
        claims = {
            "aud": endpoint.origin,
            "sub": self._contact,
            "exp": int((datetime.now(UTC) + _SIGNED_FOR).timestamp()),
        }
        headers = {
            "Host": endpoint.authority,
            "Content-Type": "application/octet-stream",
            "Content-Encoding": "aes128gcm",
            "TTL": str(int(_KEPT.total_seconds())),
            "Urgency": "high",
            "Topic": f"m{message_id}",  # handed over twice, it is shown once
            **self._vapid.sign(claims),
        }
        host = f"[{address}]" if ":" in address else address
        url = f"https://{host}:{endpoint.port}{endpoint.target}"
        extensions = {"sni_hostname": endpoint.host}
        return self._http.build_request("POST", url, headers=headers, content=body, extensions=extensions)


def _content(message: Due) -> bytes:
    """What the browser shows, for `webapp/static/worker.js`."""
    text = message.body.rpartition("\n\n")[0] or message.body  # without its last lines: they say the address
    page = "/" if message.about == "digest" else "/notices"
    shown = {"title": message.subject, "body": text[:_LONGEST_TEXT], "url": page, "tag": f"m{message.message_id}"}
    return json.dumps(shown, ensure_ascii=False).encode()


def _not_taken(answer: httpx.Response) -> NotTaken:
    why, seconds = f"push: {answer.status_code}", answer.headers.get("Retry-After", "")
    wait = timedelta(seconds=min(int(seconds), 3600)) if seconds.isascii() and seconds.isdigit() else None
    refused = answer.status_code in (400, 413)
    return NotTaken(why, for_ever=refused, wait=wait, gone=answer.status_code in _GONE)
