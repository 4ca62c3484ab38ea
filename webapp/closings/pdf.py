"""A closing as a PDF of A4 pages, with its fonts in it: the figures of the month, and by what they are proved."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from importlib import resources

import msgspec
from fpdf import FPDF
from fpdf.enums import TableBordersLayout, XPos, YPos
from fpdf.fonts import FontFace

from webapp import formats, words
from webapp.closings.document import Closing, digest
from webapp.translation import translations

_FONTS = resources.files("webapp.licences.fonts")
_SHIFTS_MOST = 400
_INK, _GREY, _SHADE = (28, 32, 40), (104, 112, 124), (242, 244, 247)


def pdf(closing: Closing, json_sha256: str, key: str, locale: str) -> bytes:
    """The closing in a language; `json_sha256` is the digest of its file in JSON, `key` the id of the key that signs
    both. Takes some tenths of a second of work: for a thread."""
    return _Pages(closing, json_sha256, key, locale).written()


class _Paper(FPDF):
    """A4 with a line at the foot of each page."""

    foot = ""

    def footer(self) -> None:
        self.set_y(-12)
        self.set_font("DejaVu", "", 7)
        self.set_text_color(*_GREY)
        self.cell(0, 5, f"{self.foot} · {self.page_no()}/{{nb}}", align="C")


class _Pages:
    def __init__(self, closing: Closing, json_sha256: str, key: str, locale: str) -> None:
        self._closing, self._sha256, self._key, self._locale = closing, json_sha256, key, locale
        self._ = translations(locale).gettext
        self._page = _Paper(format="A4")
        with (
            resources.as_file(_FONTS.joinpath("DejaVuSans.ttf")) as plain,
            resources.as_file(_FONTS.joinpath("DejaVuSans-Bold.ttf")) as bold,
        ):
            self._page.add_font("DejaVu", "", str(plain))
            self._page.add_font("DejaVu", "B", str(bold))
        self._page.set_margin(15)
        self._page.set_auto_page_break(True, 16)
        self._month = formats.day(closing.first, locale, "LLLL y")
        self._page.foot = f"{closing.outlet.name} · {self._month} · {closing.closing_id}"

    def written(self) -> bytes:
        _, page, closing = self._, self._page, self._closing
        title = _("Closed month: %(month)s") % {"month": self._month}
        page.set_title(f"{title}, {closing.outlet.name}")
        page.set_lang(self._locale)
        page.set_creation_date(closing.closed_at)
        page.add_page()
        self._line(title, 17, bold=True, height=9)
        self._line(closing.outlet.name, 12, bold=True)
        closed = formats.moment(closing.closed_at, self._locale, closing.outlet.zone, "long")
        span = formats.days(closing.first, closing.last, self._locale)
        self._line(_("%(days)s, closed on %(moment)s (%(zone)s)") % self._named(span, closed), 9, grey=True)
        if closing.replaces:
            before = _("In place of closing %(closing)s, which was reopened.") % {"closing": closing.replaces}
            self._line(before, 9, grey=True)
        self._warning()
        self._totals()
        self._days()
        self._methods()
        self._taxes()
        self._shifts()
        self._ledger()
        self._proof()
        return bytes(page.output())

    def _named(self, days: str, moment: str) -> dict[str, str]:
        return {"days": days, "moment": moment, "zone": self._closing.outlet.zone}

    def _warning(self) -> None:
        ledger, _ = self._closing.ledger, self._
        if not ledger.knowingly:
            return
        said = [_("Closed although not everything was in the figures:")]
        missing = sum(hole.count for hole in ledger.missing)
        counts = (
            (missing, _("events missing")),
            (ledger.waiting, _("events waiting behind those missing")),
            (ledger.quarantined, _("events that could not be read")),
            (ledger.refused, _("events refused")),
        )
        said += [f"{what}: {formats.number(count, self._locale)}" for count, what in counts if count]
        if ledger.in_log:
            said.append(_("some may have waited in the log"))
        self._page.ln(2)
        self._page.set_fill_color(255, 243, 224)
        self._page.set_font("DejaVu", "B", 9)
        self._page.set_text_color(*_INK)
        self._page.multi_cell(0, 6, " ".join((said[0], "; ".join(said[1:]) + ".")), fill=True, new_x=XPos.LMARGIN)
        self._page.set_fill_color(255, 255, 255)

    def _totals(self) -> None:
        closing, _ = self._closing, self._
        figures = (
            (_("Revenue"), self._money(closing.sum("revenue"))),
            (_("Sales"), formats.number(int(closing.sum("sales")), self._locale)),
            (_("Returns"), self._money(closing.sum("returns_sum"))),
            (_("Discounts"), self._money(closing.sum("discount_sum"))),
            (_("Tax"), self._money(closing.sum("tax_sum"))),
            (_("Voided"), formats.number(int(closing.sum("voided")), self._locale)),
            (_("Advances"), self._money(closing.sum("advances_sum"))),
            (_("Tips"), self._money(closing.sum("tips_sum"))),
            (_("Debts paid off"), self._money(closing.sum("debts_sum"))),
        )
        self._heading(_("The month"))
        rows = [sum((list(pair) for pair in figures[at : at + 3]), list[str]()) for at in range(0, len(figures), 3)]
        self._table(None, rows, (28, 36, 24, 32, 28, 32), "LRLRLR")

    def _days(self) -> None:
        closing, _ = self._closing, self._
        self._heading(_("By day"))
        titles = (_("Day"), _("Sales"), _("Revenue"), _("Discounts"), _("Returns"), _("Tax"), _("Adds up"))
        rows = [
            (
                formats.day(day.day, self._locale),
                formats.number(day.sales, self._locale),
                self._plain(day.revenue),
                self._plain(day.discount_sum),
                self._plain(day.returns_sum),
                self._plain(day.tax_sum),
                _("yes") if day.reconciles else _("no"),
            )
            for day in closing.days
        ]
        self._table(titles, rows, (34, 18, 32, 26, 26, 26, 18), "LRRRRRC")

    def _methods(self) -> None:
        _, sums = self._, dict[str, tuple[Decimal, int]]()
        for row in self._closing.payments:
            amount, count = sums.get(row.method, (Decimal(0), 0))
            sums[row.method] = amount + row.amount, count + row.count
        self._heading(_("Payment methods"))
        rows = [
            (words.payment_method(method, self._locale), formats.number(count, self._locale), self._plain(amount))
            for method, (amount, count) in sorted(sums.items(), key=lambda one: (-one[1][0], one[0]))
        ]
        self._table((_("Method"), _("Payments"), _("Amount")), rows, (90, 40, 50), "LRR")

    def _taxes(self) -> None:
        _, sums = self._, dict[str, tuple[Decimal, Decimal]]()
        for row in self._closing.taxes:
            base, tax = sums.get(row.rate, (Decimal(0), Decimal(0)))
            sums[row.rate] = base + row.base_sum, tax + row.tax_sum
        if not sums:
            return
        self._heading(_("Tax by rate"))
        rows = [(self._rate(rate), self._plain(base), self._plain(tax)) for rate, (base, tax) in sorted(sums.items())]
        self._table((_("Rate"), _("Without tax"), _("Tax")), rows, (80, 50, 50), "LRR")

    def _rate(self, rate: str) -> str:
        return (
            self._("without tax") if rate == "none" else f"{rate.replace('.', ',' if self._locale == 'ru' else '.')} %"
        )

    def _shifts(self) -> None:
        _, shifts = self._, self._closing.shifts
        if not shifts:
            return
        self._heading(_("Cash and shifts"))
        titles = (
            _("Day"),
            _("Shift"),
            _("Revenue"),
            _("Returns"),
            _("Should be in the drawer"),
            _("Counted in it"),
            _("Off by"),
        )
        rows = [
            (
                formats.day(shift.day, self._locale),
                shift.number or "–",
                self._plain(shift.revenue),
                self._plain(shift.returns_sum),
                *(self._plain(sum) for sum in (shift.cash_expected, shift.cash_counted, shift.difference)),
            )
            for shift in shifts[:_SHIFTS_MOST]
        ]
        self._table(titles, rows, (34, 22, 28, 24, 30, 24, 18), "LLRRRRR")
        if len(shifts) > _SHIFTS_MOST:
            more = _("and %(count)s more in the file in JSON") % {"count": len(shifts) - _SHIFTS_MOST}
            self._line(more, 8, grey=True)

    def _ledger(self) -> None:
        ledger, _ = self._closing.ledger, self._
        self._heading(_("What became of the events that tills sent"))
        titles = (_("Received"), _("In the figures"), _("Twice"), _("Waiting"), _("Not readable"), _("Left out"))
        counts = (ledger.read, ledger.applied, ledger.duplicate, ledger.waiting, ledger.quarantined, ledger.discarded)
        self._table(titles, [[formats.number(count, self._locale) for count in counts]], (30,) * 6, "RRRRRR")
        for hole in ledger.missing[:20]:
            numbers = {"first": hole.first, "last": hole.last, "till": hole.till or "–", "run": hole.run}
            self._line(_("Missing: events %(first)s–%(last)s of %(till)s, run %(run)s") % numbers, 8)

    def _proof(self) -> None:
        closing, _ = self._closing, self._
        self._heading(_("By what it is proved"))
        places = ", ".join(f"{place.partition}: {place.next_offset}" for place in closing.log[:24])
        more = " …" if len(closing.log) > 24 else ""
        certificates = digest(msgspec.json.encode(closing.certificates))
        rows = [
            (_("Closing"), str(closing.closing_id)),
            (_("Log applied up to (partition: next number)"), places + more),
            (
                _("Documents copied"),
                f"{formats.number(closing.documents.rows, self._locale)}, SHA-256 {closing.documents.sha256}",
            ),
            (
                _("Certificates of days"),
                f"{formats.number(len(closing.certificates), self._locale)}, SHA-256 {certificates}",
            ),
            (_("The file in JSON"), f"SHA-256 {self._sha256}"),
            (_("Signed by key (Ed25519)"), self._key),
            (_("To check"), "weboffice check-closing FILE --key K"),
        ]
        self._table(None, rows, (52, 128), "LL", size=7.5)

    def _heading(self, text: str) -> None:
        if self._page.will_page_break(28):
            self._page.add_page()
        self._page.ln(4)
        self._line(text, 11, bold=True)

    def _line(self, text: str, size: float, *, bold: bool = False, grey: bool = False, height: float = 6) -> None:
        self._page.set_font("DejaVu", "B" if bold else "", size)
        self._page.set_text_color(*(_GREY if grey else _INK))
        self._page.multi_cell(0, height, text, new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _table(
        self,
        titles: Sequence[str] | None,
        rows: Sequence[Sequence[str]],
        widths_mm: tuple[int, ...],
        align: str,
        size: float = 8,
    ) -> None:
        self._page.set_font("DejaVu", "", size)
        self._page.set_text_color(*_INK)
        self._page.set_draw_color(214, 218, 224)
        with self._page.table(
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            col_widths=widths_mm,
            width=sum(widths_mm),
            text_align=tuple({"L": "LEFT", "R": "RIGHT", "C": "CENTER"}[one] for one in align),
            line_height=4.4,
            padding=(0.6, 1),
            first_row_as_headings=titles is not None,
            headings_style=FontFace(emphasis="BOLD", fill_color=_SHADE),
            align="LEFT",
        ) as table:
            for row in [titles, *rows] if titles is not None else rows:
                table.row(list(row))

    def _money(self, amount: Decimal) -> str:
        return formats.money(amount, self._locale, self._closing.outlet.currency)

    def _plain(self, amount: Decimal | None) -> str:
        """A sum in a table, whose currency stands above it; a zero is a dash."""
        if not amount:
            return "–" if amount is None else "0"
        return formats.money(amount, self._locale, self._closing.outlet.currency).replace(
            formats.unit(self._locale, self._closing.outlet.currency), ""
        )
