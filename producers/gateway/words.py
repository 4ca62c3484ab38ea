"""What the upload API says to people: Russian unless English is asked for, in a shopkeeper's words.

Codes are for programs and stay in English. `FAULTS` has the words for what is wrong inside an upload, `REFUSALS` those
for a refusal as a whole.
"""

from __future__ import annotations

from schemas.errors import Fault, UploadRefused

Words = tuple[str, str]
"""Russian, English; `{names}` are the fault's values."""

FAULTS: dict[str, Words] = {
    "missing": ("не хватает поля «{field}»", "the field “{field}” is missing"),
    "unknown_field": ("поле «{field}» здесь неизвестно", "the field “{field}” is not known here"),
    "not_an_object": ("здесь нужен объект в фигурных скобках", "an object in braces is expected here"),
    "not_a_list": ("здесь нужен список в квадратных скобках", "a list in square brackets is expected here"),
    "too_few": ("в списке должно быть не меньше {least}", "the list needs at least {least}"),
    "too_many_entries": ("в списке должно быть не больше {most}", "the list may hold at most {most}"),
    "not_one_of": ("такого значения нет; есть: {known}", "there is no such value; there are: {known}"),
    "not_a_text": ("здесь нужен текст в кавычках", "a text in quotes is expected here"),
    "empty": ("здесь пусто, а нужен текст", "this is empty, and a text is expected"),
    "too_long": ("слишком длинно: можно не больше {most} знаков", "too long: at most {most} characters"),
    "holds_nul": ("в тексте знак с кодом 0, его хранить нельзя", "the text holds the character 0, which can't be kept"),
    "amount_without_quotes": (
        "число {value} нужно взять в кавычки: \"{value}\"",
        "the number {value} has to stand in quotes: \"{value}\"",
    ),
    "not_money": (
        "здесь нужна сумма, например \"12.50\": цифры, точка, не больше двух знаков после неё, без минуса",
        "a sum is expected, such as \"12.50\": digits, a point, at most two places after it, no minus",
    ),
    "not_signed_money": (
        "здесь нужна сумма, например \"-12.50\": цифры, точка, не больше двух знаков после неё",
        "a sum is expected, such as \"-12.50\": digits, a point, at most two places after it",
    ),
    "not_a_quantity": (
        "здесь нужно количество больше нуля, например \"1.500\": не больше шести знаков после точки",
        "a quantity over zero is expected, such as \"1.500\": at most six places after the point",
    ),
    "not_a_signed_quantity": (
        "здесь нужно количество, например \"-1.500\": не больше шести знаков после точки",
        "a quantity is expected, such as \"-1.500\": at most six places after the point",
    ),
    "not_a_price": (
        "здесь нужна цена, например \"12.5075\": цифры, точка, не больше четырёх знаков после неё, без минуса",
        "a price is expected, such as \"12.5075\": digits, a point, at most four places after it, no minus",
    ),
    "not_a_level": (
        "здесь нужно количество без минуса, например \"1.500\" или \"0\": не больше шести знаков после точки",
        "a quantity without a minus is expected, such as \"1.500\" or \"0\": at most six places after the point",
    ),
    "not_a_tax_rate": (
        "здесь нужна ставка налога: \"20\", \"10\", \"0\", \"20/120\", другое число или \"none\" (без налога)",
        "a rate of tax is expected: \"20\", \"10\", \"0\", \"20/120\", another number, or \"none\" (no tax)",
    ),
    "other_form": ("значение другого вида, чем здесь нужно", "the value has another form than is expected here"),
    "not_a_whole_number": ("здесь нужно целое число без кавычек", "a whole number without quotes is expected"),
    "too_small": ("число должно быть не меньше {least}", "the number must be at least {least}"),
    "too_large_number": ("число должно быть не больше {most}", "the number must be at most {most}"),
    "not_true_or_false": ("здесь нужно true или false", "true or false is expected"),
    "not_a_uuid": (
        "здесь нужен UUID, например \"5b0c0000-0000-4000-8000-000000000000\"",
        "a UUID is expected, such as \"5b0c0000-0000-4000-8000-000000000000\"",
    ),
    "not_a_moment": (
        "здесь нужны дата и время, например \"2026-03-01T09:00:00+03:00\"",
        "a date and time is expected, such as \"2026-03-01T09:00:00+03:00\"",
    ),
    "moment_without_offset": (
        "у времени не хватает часового пояса, например +03:00",
        "the time lacks its offset, such as +03:00",
    ),
    "moment_out_of_range": ("дата должна быть между {from} и {to} годом", "the date must lie between {from} and {to}"),
    "offset_too_great": ("часовой пояс может быть не больше ±{most}", "the offset may be ±{most} at most"),
    "not_empty": ("здесь ничего не должно стоять", "nothing is expected here"),
    "no_events": ("в загрузке нет ни одного события", "the upload holds no event"),
    "too_many": ("показаны первые {most} ошибок, есть и другие", "the first {most} errors are shown; there are more"),
}  # fmt: skip

REFUSALS: dict[str, str] = {
    "not_json": "это не JSON: загрузка повреждена или в другой кодировке (нужна UTF-8)",
    "invalid": "загрузка нарушает правила",
    "too_large": "загрузка больше 8 МиБ: отправьте её частями",
    "too_many_events": "в загрузке больше 500 событий: отправьте её частями",
    "wrong_type": "нужен заголовок Content-Type: application/json",
    "unknown_encoding": "тело запроса передаётся как есть или сжатым gzip",
    "broken_gzip": "архив gzip повреждён",
    "body_too_slow": "данные не пришли вовремя: проверьте связь и отправьте ещё раз",
    "outlet_removed": "торговая точка удалена",
    "till_removed": "касса удалена",
    "outlet_disabled": "торговая точка отключена",
    "licence_expired": "лицензия давно закончилась, приём данных остановлен: продлите её в портале",
    "no_token": "не хватает ключа кассы в заголовке Authorization",
    "unknown_token": "такого ключа кассы нет или он отозван",
    "too_many_requests": "слишком много запросов от этой кассы: подождите и отправьте ещё раз",
    "too_many_at_once": "предыдущие загрузки этой кассы ещё не приняты: подождите и отправьте ещё раз",
    "busy": "сервис сейчас занят: отправьте ещё раз через несколько секунд",
    "not_available": "сервис сейчас недоступен: отправьте ещё раз через несколько секунд, ничего не потеряется",
    "not_found": "по этому адресу ничего нет",
    "method_not_allowed": "этот адрес не принимает такой запрос",
}


def english(accept_language: str | None) -> bool:
    """Whether English is asked for before Russian, by the header `Accept-Language`; Russian where it says neither."""
    wishes: dict[str, float] = {}
    for part in (accept_language or "").lower().split(","):
        tag, _, quality = part.strip().partition(";q=")
        language = tag.partition("-")[0].strip()
        try:
            wishes[language] = max(wishes.get(language, 0.0), float(quality or 1))
        except ValueError:
            continue
    return wishes.get("en", 0.0) > wishes.get("ru", 0.0)


def of_fault(fault: Fault, in_english: bool) -> str:
    """What is wrong, in words."""
    return FAULTS[fault.code][in_english].format(**fault.values)


def of_refusal(refused: UploadRefused, in_english: bool) -> str:
    """Why an upload is refused, in words; what Russian has no words for is said in English."""
    if refused.fault is not None:
        return of_fault(refused.fault, in_english)
    return refused.detail if in_english else REFUSALS.get(refused.code, refused.detail)
