"""On paper: all of a receipt's tabs, and colours that black ink tells apart."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Browser, expect

from tests.service import Service

_DOTS = "dots => dots.map(dot => [getComputedStyle(dot).backgroundColor, getComputedStyle(dot).printColorAdjust])"
_DRAWN = """dark => {
  const chart = Chart.getChart(document.querySelector("[data-part=series] canvas"));
  return chart && (chart.data.datasets[0].backgroundColor[0] === "#1a1a1a") === dark;
}"""


def test_what_is_printed(browser: Browser, office: Service, signed_in: Any) -> None:
    """A receipt is printed with positions, payments and returns, whichever tab is open; the legend and the chart of the
    payment methods have the same shades of grey, each its own."""
    context = browser.new_context(
        locale="ru-RU", viewport={"width": 1440, "height": 900}, color_scheme="dark", storage_state=signed_in
    )
    page = context.new_page()
    page.goto(f"{office.url}/sales?range=all&kind=returns")
    page.goto(office.url + str(page.locator("main a.row-link").first.get_attribute("href")))
    heads = page.locator("main h2.print-only")
    expect(heads).to_have_count(3)
    for other in page.locator("section.print-only").all():
        expect(other).to_be_hidden()
    page.emulate_media(media="print")
    assert heads.all_inner_texts() == ["Возвраты", "Позиции", "Платежи"]
    for head in heads.all():
        expect(head).to_be_visible()
    expect(page.locator("nav.tabs")).to_be_hidden()

    page.emulate_media(media="screen")
    page.goto(f"{office.url}/report?range=all")
    page.wait_for_selector("[data-part=series] canvas")
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    inks = "one => [getComputedStyle(one).backgroundColor, getComputedStyle(one).color]"
    assert page.locator("body").evaluate(inks) == ["rgb(255, 255, 255)", "rgb(0, 0, 0)"], "in the dark theme, too"
    dots = page.eval_on_selector_all("[data-part=methods] .dot", _DOTS)
    shades = [colour for colour, _ in dots]
    assert {adjust for _, adjust in dots} == {"exact"}
    assert len(set(shades)) == len(shades) >= 2
    assert page.eval_on_selector_all(".stack rect", "all => all.map(one => getComputedStyle(one).fill)") == shades
    for shade in shades:
        red, green, blue = shade.removeprefix("rgb(").removesuffix(")").split(", ")
        assert red == green == blue
    page.wait_for_function(_DRAWN, arg=True)
    page.emulate_media(media="screen")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.wait_for_function(_DRAWN, arg=False)
    context.close()
