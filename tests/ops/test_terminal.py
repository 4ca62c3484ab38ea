"""On a terminal `demo` and `up` show one calm screen; log lines are in files, and come only where asked for."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import httpx
import pytest
import segno
from rich.text import Text

from ops import settings as settings_module
from ops import webprocesses
from ops.settings import Settings
from ops.supervisor import State
from ops.terminal import addresses, qr, screen, up_view
from ops.terminal.demo_view import Demo, Figures, Link, view
from ops.terminal.trouble import Trouble
from ops.terminal.words import words
from tests.ops.terminal import on_terminal
from tests.service import environment, wait_until

_LINK = "http://127.0.0.1:36311/sign-in/vSTfCcIF5x6DkIt_9OBcwu5iwbPnVV8TXgcmGWG_ugo"
_RUSSIAN, _ENGLISH = words({}), words({"LANG": "en_GB.UTF-8"})


def _demo(**more: object) -> Demo:
    shops = ("Продукты на Садовой", "Кофейня «Угол»", "Одежда и обувь")
    through = datetime(2026, 11, 29, 14, 3, 10, tzinfo=UTC)
    figures = [Figures(name, 4248, Decimal("45405.91"), through) for name in shops]
    link = Link(_LINK, datetime.now(UTC) + timedelta(minutes=60))
    shown = {"url": "http://127.0.0.1:36311", "link": link, "outlets": figures, "keys": True, "step": "running", **more}
    return Demo(Path("/srv/shop/.weboffice"), time.monotonic(), **shown)  # type: ignore[arg-type]


def _plain(lines: list[Text]) -> str:
    return "\n".join(line.plain for line in lines)


@pytest.mark.parametrize("say", [_RUSSIAN, _ENGLISH])
@pytest.mark.parametrize(
    ("width", "height", "code"), [(80, 24, True), (120, 40, True), (60, 24, False), (80, 20, False)]
)
def test_the_screen_of_the_demo_fits(say: object, width: int, height: int, code: bool) -> None:
    """Address, the whole link, figures and keys fit into the window, and the QR code where there is room."""
    demo = _demo()
    for number in range(30):
        demo.trouble.write(json.dumps({"level": "warning", "event": f"event {number}", "process": "project"}))
    lines = view(demo, say, width, height)  # type: ignore[arg-type]
    text = _plain(lines)
    assert len(lines) <= height
    assert max(line.cell_len for line in lines) <= width
    assert "http://127.0.0.1:36311" in text
    assert _LINK in text.replace("\n", "")
    assert "45\N{NO-BREAK SPACE}405,91" in text or "45,405.91" in text
    assert "Ctrl-C" in text
    assert ".weboffice/logs" in text.replace("\n", "")
    assert ("▄▄▄▄▄" in text) is code


def test_the_code_is_the_link() -> None:
    """The blocks on the screen are the modules of the link's QR code: what is drawn is light."""
    halves = {" ": (1, 1), "▄": (1, 0), "▀": (0, 1), "█": (0, 0)}
    drawn: list[list[int]] = []
    for line in qr.lines(_LINK):
        drawn += [[halves[block][half] for block in line.plain] for half in (0, 1)]
    wanted = [[int(bool(module)) for module in row] for row in segno.make(_LINK, error="l").matrix_iter(border=2)]
    assert drawn[: len(wanted)] == wanted
    assert len(wanted) <= 37  # so that it fits into 24 lines


def test_a_used_link_is_not_offered() -> None:
    """Once somebody has followed the link the screen shows neither link nor code, but how to get another one."""
    text = _plain(view(_demo(link=Link(_LINK, datetime.now(UTC) + timedelta(hours=1), used=True)), _RUSSIAN, 80, 24))
    assert "sign-in" not in text
    assert "Ссылка использована. Новая ссылка: клавиша n" in text
    gone = _plain(view(_demo(link=Link(_LINK, datetime.now(UTC) - timedelta(seconds=1))), _RUSSIAN, 80, 24))
    assert "Ссылка устарела" in gone


def test_trouble_is_told_and_routine_is_not() -> None:
    """Warnings, errors and complaints are kept, whatever stream they come in; routine and text of programs are not."""
    trouble = Trouble()
    for line in (
        '{"level": "info", "event": "batch", "process": "web"}',
        b'{"level":"warning","event":"process_ended","process":"up","service":"web","code":-9,"timestamp":"2026-11-29T11:02:29Z"}\n',
        "12 events acknowledged",
        "weboffice: port 8080 can't be had",
        "{broken",
    ):
        trouble.write(line)
    assert [message.text for message in trouble.messages] == [
        "up: process_ended service=web code=-9",
        "port 8080 can't be had",
    ]
    assert trouble.count == 2


def test_the_screen_of_up_says_what_runs() -> None:
    """Each part with what it does, for how long it runs and how often it was started again."""
    now = time.monotonic()
    states = [State("web", True, now - 125, 1, False), State("project", False, now, 0, False)]
    lines = up_view.view("http://127.0.0.1:8080", Path("/srv/home"), states, Trouble(), _RUSSIAN, 80, 24)
    text = _plain(lines)
    assert re.search(r"web: страницы +работает 2:05 +1\n", text)
    assert re.search(r"project: считает отчёты +перезапускается +0\n", text)
    assert max(line.cell_len for line in lines) <= 80


