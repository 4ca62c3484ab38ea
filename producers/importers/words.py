"""What an import says to people: Russian unless English is asked for, in a shopkeeper's words."""

from __future__ import annotations

from producers.importers.documents import BadRow, Note

Words = tuple[str, str]
"""Russian, English; `{names}` are the values."""

BAD_ROWS: dict[str, Words] = {
    "not_a_number": ("здесь должно быть число", "a number is expected here"),
    "not_a_date": ("здесь должна быть дата", "a date is expected here"),
    "negative": ("здесь не может быть числа меньше нуля", "a number below zero can't stand here"),
    "not_positive": ("количество должно быть больше нуля", "the quantity has to be over zero"),
    "too_exact": ("знаков после запятой больше, чем {most}", "there are more than {most} decimal places"),
    "spoiled_barcode": (
        "штрихкод испорчен таблицей: задайте столбцу формат «текст» и вставьте его заново",
        "the spreadsheet has spoiled the barcode: give the column the format “text” and paste it again",
    ),
    "no_name": ("у товара нет названия", "the good has no name"),
    "no_id": ("не хватает кода", "the code is missing"),
    "missing": ("не хватает поля «{field}»", "the field “{field}” is missing"),
    "not_a_receipt": ("это не чек", "this is no receipt"),
    "no_lines": ("в чеке нет ни одной позиции", "the receipt has no lines"),
    "lines_differ": (
        "итог чека {total}, а сумма позиций {lines}: разница больше рубля",
        "the total is {total} and the lines come to {lines}: they differ by more than a ruble",
    ),
    "twice_different": (
        "документ с этим номером уже был в строке {row}, но с другим содержанием",
        "row {row} has this number, too, with other content",
    ),
    "unknown_kind": ("неизвестный вид операции", "the kind of operation is not known"),
    "rows_disagree": ("строки одного чека расходятся в поле «{field}»", "rows of one receipt differ in “{field}”"),
    "unknown_warehouse": ("такого склада в файле нет", "the file knows no such warehouse"),
    "too_long": ("слишком длинно: можно не больше {most} знаков", "too long: at most {most} characters"),
    "refused": ("сервис этого не примет: {why}", "the service will not take it: {why}"),
    "no_event": ("строка — не событие: {why}", "the line is no event: {why}"),
}

NOTES: dict[str, Words] = {
    "twice": ("повторов того же документа", "times the same document came again"),
    "not_whole": ("чеков с плохими строками: не загружаются целиком", "receipts with bad rows, not brought in at all"),
    "purchase": ("чеков покупки (не загружаются)", "receipts of purchases, not brought in"),
    "correction": ("чеков коррекции", "receipts of corrections"),
    "rounded": ("чеков, где итог отличается от позиций на копейки", "receipts whose total differs by kopecks"),
    "column_not_read": ("столбец не читается: «{column}»", "the column “{column}” is not read"),
    "no_price": ("товаров без цены: она остаётся прежней", "goods without a price: it stays as it was"),
    "price_type": ("вид цены: {name}", "kind of price: {name}"),
    "payments_unknown": (
        "чеков без вида оплаты: оплата записана как «другое»",
        "receipts without a method of payment: taken as “other”",
    ),
    "left_out": ("чеков других торговых точек (оставлены по карте)", "receipts of other outlets, left out by the map"),
    "removed": ("товаров, удалённых в источнике", "goods removed in the source"),
    "no_offers": (
        "предложений нет: товары, цены и остатки придут с offers.xml",
        "there are no offers: goods, prices and stock come with offers.xml",
    ),
    "variant_parent": (
        "товаров с вариантами: загружаются варианты",
        "goods with variants: the variants are brought in",
    ),
    "counted_at": ("остатки записаны на {at}", "stock is counted at {at}"),
    "not_understood": ("поле не прочитано: «{field}»", "the field “{field}” is not understood"),
    "no_lines_in_report": (
        "чеков без состава: в отчёте по чекам товаров нет",
        "receipts without lines: the report by receipts has none",
    ),
    "registration": ("чеков кассы {registration} (ИНН {inn})", "receipts of till {registration} (INN {inn})"),
}


COUNTLESS = frozenset(["column_not_read", "price_type", "no_offers", "counted_at"])
"""Notes that say something once; how often they came says nothing."""


def why(row: BadRow, english: bool = False) -> str:
    """Why a row is not brought in."""
    return BAD_ROWS[row.code][english].format(**row.values)


def told(note: Note, english: bool = False) -> str:
    """A note in words, without its count."""
    return NOTES[note.code][english].format(**dict(note.values))
