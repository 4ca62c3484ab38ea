"""Invented names, as the peoples write them who keep shops from Калининград to Владивосток and around."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import product

import pytest

from schemas.names import is_short, shorten

# people: surnames; given names with patronymics as tills write them behind the surname; initials that are kept
PEOPLES = {
    "Russians": (
        "Примеров Образцова Тестовский",
        "Пётр Петрович=П.П. Анна Ильинична=А.И. Илья=И. Ольга Фоминична=О.Ф.",
    ),
    "Ukrainians": ("Зразко Прикладенко Тестюк", "Олександр Тарасович=О.Т. Оксана Василівна=О.В. Ганна=Г."),
    "Tatars": ("Үрнәков Мисалов Сынауҗиев", "Айрат Ринатович=А.Р. Гөлнара Фәритовна=Г.Ф. Ильдар Рәшит улы=И.Р."),
    "Bashkirs": ("Өлгөбаев Миҫалов", "Салават Юлаевич=С.Ю. Зөлфиә=З. Ғәли Нурғәли улы=Ғ.Н."),
    "Chechens": ("Масалов Дийцаев", "Магомед Ахмедович=М.А. Зелимхан=З. Хеда Умаровна=Х.У."),
    "Avars": ("Мисалмагомедов Абдулмисалов", "Гаджимурад Гаджиевич=Г.Г. Патимат=П. Абдула Магомедович=А.М."),
    "Buryats": ("Жэшэев Туршалтын", "Баир Доржиевич=Б.Д. Сэсэг Батожаргаловна=С.Б. Цырен-Доржи=Ц."),
    "Yakuts": ("Холобуров Тургутов", "Айаал Ньургунович=А.Н. Сардаана=С. Нюргуяна Айаловна=Н.А."),
    "Tuvans": ("Чижекей Шенелде", "Ай-Херел Шолбанович=А.Ш. Чодураа=Ч. Аяна Мергеновна=А.М."),
    "Kalmyks": ("Үлгүров Дамбаев", "Санал Очирович=С.О. Кермен=К. Баатр Эренценович=Б.Э."),
    "Kazakhs": (
        "Мысалов Үлгібаева Сынақбеков",
        "Нұрлан Серікұлы=Н.С. Айгүл Серікқызы=А.С. Ерлан Маратович=Е.М. Дәулет=Д.",
    ),
    "Kyrgyz": ("Мисалов Үлгүбаев", "Азамат Эркин уулу=А.Э. Айгүл Бакыт кызы=А.Б. Нурбек=Н."),
    "Uzbeks": (
        "Мисолов Namunayev Синовбоева",
        "Шухрат Рустам ўғли=Ш.Р. Дилноза Рустам кизи=Д.Р. Jasur Anvar o'g'li=J.A. Nodira=N.",
    ),
    "Uzbeks in Latin": ("Misolov Namunayev", "Shuxrat Rustam o‘g‘li=S.R. Dilnoza Rustam qizi=D.R. Otabek=O."),
    "Tajiks": ("Мисолзода Намунаев", "Далер Саидович=Д.С. Фирӯза=Ф. Шодӣ Ҳакимович=Ш.Ҳ."),
    "Turkmens": ("Mysalow Görkezijiýew", "Maksat Orazowiç=M.O. Ogulgerek=O. Serdar Ata ogly=S.A."),
    "Azerbaijanis": (
        "Мисалов Nümunəyev Нүмунәли",
        "Вугар Эльхан оглу=В.Э. Aysel Rəşad qızı=A.R. Лейла Намик кызы=Л.Н.",
    ),
    "Armenians": ("Օրինակյան Оринакян Փորձյան", "Արամ=Ա. Гаяне Ашотовна=Г.А. Տիգրան Արամի=Տ.Ա."),
    "Georgians": ("მაგალითაძე ნიმუშიძე Магалитадзе", "გიორგი=გ. ნინო=ნ. Нино Гиоргиевна=Н.Г."),
    "Abkhaz": ("Агумаа Тарба", "Адгур Зурабович=А.З. Асида=А. Ҳибла=Ҳ."),
    "Ossetians": ("Дӕнцӕгты Хуызӕгов", "Аслан Казбекович=А.К. Мадинӕ=М. Сослан=С."),
    "Koreans": ("Ким Пак О Ю Цой", "Ен Су=Е.С. Ирина Викторовна=И.В. Виктор Енсонович=В.Е. Чер Су=Ч.С."),
    "Chinese": ("Ли Чжао Чжан", "Сяолун=С. Сяо Мин=С.М. Вэй=В."),
    "Vietnamese": ("Нгуен Чан", "Ван Ань=В.А. Тхи Хоа=Т.Х. Минь=М."),
    "Mari and Mordvins": ("Примераев Чапаевкин", "Эрвий Изергинович=Э.И. Оксинь=О. Валдай=В."),
    "Chuvash": ("Тӗслӗхов Сӑнавов", "Илемпи Петровна=И.П. Нарспи=Н. Ухсай=У."),
    "Germans": ("Мустерман Beispiel", "Иоганн Карлович=И.К. Эмма=Э. Heinrich=H."),
    "Poles and Lithuanians": ("Przykładowski Pavyzdys", "Łukasz=Ł. Žygimantas=Ž. Agnieszka=A."),
    "Jews": ("Мошельзон Доугмаев", "Мойше Лейбович=М.Л. Фира=Ф. Сара Абрамовна=С.А."),
    "Greeks of the Black Sea": ("Парадигмопуло Дигмиди", "Харлампий Спиридонович=Х.С. Элефтерия=Э. Янис=Я."),
    "Roma and Moldovans": ("Exemplescu Пример-Чебан", "Ион Ионович=И.И. Ștefan=Ș. Ileana=I."),
    "Nenets and Evenks": ("Ӈамдэв Окотэттов", "Хасавако Ябтувич=Х.Я. Някуця=Н. Едэйне=Е."),
}
_ENTRY = re.compile(r"\s*([^=]+)=((?:\w\.)+)")
NAMES = [
    (f"{surname} {given}", f"{surname} {initials}")
    for surnames, entries in PEOPLES.values()
    for surname, (given, initials) in product(surnames.split(), _ENTRY.findall(entries))
]


@pytest.mark.parametrize("case", [str, str.upper, str.lower])
def test_surname_and_initials_are_left(case: Callable[[str], str]) -> None:
    """Of each name, in any letter case, the surname and the initials are left, and that stays as it is."""
    wrong = {
        name: short
        for name, expected in NAMES
        if (short := shorten(case(name))).lower() != expected.lower() or shorten(short) != short or not is_short(short)
    }
    assert not wrong


def test_there_are_enough_of_them() -> None:
    """Names of thirty peoples, written in three letter cases."""
    assert len(PEOPLES) >= 30
    assert 3 * len(NAMES) >= 500


def test_scripts_without_case_keep_their_letters() -> None:
    """Georgian has capitals in Unicode alone: no font shows them."""
    assert shorten("ხარაძე გიორგი") == "ხარაძე გ."
