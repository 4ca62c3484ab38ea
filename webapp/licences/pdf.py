"""An invoice as a PDF of one or more A4 pages, with its fonts in it."""

from __future__ import annotations

from importlib import resources

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from webapp import formats
from webapp.licences import wording
from webapp.licences.invoices import Document
from webapp.translation import translations

_FONTS = resources.files("webapp.licences.fonts")
_WIDTHS_MM = (110, 30, 40)
_ROW_MM = 8


def pdf(document: Document, locale: str) -> bytes:
    """The invoice in the reader's language. Takes some tenths of a second of work: for a thread."""
    texts = translations(locale)
    _, ngettext = texts.gettext, texts.ngettext
    invoice = document.invoice
    page = FPDF(format="A4")
    with (
        resources.as_file(_FONTS.joinpath("DejaVuSans.ttf")) as plain,
        resources.as_file(_FONTS.joinpath("DejaVuSans-Bold.ttf")) as bold,
    ):
        page.add_font("DejaVu", "", str(plain))
        page.add_font("DejaVu", "B", str(bold))
    page.set_margin(15)
    heading = _("Invoice No. %(number)s of %(day)s") % {
        "number": invoice.number,
        "day": formats.day(document.day, locale, "long"),
    }
    page.set_title(heading)
    page.set_subject(f"invoice {invoice.number}")
    page.set_lang(locale)
    page.set_creation_date(invoice.created_at)
    page.add_page()
    page.set_font("DejaVu", "B", 16)
    _line(page, heading)
    if invoice.paid_at:
        _state(page, _("Paid on %(day)s") % {"day": formats.moment(invoice.paid_at, locale, document.zone)})
    elif invoice.cancelled_at:
        _state(page, _("Cancelled"))
    page.ln(4)
    _party(page, _("Seller"), document.seller.name, "\n".join(wording.seller_lines(document.seller, locale)))
    _party(page, _("Buyer"), invoice.payer or _("account owner"), "")
    page.ln(4)
    months = ngettext("%(num)s month", "%(num)s months", invoice.months) % {"num": invoice.months}
    page.set_font("DejaVu", "B", 10)
    _row(page, (_("Licence of Web office for the outlet"), _("Term"), _("Price")))
    page.set_font("DejaVu", "", 10)
    for line in document.lines:
        _row(page, (line.outlet, months, formats.money(line.price, locale, invoice.currency)))
    page.set_font("DejaVu", "B", 11)
    _row(page, (_("To pay"), "", formats.money(invoice.amount, locale, invoice.currency)))
    page.set_font("DejaVu", "", 10)
    what, vat = wording.vat_line(document, locale)
    _row(page, (what, "", vat))
    page.ln(6)
    page.set_font("DejaVu", "", 9)
    purpose = _("State in the payment: invoice No. %(number)s.") % {"number": invoice.number}
    page.multi_cell(0, 5, purpose, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    return bytes(page.output())


def _line(page: FPDF, text: str) -> None:
    page.multi_cell(0, _ROW_MM, text, new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _state(page: FPDF, text: str) -> None:
    page.set_font("DejaVu", "B", 11)
    _line(page, text)


def _party(page: FPDF, role: str, name: str, details: str) -> None:
    page.set_font("DejaVu", "B", 10)
    page.cell(35, 6, role)
    page.set_font("DejaVu", "", 10)
    text = "\n".join(filter(None, (name, details)))
    page.multi_cell(0, 6, text, new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _row(page: FPDF, texts: tuple[str, str, str]) -> None:
    """A row of the table; a long name goes on in further lines, and the row onto the next page where it has no room."""
    name = page.multi_cell(_WIDTHS_MM[0], _ROW_MM, texts[0], dry_run=True, output="LINES")
    height = _ROW_MM * max(1, len(name) if isinstance(name, list) else 1)
    if page.will_page_break(height):
        page.add_page()
    top, left = page.get_y(), page.l_margin
    page.rect(left, top, sum(_WIDTHS_MM), height)
    page.multi_cell(_WIDTHS_MM[0], _ROW_MM, texts[0], new_x=XPos.RIGHT, new_y=YPos.TOP)
    page.cell(_WIDTHS_MM[1], _ROW_MM, texts[1], align="C")
    page.cell(_WIDTHS_MM[2], _ROW_MM, texts[2], align="R")
    page.set_xy(left, top + height)
