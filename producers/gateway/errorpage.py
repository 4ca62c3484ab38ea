"""The page of error codes for people who connect tills, docs/errors.md, in Russian: written from the catalogue.

`python -m producers.gateway.errorpage` writes it.
"""

from __future__ import annotations

from pathlib import Path

from producers.gateway.words import FAULTS, REFUSALS

PAGE = Path(__file__).parents[2] / "docs" / "errors.md"

STATUSES: dict[str, int] = {
    "not_json": 400,
    "broken_gzip": 400,
    "no_token": 401,
    "unknown_token": 401,
    "licence_expired": 402,
    "outlet_disabled": 403,
    "outlet_removed": 403,
    "till_removed": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "body_too_slow": 408,
    "too_large": 413,
    "too_many_events": 413,
    "wrong_type": 415,
    "unknown_encoding": 415,
    "invalid": 422,
    "too_many_requests": 429,
    "too_many_at_once": 429,
    "busy": 503,
    "not_available": 503,
}
"""The status that a code of a refusal comes with; a test holds it to the code."""

_WHAT_TO_DO = {
    400: "исправить программу",
    401: "остановиться и сказать владельцу: нужен новый ключ; события не удалять",
    402: "остановиться; после оплаты отправить всё снова",
    403: "остановиться и сказать владельцу; события не удалять",
    404: "исправить адрес",
    405: "исправить программу",
    408: "отправить ту же загрузку снова",
    413: "разрезать загрузку и отправить частями",
    415: "исправить программу",
    422: "отправить под номером этого события event.withdrawn и продолжать",
    429: "подождать столько секунд, сколько сказано в Retry-After, и отправить то же самое",
    503: "исход неизвестен: подождать Retry-After и отправить **ту же** загрузку",
}
_HEAD = """\
# Коды ошибок загрузки

Ответ с ошибкой — JSON `{"error": код, "detail": словами, "at": место}`. Код не меняется, слова меняются: на русском,
а с заголовком `Accept-Language: en` на английском. Эту страницу пишет `make schemas` из каталога программы
(`producers/gateway/words.py`). Нет ответа, обрыв, ответ не наш (страница провайдера, 502 прокси) — исход неизвестен:
отправить ту же загрузку снова, паузы увеличивать.

## Загрузка отклонена целиком
| код | ответ | что случилось | что делать |
|---|---|---|---|
"""
_FAULTS_HEAD = """
## Что не так внутри загрузки
Эти коды стоят в `errors[].code` ответа на `POST /api/v1/uploads?check=1`, который называет все ошибки сразу и ничего не
записывает. Без `check=1` ответ на них — 422 `invalid`, слова те же, `at` называет место, например
`events[3].lines[0].price`.

| код | что не так | in English |
|---|---|---|
"""


def page() -> str:
    """The whole page, as Markdown."""
    refusals = sorted(STATUSES.items(), key=lambda item: item[1])
    rows = [f"| `{code}` | {status} | {REFUSALS[code]} | {_WHAT_TO_DO[status]} |\n" for code, status in refusals]
    faults = [f"| `{code}` | {russian} | {english} |\n" for code, (russian, english) in FAULTS.items()]
    return "".join([_HEAD, *rows, _FAULTS_HEAD, *faults])


if __name__ == "__main__":
    PAGE.write_text(page())