def test_a_screen_is_for_terminals_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pipes, `--verbose`, a chosen form of the log and a terminal that can't draw get log lines as ever."""
    for stream in ("stdout", "stderr"):
        monkeypatch.setattr(f"sys.{stream}.isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    assert screen.wanted(settings_module.read({}), verbose=False)
    assert not screen.wanted(settings_module.read({}), verbose=True)
    assert not screen.wanted(settings_module.read({"WEBOFFICE_LOG": "json"}), verbose=False)
    monkeypatch.setenv("TERM", "dumb")
    assert not screen.wanted(settings_module.read({}), verbose=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stdout.isatty", lambda: False)
    assert not screen.wanted(settings_module.read({}), verbose=False)


def test_an_address_that_others_can_open() -> None:
    """What listens everywhere is told by the machine's own address; loopback stays, and is known for what it is."""
    assert addresses.reachable("http://127.0.0.1:80/") == "http://127.0.0.1:80/"
    assert re.fullmatch(r"http://(?!0\.0\.0\.0)[0-9.]+:8080", addresses.reachable("http://0.0.0.0:8080"))
    assert not addresses.on_network("http://127.0.0.1:8080")
    assert addresses.on_network("http://192.168.1.5:8080")


def test_the_demo_on_a_terminal(service_settings: Settings) -> None:
    """The screen shows address, link and moving figures; a key makes another link, a used one goes; Ctrl-C ends it all.

    No log line stands on the terminal, which is left as it was found.
    """
    with on_terminal(["demo", "--port", "0", "--days", "1", "--rate", "3"], environment(service_settings)) as terminal:
        terminal.wait_for("Остановить всё: Ctrl-C")
        links = _links(terminal.text)
        assert len(links) == 1
        assert not terminal.echoes()
        wait_until(lambda: _receipts(terminal.text) > 0, "no figures came")
        receipts = _receipts(terminal.text)
        wait_until(lambda: _receipts(terminal.text) > receipts, "the figures stand still")
        terminal.press("n")
        wait_until(lambda: len(_links(terminal.text)) == 2, "no other link")
        link = _links(terminal.text)[1]
        answer = httpx.post(link, headers={"Origin": link.partition("/sign-in")[0]}, follow_redirects=False, timeout=60)
        assert answer.status_code == 303
        terminal.wait_for("Ссылка использована")
        terminal.process.send_signal(signal.SIGINT)
        assert terminal.wait_for_end() == 0
        assert terminal.echoes()
        shown = terminal.text
    assert "Веб-офис остановлен" in shown
    assert '"level"' not in shown
    assert "[info" not in shown
    assert terminal.raw.count("\x1b[?1049h") == terminal.raw.count("\x1b[?1049l") == 1
    logs = {path.name for path in (service_settings.home / "logs").glob("*.log")}
    assert {"up.log", "web.log", "project.log", "tills.log"} <= logs


def test_up_on_a_terminal(service_settings: Settings) -> None:
    """READY and what runs; a part that is killed is told, and started again; the log has every line."""
    with on_terminal(["up", "--port", "0"], environment(service_settings)) as terminal:
        terminal.wait_for("READY http://127.0.0.1:")
        terminal.wait_for("gateway: приём данных")
        terminal.wait_for("web: страницы")
        lines = [json.loads(line) for line in (service_settings.home / "logs" / "up.log").read_text().splitlines()]
        [web] = [line["pid"] for line in lines if line["event"] == "process_started" and line.get("service") == "web"]
        os.kill(web, signal.SIGKILL)
        terminal.wait_for("up: process_ended service=web code=-9")
        terminal.process.send_signal(signal.SIGINT)
        assert terminal.wait_for_end() == 0
        assert "process_started" not in terminal.text
        assert "Веб-офис остановлен" in terminal.text


def _links(text: str) -> list[str]:
    """The sign-in links shown, each once, in order."""
    return list(dict.fromkeys(re.findall(r"http://127\.0\.0\.1:\d+/sign-in/[\w-]{43}", text)))


def _receipts(text: str) -> int:
    """The sum of receipts shown last."""
    shown = re.findall(r"Всего +([\d\N{NO-BREAK SPACE}]+?) +[\d\N{NO-BREAK SPACE}]+,\d\d", text)
    return int(re.sub(r"\D", "", shown[-1])) if shown else 0


def test_every_service_has_words_for_a_person() -> None:
    """Whatever `up` may supervise can be named on its screen, in both languages."""
    root = Path(webprocesses.__file__).parent
    sources = [(root / file).read_text() for file in ("commands/up.py", "webprocesses.py")]
    names = {name for source in sources for name in re.findall(r'\bService\("(\w+)"', source)}
    assert names >= {"web", "tell", "demo"}
    assert all(say(name) for name in names for say in (_RUSSIAN, _ENGLISH))
