"""Why a source can't be brought in at all, in both languages."""

from __future__ import annotations

from schemas.errors import UsageError

REFUSALS: dict[str, tuple[str, str]] = {
    "too_large": (
        "{file}: {size} МБ, а принимается не больше {most} МБ: выгрузите более короткий период или разделите файл",
        "{file} has {size} MB; at most {most} MB are taken: export a shorter period, or split it",
    ),
    "unreadable": ("{file} прочитать нельзя: {why}", "{file} can't be read: {why}"),
    "empty": ("{file} пуст", "{file} is empty"),
    "other_kind": ("{file} — это {kind}; здесь нужен {expected}", "{file} is {kind}; here {expected} is taken"),
    "old_office": (
        "{file} — книга старого Excel (XLS): сохраните её как XLSX или CSV",
        "{file} is a workbook of the old Excel (XLS); save it as XLSX or CSV",
    ),
    "wrong_name": (
        "{file} — это {kind}, хотя имя заканчивается на {suffix}: тот ли это файл?",
        "{file} is {kind}, although its name ends in {suffix}: is it the right file?",
    ),
    "unpacks_too_large": (
        "{file} распаковывается больше чем в {most} МБ или {members} файлов",
        "{file} unpacks to more than {most} MB or {members} files",
    ),
    "locked": ("{file} закрыт паролем", "{file} is locked with a password"),
    "broken_archive": ("{file} — не целый архив: {why}", "{file} is no whole archive: {why}"),
    "larger": ("{file} больше, чем можно", "{file} is larger than it may be"),
    "no_headings": (
        "{file}: среди первых {rows} строк нет строки со знакомыми заголовками столбцов",
        "{file}: no row with known headings is among its first {rows}",
    ),
    "too_many_columns": (
        "{file}, строка {row}: больше {most} столбцов",
        "{file}, row {row}: more than {most} columns",
    ),
    "broken_table": (
        "{file}: после строки {row} таблицу прочитать нельзя: {why}",
        "{file} can't be read after line {row}: {why}",
    ),
    "broken_encoding": (
        "{file} обрывается или испорчен в своей кодировке {encoding}: {why}",
        "{file} is not whole in its encoding {encoding}: {why}",
    ),
    "long_line": (
        "{file}: строка длиннее {most} знаков, это не таблица",
        "{file} has a line of more than {most} characters: it is no table",
    ),
    "no_text": (
        "{file} содержит знаки, которых нет в тексте: это не таблица",
        "{file} holds characters of no text: it is no table",
    ),
    "no_workbook": ("{file} — архив, но не книга XLSX", "{file} is an archive, but no XLSX workbook"),
    "large_workbook": (
        "{file} больше, чем может быть книга: сохраните её как CSV",
        "{file} is larger than a workbook may be; save it as CSV",
    ),
    "broken_workbook": ("{file} не читается как книга XLSX: {why}", "{file} can't be read as a workbook: {why}"),
    "far_cells": (
        "в {file} есть ячейки до столбца {columns}, строки {rows}; принимается не больше {columns_most} столбцов и"
        " {cells_most} ячеек",
        "{file} has cells as far as column {columns}, row {rows}; {columns_most} columns and {cells_most} cells are"
        " taken at most",
    ),
    "broken_json": (
        "{file} — не целый JSON ({why}): выгрузите его ещё раз",
        "{file} is no whole JSON ({why}): export it again",
    ),
    "large_value": (
        "в {file} есть значение больше {most} байт: это не список чеков",
        "{file} holds a value larger than {most} bytes: it is no list of receipts",
    ),
    "nested_too_deep": (
        "{file}: слишком много вложенных уровней, или товар в нём слишком велик",
        "{file} is nested too deep, or a good in it is too large",
    ),
    "no_commerceml": (
        "{file} — не CommerceML: корень <{root}>, а не <{expected}>",
        "{file} is no CommerceML: its root is <{root}>, not <{expected}>",
    ),
    "no_xml": ("в {file} нет XML", "{file} holds no XML"),
    "entities": (
        "{file} объявляет сущности или тип документа, чего выгрузки не делают: файл отклонён",
        "{file} declares entities or a document type, which no export does: it is refused",
    ),
    "broken_xml": (
        "{file} — не целый XML ({why}): выгрузите его ещё раз",
        "{file} is no whole XML ({why}): export it again",
    ),
    "unknown_encoding": (
        "{file} записан в незнакомой кодировке: сохраните его в UTF-8",
        "{file} is written in an encoding that is not known; save it as UTF-8",
    ),
    "other_export": (
        "{file} — не {what}: нет столбцов {columns}",
        "{file} is no {what}: the columns {columns} are missing",
    ),
    "long_event": (
        "в {file} есть строка больше, чем может быть событие",
        "{file} has a line larger than an event may be",
    ),
    "broken_gzip": ("{file} — не целый архив gzip: {why}", "{file} is not a whole gzip file: {why}"),
}

CONTENTS: dict[str, tuple[str, str]] = {
    "text": ("текст", "a text"),
    "zip": ("архив zip (или книга XLSX)", "a zip archive (or an XLSX workbook)"),
    "gzip": ("архив gzip", "packed with gzip"),
    "old office": ("книга старого Excel (XLS)", "a workbook of the old Excel (XLS)"),
    "pdf": ("PDF", "a PDF"),
    "binary": ("не текст", "no text"),
}
"""What a file is. Values that are one of these, or several with | between them, are said in the reader's language."""


class SourceRefused(UsageError):
    """Nothing of the source can be brought in. `code` and `values` say why, in either language."""

    def __init__(self, code: str, file: str, **values: object) -> None:
        self.code, self.values = code, {"file": file, **{name: str(value) for name, value in values.items()}}
        super().__init__(self.told(english=True))

    def told(self, english: bool) -> str:
        """Why, in words."""
        values = {name: _content(value, english) for name, value in self.values.items()}
        return REFUSALS[self.code][english].format(**values)


def _content(value: str, english: bool) -> str:
    parts = value.split("|")
    if not all(part in CONTENTS for part in parts):
        return value
    return (" or " if english else " или ").join(CONTENTS[part][english] for part in parts)
