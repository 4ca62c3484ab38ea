"""What an invoice says of its seller and of VAT, on the page and in the PDF alike."""

from __future__ import annotations

from webapp import formats
from webapp.licences.invoices import Document, Seller
from webapp.translation import translations


def seller_lines(seller: Seller, locale: str) -> list[str]:
    """What stands under the seller's name, a line each."""
    _ = translations(locale).gettext
    kpp = f", {_('KPP')} {seller.kpp}" if seller.kpp else ""
    lines = [
        f"{_('INN')} {seller.inn}{kpp}",
        f"{_('Bank')}: {seller.bank}",
        f"{_('BIC')} {seller.bik}",
        f"{_('Account No.')} {seller.account}",
        f"{_('Correspondent account')} {seller.correspondent}" if seller.correspondent else "",
        *seller.details.splitlines(),
    ]
    return [line for line in lines if line]


def vat_line(document: Document, locale: str) -> tuple[str, str]:
    """What of the sum is VAT: the words and the amount."""
    _ = translations(locale).gettext
    if document.vat is None or document.seller.vat_percent is None:
        return _("Without VAT"), "–"
    percent = formats.in_percent(formats.quantity(document.seller.vat_percent, locale), locale)
    what = _("Including VAT of %(percent)s") % {"percent": percent}
    return what, formats.money(document.vat, locale, document.invoice.currency)
