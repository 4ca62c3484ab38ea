from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ops.commands.simulate import planned
from producers.simulator.driver import Plan, Registered, Simulation
from producers.simulator.shop import Shop
from producers.till import UploadStopped
from producers.till.errors import GaveUp
from schemas.errors import UsageError
from tests.producers.till.gateway import Dropped, Gateway, error, serving

ZONE = ZoneInfo("Europe/Moscow")


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    """A running gateway that records."""
    with serving() as found:
        yield found


def simulation(gateway: Gateway, tmp_path: Path, *, days: int = 2, rate: float = 0) -> Simulation:
    shops = [Registered(Shop(0, ZONE), "wo_till_a", "a"), Registered(Shop(2, ZONE, tills=2), "wo_till_b", "b")]
    return Simulation(Plan(gateway.url, 7, days, rate, tmp_path), shops)


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def sales(gateway: Gateway) -> list[dict[str, Any]]:
    return [event for event in gateway.events() if event["type"] == "sale.registered"]


def test_the_past_of_all_tills_is_uploaded(gateway: Gateway, tmp_path: Path) -> None:
    """With rate 0 it ends when every event of every till is acknowledged, whatever the gateway failed with between."""
    failures = iter([Dropped(), error(503, "unknown"), error(429, "slow_down", Retry_After="1")])
    gateway.after = lambda body: next(failures, None)
    reports = simulation(gateway, tmp_path).run()
    assert [(report.shop, report.till) for report in reports] == [(0, 1), (2, 1), (2, 2)]
    assert all(report.sales and not report.waiting and not report.withdrawn for report in reports)
    assert sum(report.events for report in reports) == len(gateway.taken)
    assert sum(report.sales for report in reports) == len(sales(gateway))
    assert len({run for run, _ in gateway.taken}) == 3
    assert not gateway.changed
    assert all(len(event["cashier"].split()) == 2 for event in sales(gateway)), "the client shortens names"


def test_it_gives_up_where_nothing_answers(tmp_path: Path) -> None:
    """A wrong address ends it after the time allowed, with or without live sales after the past."""
    for rate in (0, 1):
        plan = Plan("http://127.0.0.1:9", 7, 1, rate, tmp_path, give_up_after=0.2)
        with pytest.raises(GaveUp):
            Simulation(plan, [Registered(Shop(0, ZONE), "wo_till_a", "a")]).run()


def test_live_sales_go_on_until_stopped(gateway: Gateway, tmp_path: Path) -> None:
    """After the past come sales of this moment, until it is told to stop, and then it leaves in seconds."""
    running = simulation(gateway, tmp_path, days=0, rate=50)
    thread = threading.Thread(target=running.run)
    began = datetime.now(ZONE)
    thread.start()

    def live() -> Counter[str]:
        # A sale's id names its till and moment; the till's own clock in `at` is off.
        moments = [(event["sale_id"].split("-")[0], event["sale_id"].split("-")[1]) for event in sales(gateway)]
        return Counter(till for till, at in moments if at >= f"{began:%y%m%d%H%M%S}")

    wait_until(lambda: live()["s1"] >= 20 and live()["s2"] >= 5)
    running.stop()
    thread.join(10)
    assert not thread.is_alive()


def test_it_can_be_stopped_while_the_past_is_written(gateway: Gateway, tmp_path: Path) -> None:
    """Told to stop at any moment, also while its spools fill, it ends without an error."""
    for pause in (0.0, 0.1, 0.3, 0.6):
        running = simulation(gateway, tmp_path, days=200)
        ended: list[BaseException | None] = []

        def run(running: Simulation = running, ended: list[BaseException | None] = ended) -> None:
            try:
                running.run()
            except BaseException as exc:
                ended.append(exc)
            else:
                ended.append(None)

        thread = threading.Thread(target=run)
        thread.start()
        threading.Event().wait(pause)
        running.stop()
        thread.join(20)
        assert ended == [None]


def test_a_second_simulation_takes_spools_of_its_own(gateway: Gateway, tmp_path: Path) -> None:
    """Two simulations of the same tills at a time number in different runs, and repeat the same sales."""
    first, second = simulation(gateway, tmp_path), simulation(gateway, tmp_path)
    first.run()
    once = {sale["sale_id"] for sale in sales(gateway)}
    second.run()
    assert len({run for run, _ in gateway.taken}) == 6
    assert len(sales(gateway)) >= 2 * len(once)
    assert once <= {sale["sale_id"] for sale in sales(gateway)}


def test_a_till_that_is_refused_ends_the_simulation(gateway: Gateway, tmp_path: Path) -> None:
    """An unknown token is said, not tried for ever."""
    gateway.before = lambda body: error(401, "unknown_token")
    with pytest.raises(UploadStopped):
        simulation(gateway, tmp_path).run()


@pytest.mark.usefixtures("programs")
def test_the_command_reports_and_ends_on_sigterm(gateway: Gateway, tmp_path: Path) -> None:
    """`weboffice simulate` prints one JSON document on stdout when SIGTERM ends it, and leaves with 0."""
    argv = [
        "-m",
        "ops",
        "simulate",
        "--url",
        gateway.url,
        "--token",
        "wo_till_a",
        "--days",
        "0",
        "--rate",
        "5",
        "--json",
    ]
    environment = {**os.environ, "WEBOFFICE_HOME": str(tmp_path)}
    with subprocess.Popen([sys.executable, *argv], env=environment, stdout=subprocess.PIPE) as process:
        wait_until(lambda: len({run for run, _ in gateway.taken}) == 3)
        process.send_signal(signal.SIGTERM)
        answer, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    result = json.loads(answer)
    assert len(result["tills"]) == 3
    assert result["events"] > 100


@pytest.mark.parametrize(("tills", "expected"), [(1, [1]), (3, [1, 1, 1]), (4, [1, 1, 2]), (8, [1, 1, 2, 1, 1, 2])])
def test_every_third_shop_has_two_tills(tills: int, expected: list[int]) -> None:
    """So many tills are spread over shops of one and two."""
    assert [shop.tills for shop in planned(tills, 0, ZONE)] == expected


def test_tokens_say_how_many_shops_there_are() -> None:
    """With tokens there is a shop for each, and the tills are shared out; fewer tills than tokens is wrong usage."""
    assert [shop.tills for shop in planned(5, 2, ZONE)] == [3, 2]
    with pytest.raises(UsageError):
        planned(1, 2, ZONE)
