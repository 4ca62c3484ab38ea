"""Hands the documents of a stage to the till client, each once, and waits until the service has worked them off."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from msgspec import Struct

from producers.importers import figures
from producers.importers.documents import Shop
from producers.importers.known import Known, Remembered
from producers.importers.preview import Preview
from producers.importers.stage import Stage, Staged
from producers.till.client import Sent, TillClient
from producers.till.encoding import encoded_plain
from schemas.limits import MAX_EVENTS

Progress = Callable[[int], None]
"""Told the number of events that are acknowledged so far."""

_CHUNK_EVENTS = 2000
_APPLIED_WITHIN_S, _ASK_EVERY_S = 60.0, 0.2


class Spool(Struct, frozen=True):
    """Where the till of an import keeps its events: the address and token to send with, and the spool's folders."""

    url: str
    token: str
    folder: Path
    stamps: Path
    give_up_after: float | None = 60.0

    def client(self) -> TillClient:
        return TillClient(self.url, self.token, self.folder, state_dir=self.stamps, batch_events=MAX_EVENTS)


class Delivery(Struct, frozen=True):
    """What was sent. `applied` says whether the service has worked it off."""

    sent: list[Sent]
    applied: bool

    @property
    def withdrawn(self) -> int:
        return sum(len(sent.withdrawn) for sent in self.sent)


def deliver(spool: Spool, stage: Stage, preview: Preview, known: Known, shop: Shop, progress: Progress) -> Delivery:
    """Send what is new. Killed or broken off, the next call goes on where this one stopped."""
    with spool.client() as client:
        sent = [client.send(spool.give_up_after)]  # what an earlier call left behind
        done = sent[0].events
        progress(done)
        for chunk in _chunks(stage, preview):
            if events := [event for staged in chunk for event in staged.document.events]:
                client.spool.append(list(map(encoded_plain, events)))
            known.remember(_remembered(staged, shop) for staged in chunk)
            sent.append(client.send(spool.give_up_after))
            done += sent[-1].events
            progress(done)
        return Delivery(sent, _applied(client))


def _chunks(stage: Stage, preview: Preview) -> Iterator[list[Staged]]:
    chunk: list[Staged] = []
    size = 0
    for staged in stage.documents():
        if (staged.document.kind, staged.document.id) in preview.refused or not stage.is_new(staged):
            continue
        chunk.append(staged)
        size += max(1, len(staged.document.events))
        if size >= _CHUNK_EVENTS:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _remembered(staged: Staged, shop: Shop) -> Remembered:
    document = staged.document
    return Remembered(
        document.kind,
        document.id,
        staged.digest,
        document.detail,
        document.parts,
        figures.of_document(document.events, shop),
    )


def _applied(client: TillClient) -> bool:
    """Whether all of the run is in the service's figures; waits a while for it."""
    through, deadline = client.spool.through, time.monotonic() + _APPLIED_WITHIN_S
    while through:
        state = client.state()
        if state and state["applied_through"] >= through:
            return True
        if time.monotonic() > deadline:
            return False
        time.sleep(_ASK_EVERY_S)
    return True
