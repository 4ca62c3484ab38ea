"""What the screens say: in English where the environment asks for another language than Russian, else in Russian."""

from __future__ import annotations

from collections.abc import Callable, Mapping

Say = Callable[[str], str]
"""The words for a key."""

_WORDS: dict[str, tuple[str, str]] = {
    "locale": ("ru", "en"),
    "product": ("Веб-офис", "Веб-офис"),
    "runs": ("работает {time}", "up for {time}"),
    "starting": ("запускается, {time}", "starting, {time}"),
    "stopping": ("останавливается …", "stopping …"),
    "stopped": ("Веб-офис остановлен. Данные и журналы: {home}", "Веб-офис has stopped. Data and logs: {home}"),
    "servers": ("Kafka, PostgreSQL и служба", "Kafka, PostgreSQL and the service"),
    "sales": ("Кассы загружают историю продаж", "Tills upload the history of sales"),
    "link": ("Вход (одноразовая ссылка):", "Sign in (one-time link):"),
    "used": ("Ссылка использована", "The link has been used"),
    "expired": ("Ссылка устарела", "The link has expired"),
    "new_link": ("Новая ссылка: клавиша n", "A new link: press n"),
    "stop": ("Остановить всё: Ctrl-C", "Stop everything: Ctrl-C"),
    "logs": ("Журналы: {logs}", "Logs: {logs}"),
    "phone": ("Код откроет ссылку на телефоне", "The code opens the link on a phone"),
    "loopback": (
        "Код для телефона; чтобы телефон увидел службу: WEBOFFICE_HOST=0.0.0.0 make demo",
        "A code for the phone; to let it reach the service: WEBOFFICE_HOST=0.0.0.0 make demo",
    ),
    "low": ("QR-код помещается в окне от {lines} строк", "A window of {lines} lines has room for a QR code"),
    "outlet": ("Точка", "Outlet"),
    "receipts": ("Чеки", "Receipts"),
    "today": ("Сегодня, ₽", "Today, ₽"),
    "all": ("Всего", "All"),
    "through": ("Пришло до {time}", "Received until {time}"),
    "silent": ("Служба не отвечает, перезапускается …", "The service does not answer, it restarts …"),
    "letter": ("Письмо для {to}: {subject}", "A letter for {to}: {subject}"),
    "trouble": ("Предупреждения и ошибки: {count}", "Warnings and errors: {count}"),
    "calm": ("Предупреждений нет", "No warnings"),
    "part": ("Часть", "Part"),
    "state": ("Состояние", "State"),
    "restarts": ("Перезапусков", "Restarts"),
    "is_up": ("работает {time}", "runs, {time}"),
    "is_down": ("перезапускается", "restarts"),
    "is_done": ("завершено", "done"),
    "gateway": ("приём данных", "uploads"),
    "web": ("страницы", "pages"),
    "anonymise": ("убирает имена людей", "takes people's names out"),
    "project": ("считает отчёты", "counts the reports"),
    "import": ("читает файлы", "reads files"),
    "tell": ("оповещает владельцев", "tells owners"),
    "demo": ("показывает демонстрацию", "shows the demonstration"),
    "kafka": ("журнал событий", "the log of events"),
    "postgres": ("отчёты и счета", "reports and accounts"),
    "rebuild": ("строит отчёты заново", "builds the reports anew"),
    "tills": ("имитация касс", "simulated tills"),
    "start_servers": ("Запускаю Kafka и PostgreSQL …", "Starting Kafka and PostgreSQL …"),
    "start_service": ("Запускаю службу …", "Starting the service …"),
    "next": (
        "Доступ для кассы: weboffice provision --email you@example.org --outlet Лавка",
        "Access for a till: weboffice provision --email you@example.org --outlet Shop",
    ),
    "verbose": ("Все строки журнала: --verbose", "All log lines: --verbose"),
}


def words(environment: Mapping[str, str]) -> Say:
    """The words for whoever has this environment: of a system without a language Russian is expected."""
    wish = next((environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), "")
    russian = wish.partition(".")[0] in ("", "C", "POSIX") or wish.lower().startswith("ru")
    return lambda key: _WORDS[key][not russian]
