"""Runs a Faust app as a worker process: waits for Kafka, ends within 10 s of SIGTERM, leaves at once on a crash."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from typing import Literal, NoReturn

import faust
import structlog
import uvloop
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from schemas import brokers
from schemas.topics import Topics
from streams import probe
from streams.anonymise import anonymise_app
from streams.crash import crash
from streams.lag import Progress
from streams.project import project_app

log = structlog.get_logger(__name__)

_LEAVE_WITHIN_S = 8.0


class _Worker(faust.Worker):
    """Faust's worker without its spinner, its logging set-up and its process title."""

    def _setproctitle(self, info: str, *, ident: str = "") -> None:
        pass

    def _on_sigterm(self) -> None:
        # Whatever hangs on the way out: the batch in hand is in the database or it is not, both are fine.
        timer = threading.Timer(_LEAVE_WITHIN_S, os._exit, [0])
        timer.daemon = True
        timer.start()
        log.info("stopping")
        super()._on_sigterm()

    def _on_sigint(self) -> None:
        self._on_sigterm()


def run(name: Literal["anonymise", "project"], kafka: str, postgres: str, topics: Topics) -> NoReturn:
    """Runs one worker until it is told to stop."""
    # They repeat for every attempt, twice a second, what is said here and by the probe once.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    progress = Progress(name)
    asyncio.run(_wait_for(kafka, topics))
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())  # the threads of Faust make loops of their own
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    match name:
        case "anonymise":
            app, source = anonymise_app(kafka, topics, progress), topics.uploads
        case "project":
            app, source = project_app(kafka, postgres, topics, progress), topics.events
    probe.watch(kafka, source, progress)
    worker = _Worker(app, loop=loop, override_logging=False, redirect_stdouts=False, quiet=True)
    worker.spinner = None
    log.info("started", pid=os.getpid())
    try:
        worker.execute_from_commandline()
    except SystemExit as exc:
        if exc.code:
            crash(exc, int(exc.code) if isinstance(exc.code, int) else 70, worker=name)
        os._exit(0)  # threads of Faust's are known to outlive it
    except BaseException as exc:
        crash(exc, worker=name)


async def _wait_for(kafka: str, topics: Topics) -> None:
    """Returns when Kafka answers and the topics are there; says once that it waits."""
    told = False
    while True:
        consumer = AIOKafkaConsumer(**brokers.options(kafka), client_id="weboffice start")
        try:
            await consumer.start()
            if {topics.uploads, topics.events, topics.unreadable} <= await consumer.topics():
                if told:
                    log.info("kafka_back")
                return
            reason = "topics are missing: run `weboffice migrate`"
        except (KafkaError, OSError) as exc:
            reason = type(exc).__name__
        finally:
            await consumer.stop()
        if not told:
            log.warning("waiting_for_kafka", kafka=brokers.addresses(kafka), reason=reason)
            told = True
        await asyncio.sleep(0.5)
