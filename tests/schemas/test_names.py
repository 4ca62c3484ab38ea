"""«Фамилия И.О.» from any shape of name."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schemas.given_names import GIVEN_NAMES
from schemas.names import NAME_LENGTH, shorten

SHAPES = [
    # surname first, as tills write it
    ("Иванов", "Иванов"),
    ("иванов", "Иванов"),
    ("ИВАНОВ ИВАН ИВАНОВИЧ", "Иванов И.И."),
    ("иванов иван", "Иванов И."),
    ("Иванов Иван", "Иванов И."),
    ("Иванова Ольга", "Иванова О."),
    ("Иванов Иван Иванович", "Иванов И.И."),
    ("Иванов, Иван Иванович", "Иванов И.И."),
    ("Мамедов Ариф Гусейн оглы", "Мамедов А.Г."),
    # given name first
    ("Иван Иванов", "Иванов И."),
    ("Ольга Иванова", "Иванова О."),
    ("Иван Иванович Иванов", "Иванов И.И."),
    ("Анна Мария Иванова", "Иванова А.М."),
    # a surname of one letter, which has no dot
    ("Ю Ирина Викторовна", "Ю И.В."),
    ("Ю Ирина", "Ю И."),
    ("Ю И.В.", "Ю И.В."),
    ("О Ен Су", "О Е.С."),
    ("И И Иванов", "Иванов И.И."),
    # titles in front
    ("д-р Петров Пётр Петрович", "Петров П.П."),
    ("Г-жа Ким Анна", "Ким А."),
    ("Mr. John Smith", "John S."),
    ("Доктор", "Доктор"),
    # not recognised, and short all the same
    ("Мария Ивановна", "Мария И."),
    ("John Smith", "John S."),
    ("Кафе Ромашка", "Кафе Р."),
    # double surnames, particles, apostrophes
    ("Римский-Корсаков Николай Андреевич", "Римский-Корсаков Н.А."),
    ("Римский - Корсаков Николай Андреевич", "Римский-Корсаков Н.А."),
    ("РИМСКИЙ‑КОРСАКОВ Н.А.", "Римский-Корсаков Н.А."),
    ("Иванов - Иван Иванович", "Иванов И.И."),
    ("Иванов-Иван", "Иванов И."),
    ("де ла Крус Хуан", "де ла Крус Х."),
    ("Де ла Крус Хуан", "де ла Крус Х."),
    ("фон Браун Вернер", "фон Браун В."),
    ("Нур-аль-Дин Ахмед", "Нур-аль-Дин А."),
    ("О'Нил Шакил", "О'Нил Ш."),
    # short already
    ("Иванов И.И.", "Иванов И.И."),
    ("Иванов И. И.", "Иванов И.И."),
    ("Иванов И И", "Иванов И.И."),
    ("Иванов ИИ", "Иванов И.И."),
    ("Иванов.И.И", "Иванов И.И."),
    ("И.И. Иванов", "Иванов И.И."),
    ("И. И. Иванов", "Иванов И.И."),
    ("И.И.Иванов", "Иванов И.И."),
    ("Дж. Смит", "Смит Д."),
    ("И.И.", "И.И."),
    # written in one word, or with odd signs between
    ("Иванов_Иван_Иванович", "Иванов И.И."),
    ("Иванов-Иван-Иванович", "Иванов И.И."),
    ("ИвановИванИванович", "Иванов И.И."),
    ("Иванов\u00a0Иван\tИванович\n", "Иванов И.И."),
    ("  Иванов   Иван   Иванович  ", "Иванов И.И."),
    ("«Иванов Иван Иванович»", "Иванов И.И."),
    ("Петрова (Сидорова) Анна", "Петрова А."),
    # Latin and other scripts
    ("Smith John", "Smith J."),
    ("McDonald Ronald Xavier", "McDonald R.X."),
    ("王小明", "王."),
    # organisations keep their name, the people in it do not
    ("ООО «Рога и копыта»", "ООО «Рога и копыта»"),
    ("Ромашка  ООО", "Ромашка ООО"),
    ("Acme Ltd", "Acme Ltd"),
    ("ООО Ромашка (филиал в Москве)", "ООО Ромашка (филиал в Москве)"),
    ("ООО Ромашка (Иванов Иван Иванович)", "ООО Ромашка (Иванов И.И.)"),
    ("ООО Ромашка (Абдурахманов Саид)", "ООО Ромашка (Абдурахманов С.)"),
    ("ООО Ромашка, ИП Петров Пётр Петрович", "ООО Ромашка, ИП Петров П.П."),
    ("ООО Ромашка ИП Петров Пётр Петрович", "ООО Ромашка ИП Петров П.П."),
    ("ООО Ромашка, директор Иванов Иван Иванович", "ООО Ромашка, директор Иванов И.И."),
    ("ООО «Иванов Иван Иванович»", "ООО «Иванов И.И.»"),
    ("ООО Иванов Иван", "ООО Иванов И."),
    # sole traders
    ("ИП Петров Пётр Петрович", "ИП Петров П.П."),
    ("ип петров пётр", "ИП Петров П."),
    ("Петров Пётр Петрович ИП", "ИП Петров П.П."),
    ("Индивидуальный предприниматель Петров Пётр Петрович", "ИП Петров П.П."),
    ("ИП глава КФХ Петров Пётр Петрович", "ИП Петров П.П."),
    ("ИП", ""),
    # contact data, and no name at all
    ("Иванов Иван ivan@example.com", "Иванов И."),
    ("Иванов Иван +7 (900) 000-00-00", "Иванов И."),
    ("Иванов Иван 89000000000", "Иванов И."),
    ("ООО Ромашка info@example.com", "ООО Ромашка"),
    ("", ""),
    (" \t", ""),
    ("12345", ""),
    ("😀", ""),
    ("- . '", ""),
]


@pytest.mark.parametrize(("name", "short"), SHAPES)
def test_shape(name: str, short: str) -> None:
    """Each shape of name becomes what is expected, and stays it."""
    assert shorten(name) == short
    assert shorten(short) == short


_PIECES = st.sampled_from(
    "Иванов иванова ПЕТРОВ Римский-Корсаков Мамин Сибиряк Иван Ольга Пётр Хуан Иванович Ивановна Ильич О'Нил "
    "д'Артаньян де ла фон Ван Аль аль-Рашид оглы мл. д-р Ю И. И.О. О "
    "И.И.Иванов ИО Дж. ООО ооо ИП Ип «Ромашка» Ромашка Ltd "
    "(Сидоров (Иван) [ ] , ; / - – — . ' ʼ _ 王小明 김철수 ß ŉ ǆ İ ΐ а\u0301 \u0301 1 😀 "
    "x@example.com +79000000000".split()
)
name_like: st.SearchStrategy[str] = st.builds(
    "".join, st.lists(st.builds("{}{}".format, _PIECES, st.sampled_from([" ", "  ", "", "\t", "\u00a0"])), max_size=7)
)


@given(st.text() | st.text(st.characters(categories=["L", "M", "Zs", "Pd", "Po", "Ps", "Pe"])) | name_like)
@example("де ла Крус Хуан")
@example("ŉ")
@example("Ш" * 496 + " б в")
@example("\ufb2c" * 400)
def test_idempotent(name: str) -> None:
    """Shortening what is short changes nothing, whatever the text was; and a name still fits where names are kept."""
    assert shorten(shorten(name)) == shorten(name)
    assert len(shorten(name)) <= NAME_LENGTH


_SURNAMES = st.sampled_from(["Иванов", "Кузнецова", "Римский-Корсаков", "О'Нил", "Зильберштейн", "Smith", "Ким"])
_GIVEN = st.sampled_from(sorted(GIVEN_NAMES)).map(str.capitalize)
_PATRONYMICS = st.sampled_from(["Иванович", "Петровна", "Ильич", "Никитична", "Эльдаровна"])
_GAPS = st.sampled_from([" ", "  ", "\t", ", ", "_", "/", "\u00a0", "\u2003"])
SHORT = re.compile(r"[^\W\d_]['\w]*(-['\w]+)? ([^\W\d_]\.){1,2}")


@given(
    _SURNAMES, _GIVEN, _PATRONYMICS | st.just(""), _GAPS, st.booleans(), st.sampled_from([str, str.lower, str.upper])
)
def test_a_person_keeps_surname_and_initials_only(
    surname: str, name: str, patronymic: str, gap: str, given_first: bool, case: type[str]
) -> None:
    """Of a full name in either order, with any gap and letter case, the surname and at most two initials are left."""
    words = [name, patronymic, surname] if given_first else [surname, name, patronymic]
    short = shorten(case(gap.join(word for word in words if word)))
    initials = "".join(f"{word[0]}." for word in (name, patronymic) if word)
    assert short.lower() == f"{surname} {initials}".lower()
    assert SHORT.fullmatch(short)


_ORGANISATION = re.compile("ооо|ltd", re.IGNORECASE)
_PARTICLES = set(
    "де ла ди да дю ле фон ван дер ден аль эль бен ибн de di da du la le von van der den al el bin ibn".split()
)


@given(name_like.filter(lambda name: _ORGANISATION.search(name) is None))
def test_no_more_than_particles_a_surname_and_initials(name: str) -> None:
    """Any words without a legal form leave one full word and two initials at most, beside particles and 'ИП'."""
    words = shorten(name).removeprefix("ИП ").split()
    full = [word for word in words if not word.endswith(".") and word not in _PARTICLES]
    initials = [word for word in words if word.endswith(".")]
    assert len(full) <= 1 or words[-1].lower() in _PARTICLES
    assert all(re.fullmatch(r"([^\W\d_]{1,2}\.){1,2}", word) for word in initials)
