"""Deliberate bugs, each put into a copy of the sources for a moment: with any of them in, the tests named must fail.

`python -m tests.faults.mutation` tries them; a test that does not notice its bug proves nothing.
"""

from __future__ import annotations

from msgspec import Struct


class Change(Struct, frozen=True):
    """In `file`, the text `old`, which stands there once, becomes `new`."""

    file: str
    old: str
    new: str


class Mutant(Struct, frozen=True):
    """A bug: what is wrong, how it is put in, and the tests of which one at least has to fail."""

    name: str
    changes: tuple[Change, ...]
    tests: tuple[str, ...]


_ENGINE = "projections/apply/engine.py"
_ANONYMISE = "streams/anonymise.py"
_FAIL_POINTS = "tests/faults/test_fail_points.py"
_ZOMBIES = "tests/faults/test_zombies.py"
_MODELS = "tests/projections/test_models.py"
_MOVE = "            self._move_positions(connection, fresh)\n"

MUTANTS = [
    Mutant(
        "the offset is stored before the rows, in a transaction of its own",
        (
            Change(
                _ENGINE,
                "            fresh = self._hold_positions(connection, records)\n",
                "            fresh = self._hold_positions(connection, records)\n"
                f"{_MOVE}"
                "        with connection.transaction(), localcontext(prec=60):\n"
                "            self._use_generation(connection)\n",
            ),
        ),
        (_FAIL_POINTS,),
    ),
    Mutant(
        "the offset is stored after the rows, in a transaction of its own",
        (
            Change(_ENGINE, _MOVE, ""),
            Change(
                _ENGINE,
                "        return intake.applied\n",
                '        fail_point("project.after_commit")\n'
                "        with connection.transaction():\n"
                "            self._use_generation(connection)\n"
                f"{_MOVE}"
                "        return intake.applied\n",
            ),
        ),
        (_FAIL_POINTS,),
    ),
    Mutant(
        "the check of the position against what was read is dropped",
        (Change(_ENGINE, "if record.offset == expected:", "if record.offset <= expected:"),),
        ("tests/projections/test_engine.py::test_two_workers_at_once_apply_each_record_once", _ZOMBIES),
    ),
    Mutant(
        "records past the position are applied",
        (
            Change(_ENGINE, "if record.offset > expected:", "if record.offset < 0:"),
            Change(_ENGINE, "if record.offset == expected:", "if record.offset >= expected:"),
        ),
        ("tests/projections/test_engine.py::test_records_past_the_position_are_refused",),
    ),
    Mutant(
        "the positions are read without being held: a zombie and its successor are at it together",
        (Change("projections/apply/engine.sql", "ORDER BY partition FOR UPDATE;", "ORDER BY partition;"),),
        ("tests/projections/test_engine.py::test_two_workers_at_once_apply_each_record_once", _ZOMBIES),
    ),
    Mutant(
        "a zombie inside a transaction holds the positions for ever",
        (
            Change(
                _ENGINE,
                'f"-c idle_in_transaction_session_timeout={_FROZEN_AFTER_S}s" if self._generation is None else ""',
                '""',
            ),
        ),
        (_ZOMBIES,),
    ),
    Mutant(
        "202 is answered before Kafka's acknowledgement",
        (
            Change(
                "producers/gateway/uploads.py",
                "                await self._send(till, packed, settled=held.release)\n",
                "                self._sent = asyncio.ensure_future(self._send(till, packed, settled=held.release))\n",
            ),
        ),
        (_FAIL_POINTS, "tests/producers/gateway/test_outages.py"),
    ),
    Mutant(
        "a time-out of the acknowledgement is answered with 202",
        (Change("producers/kafka.py", "            raise NotAcknowledged from exc\n", "            return\n"),),
        ("tests/producers/test_kafka.py",),
    ),
    Mutant(
        "a batch is applied past a hole",
        (
            Change(
                "projections/runs/order.py",
                "            if turn in self.waiting:\n",
                "            turn = min(self.waiting, default=turn)\n            if turn in self.waiting:\n",
            ),
        ),
        ("tests/projections/test_sequence.py", "tests/projections/test_engine.py"),
    ),
    Mutant(
        "the check of the sequence for duplicates is dropped",
        (
            Change(
                "projections/runs/order.py",
                "fresh = minus((max(first, self.applied_through + 1), last), held)",
                "fresh = minus((first, last), held)",
            ),
        ),
        ("tests/projections/test_engine.py::test_batches_applied_again_change_nothing",),
    ),
    Mutant(
        "what waits behind a hole does not survive a crash of PostgreSQL",
        (Change("projections/models/bookkeeping.sql", "CREATE TABLE parked (", "CREATE UNLOGGED TABLE parked ("),),
        ("tests/faults/test_servers.py",),
    ),
    Mutant(
        "what waits behind a hole is kept in memory only",
        (
            Change(
                "projections/apply/transaction.py",
                "            self._park(piece)\n",
                "            _KEPT[piece.id] = piece\n",
            ),
            Change(
                "projections/apply/transaction.py",
                "\n\nclass Intake:",
                "\n_KEPT: dict[PieceId, Piece] = {}\n\n\nclass Intake:",
            ),
            Change(
                "projections/apply/transaction.py",
                "now = self._parked_now.pop((*of, first), None)",
                "now = self._parked_now.pop((*of, first), None) or _KEPT.pop((*of, first), None)",
            ),
        ),
        ("tests/projections/test_engine.py", "tests/faults/test_servers.py"),
    ),
    Mutant(
        "the tail of `events` is not read: copying begins again at the beginning",
        (
            Change(
                _ANONYMISE,
                "return await output_tail.copied_through(self._kafka, self._topics.events, partitions)",
                "return dict.fromkeys(partitions, Position())",
            ),
        ),
        ("tests/streams/test_anonymise.py",),
    ),
    Mutant(
        "copying goes on one record too far after the tail of `events`",
        (Change("streams/output_tail.py", "Position(said.source_offset + 1, ", "Position(said.source_offset + 2, "),),
        ("tests/streams/test_anonymise.py", _FAIL_POINTS),
    ),
    Mutant(
        "`anonymise` goes on past a hole in the intake",
        (
            Change(_ANONYMISE, "if offset > expected:", "if offset < 0:"),
            Change(_ANONYMISE, "if offset == expected:", "if offset >= expected:"),
        ),
        ("tests/streams/test_anonymise.py",),
    ),
    Mutant(
        "`anonymise` is done with a batch before Kafka has acknowledged the copies",
        (Change(_ANONYMISE, "        await asyncio.gather(*pending)\n", ""),),
        ("tests/faults/test_servers.py",),
    ),
    Mutant(
        "a worker passes over a batch that failed",
        (
            Change(
                "streams/app.py",
                "a crash passes nothing over\n            crash(exc, worker=name)\n",
                'a crash passes nothing over\n            log.error("batch_failed", error=repr(exc))\n',
            ),
        ),
        ("tests/streams/test_anonymise.py",),
    ),
    Mutant(
        "the switch to a new generation does not stop applying",
        (Change("projections/replay/catchup.py", "            register.stop_applying(self._connection)\n", ""),),
        ("tests/projections/test_rebuild.py",),
    ),
    Mutant(
        "a control record leaves the outbox before Kafka has acknowledged it",
        (
            Change(
                "producers/outbox.py",
                "                await self._producer.send(self._topics.uploads, key=outlet.encode(), "
                "value=record, headers=headers)\n",
                "                self._sent = asyncio.ensure_future(self._producer.send("
                "self._topics.uploads, key=outlet.encode(), value=record, headers=headers))\n",
            ),
        ),
        ("tests/producers/test_outbox.py",),
    ),
    Mutant(
        "the till's spool accepts without fsync",
        (
            Change(
                "producers/till/spool.sql",
                "PRAGMA main.synchronous = FULL;\n",
                "PRAGMA main.synchronous = NORMAL;\n",
            ),
        ),
        ("tests/producers/till/test_spool.py", "tests/producers/till/test_spool_machine.py"),
    ),
    Mutant(
        "the till's spool sends before it has noted that it does",
        (
            Change(
                "producers/till/spool.sql",
                "PRAGMA stamp.synchronous = FULL;\n",
                "PRAGMA stamp.synchronous = OFF;\n",
            ),
        ),
        ("tests/producers/till/test_spool.py", "tests/producers/till/test_spool_machine.py"),
    ),
    Mutant(
        "what the till's spool noted of what it sends is not on the disk when it goes",
        (
            Change(
                "producers/till/spool.sql",
                "PRAGMA stamp.synchronous = FULL;\n",
                "PRAGMA stamp.synchronous = NORMAL;\n",
            ),
        ),
        ("tests/producers/till/test_spool.py",),
    ),
    Mutant(
        "the till's spool changes its database without a transaction",
        (
            Change("producers/till/database.py", 'self._connection.execute("BEGIN IMMEDIATE")', "pass"),
            Change("producers/till/database.py", 'self._connection.execute("COMMIT")', "pass"),
        ),
        ("tests/producers/till/test_killed_between_calls.py",),
    ),
    Mutant(
        "a till restored from a backup goes on in its old run",
        (
            Change(
                "producers/till/spool.py",
                "        if moved or older:\n",
                "        if moved:\n",
            ),
        ),
        ("tests/producers/till/test_client.py",),
    ),
    Mutant(
        "the portal's role sees the rows of every account",
        (
            Change(
                "ops/migrations/0001_app.sql",
                "    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', relation);\n",
                "",
            ),
        ),
        ("tests/faults/test_servers.py",),
    ),
    Mutant(
        "a cashier's full name goes into the log",
        (
            Change(
                "schemas/texts.py",
                "extra={KEEP: cashier}",
                "extra={KEEP: scrubbed}",
            ),
        ),
        ("tests/streams/test_minimised.py",),
    ),
    Mutant(
        "a till's rate is not limited",
        (Change("producers/gateway/limits.py", "        return wait\n", "        return 0.0\n"),),
        ("tests/producers/gateway/test_limits.py",),
    ),
    Mutant(
        "a source has the wrong sign: refunds are added to what was paid",
        (
            Change(
                "projections/models/returns.py", "refund.method, -refund.amount, 1)", "refund.method, refund.amount, 1)"
            ),
        ),
        (_MODELS,),
    ),
    Mutant(
        "a sum lacks a source: returns do not come off the hour",
        (Change("projections/models/hourly.py", "sources=(RECEIPTS, RETURNED),", "sources=(RECEIPTS,),"),),
        (_MODELS,),
    ),
    Mutant(
        "a sum lacks a column of its key",
        (Change("projections/models/hourly.py", 'key=("outlet_id", "day", "hour"),', 'key=("outlet_id", "day"),'),),
        (_MODELS,),
    ),
    Mutant(
        "a filter of a source lets the other rows through",
        (Change("projections/kinds/sums.py", "if r.{only[0]} not in wanted:", "if r.{only[0]} in wanted:"),),
        ("tests/projections/test_sums.py",),
    ),
    Mutant(
        "a replaced document is added a second time instead of being taken off",
        (
            Change(
                "projections/kinds/sums.py", 'self._compiled(source, only, "-")', 'self._compiled(source, only, "+")'
            ),
        ),
        ("tests/projections/test_sums.py",),
    ),
    Mutant(
        "a sum does not follow a kind of document: returned goods are not in stock again",
        (Change("projections/models/moved.py", "Source(RETURNS, Moved, returned), ", ""),),
        (_MODELS,),
    ),
]
