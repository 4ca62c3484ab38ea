"""What the simulated shops are like: their goods, hours and customers. Data only; prices in rubles."""

from __future__ import annotations

from msgspec import Struct


class Category(Struct, frozen=True):
    """Goods named noun × variant, priced between `low` and `high`; `by_weight` ones are sold by the gram."""

    name: str
    nouns: list[str]
    variants: list[str]
    low: int
    high: int
    by_weight: bool = False


class Kind(Struct, frozen=True):
    """A kind of shop. `hours` and `week` weigh the sales of the open hours and of Monday…Sunday."""

    name: str
    categories: list[Category]
    opens: int
    hours: list[int]
    week: list[int]
    sales_per_day: int
    basket: int  # greatest usual number of lines
    warehouses: list[str]  # the first one is where sales are made from
    extra: dict[str, list[str]]
    methods: dict[str, int]
    known_customers: float
    returns: float
    lends: bool = False
    perishable: bool = False
    tax: int = 20  # per cent of VAT, in the prices
    rounds: bool = False  # takes no kopecks in cash
    advance: str = ""  # what customers pay before they choose: gift_card or prepayment
    tips: float = 0.0  # how often a customer leaves something for the waiter


_SHOP_HOURS = [2, 4, 6, 7, 8, 8, 7, 7, 9, 12, 13, 10, 6, 3]

KINDS = [
    Kind(
        name="Продукты",
        categories=[
            Category("Молочное", ["Молоко", "Кефир", "Ряженка"], ["1 %", "2,5 %", "3,2 %", "топлёное"], 60, 140),
            Category("Хлеб", ["Батон", "Хлеб", "Лаваш"], ["пшеничный", "ржаной", "зерновой"], 35, 120),
            Category("Овощи", ["Яблоки", "Помидоры", "Огурцы", "Картофель"], ["весовые", "отборные"], 40, 260, True),
            Category("Бакалея", ["Гречка", "Рис", "Макароны", "Сахар"], ["400 г", "800 г", "1 кг"], 55, 190),
            Category("Напитки", ["Вода", "Сок", "Квас"], ["0,5 л", "1 л", "1,5 л"], 45, 180),
            Category("Сыр и колбаса", ["Сыр", "Колбаса"], ["сливочный", "домашний", "копчёный"], 390, 990, True),
        ],
        opens=8,
        hours=_SHOP_HOURS,
        week=[9, 9, 9, 10, 13, 14, 12],
        sales_per_day=110,
        tax=10,
        basket=9,
        warehouses=["Торговый зал", "Подсобка"],
        extra={
            "Срок годности": ["5 суток", "30 суток", "12 месяцев"],
            "Поставщик": ["База «Пример»", "Ферма «Образец»"],
        },
        methods={"cash": 30, "card": 50, "sbp": 20},
        known_customers=0.2,
        returns=0.008,
        lends=True,
        perishable=True,
        rounds=True,
    ),
    Kind(
        name="Кофейня",
        categories=[
            Category("Кофе", ["Капучино", "Латте", "Раф", "Эспрессо"], ["0,2 л", "0,3 л", "0,4 л"], 120, 330),
            Category("Чай", ["Чай чёрный", "Чай зелёный"], ["чашка", "чайник"], 90, 290),
            Category("Выпечка", ["Круассан", "Пирожок", "Эклер"], ["классический", "с вишней", "с шоколадом"], 80, 240),
            Category("Сэндвичи", ["Сэндвич", "Ролл"], ["с курицей", "с сыром", "овощной"], 190, 390),
        ],
        opens=7,
        hours=[9, 14, 12, 8, 6, 7, 9, 7, 6, 6, 7, 6, 4, 2],
        week=[11, 11, 11, 11, 13, 12, 9],
        sales_per_day=120,
        basket=4,
        warehouses=["Бар"],
        extra={"Объём": ["S", "M", "L"]},
        methods={"cash": 12, "card": 58, "sbp": 30},
        tips=0.15,
        known_customers=0.35,
        returns=0.003,
        perishable=True,
    ),
    Kind(
        name="Одежда",
        categories=[
            Category("Футболки", ["Футболка", "Лонгслив"], ["белая", "чёрная", "синяя", "зелёная"], 690, 2900),
            Category("Брюки", ["Джинсы", "Брюки", "Шорты"], ["прямые", "узкие", "свободные"], 1900, 6900),
            Category("Верхнее", ["Куртка", "Пальто", "Плащ"], ["демисезон", "зима"], 4900, 18900),
            Category("Обувь", ["Кеды", "Ботинки", "Сандалии"], ["38", "40", "42", "44"], 2400, 9900),
        ],
        opens=10,
        hours=[3, 5, 7, 9, 9, 9, 9, 10, 12, 11, 8, 4],
        week=[7, 7, 7, 8, 12, 18, 16],
        sales_per_day=35,
        basket=3,
        warehouses=["Торговый зал", "Склад", "Склад распродажи"],
        extra={"Размер": ["S", "M", "L", "XL"], "Состав": ["хлопок", "лён", "шерсть"], "Сезон": ["лето", "зима"]},
        methods={"cash": 18, "card": 62, "sbp": 20},
        advance="gift_card",
        known_customers=0.5,
        returns=0.07,
    ),
    Kind(
        name="Электроника",
        categories=[
            Category("Аксессуары", ["Кабель", "Зарядка", "Чехол"], ["1 м", "2 м", "тонкий", "прочный"], 290, 2490),
            Category("Звук", ["Наушники", "Колонка"], ["проводные", "беспроводные"], 890, 14900),
            Category("Бытовая техника", ["Чайник", "Фен", "Утюг"], ["базовый", "с дисплеем"], 1290, 8900),
            Category("Телефоны", ["Смартфон"], ["64 ГБ", "128 ГБ", "256 ГБ"], 7900, 79900),
        ],
        opens=10,
        hours=[3, 5, 6, 7, 8, 8, 8, 9, 11, 10, 8, 4],
        week=[8, 8, 8, 9, 12, 16, 14],
        sales_per_day=30,
        basket=3,
        warehouses=["Магазин", "Склад"],
        extra={
            "Гарантия": ["12 месяцев", "24 месяца"],
            "Цвет": ["чёрный", "белый", "синий"],
            "Страна": ["Китай", "Россия"],
        },
        methods={"cash": 14, "card": 66, "sbp": 14, "credit": 6},
        advance="prepayment",
        known_customers=0.4,
        returns=0.04,
        lends=True,
    ),
    Kind(
        name="Аптека",
        categories=[
            Category("Лекарства", ["Таблетки", "Капсулы", "Сироп"], ["№10", "№20", "№30", "100 мл"], 70, 1900),
            Category("Витамины", ["Витамин C", "Витамин D", "Магний"], ["№30", "№60"], 190, 1600),
            Category("Гигиена", ["Зубная паста", "Шампунь", "Мыло"], ["детское", "мятное", "без запаха"], 80, 640),
            Category("Перевязка", ["Бинт", "Пластырь", "Вата"], ["малый", "большой"], 25, 290),
        ],
        opens=8,
        hours=[5, 7, 9, 9, 8, 7, 6, 7, 8, 10, 10, 7, 4, 3],
        week=[12, 11, 11, 11, 11, 8, 7],
        sales_per_day=80,
        basket=5,
        warehouses=["Аптечный зал", "Холодильник"],
        extra={"Рецепт": ["нужен", "не нужен"], "Хранение": ["до +25 °C", "от +2 до +8 °C"]},
        methods={"cash": 35, "card": 48, "sbp": 15, "other": 2},
        known_customers=0.3,
        returns=0.002,
        rounds=True,
    ),
]
