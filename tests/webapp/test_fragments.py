"""What of a live page changed, found by the names of tags."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from webapp.fragments import changes, marked

_texts = st.text(alphabet="абв <&;:.%\"'", max_size=5).map(lambda text: text.replace("<", "&lt;").replace('"', "&#34;"))
_rows = st.lists(st.tuples(st.sampled_from("abc"), _texts), max_size=4, unique_by=lambda row: row[0])
_pages = st.dictionaries(st.sampled_from(["one", "два:;", "three"]), st.tuples(_texts, _rows), max_size=3)


def _drawn(page: dict[str, tuple[str, list[tuple[str, str]]]]) -> str:
    parts = [
        f'<section class="x" data-part="{name}"><section>{text}</section>'
        + "".join(f'<tr data-row="{key}"><td>{cell}</td></tr>' for key, cell in rows)
        + "</section>"
        for name, (text, rows) in page.items()
    ]
    return f'<main id="main" data-live="/live">{"".join(parts)}</main>'


def _held(page: str) -> str:
    return marked(page).partition('data-held="')[2].partition('"')[0]


@given(_pages, _pages)
def test_what_is_sent_makes_the_one_page_of_the_other(
    before: dict[str, tuple[str, list[tuple[str, str]]]], after: dict[str, tuple[str, list[tuple[str, str]]]]
) -> None:
    """A page that puts what it is sent in its place shows what a new one shows; it is sent nothing where they agree."""
    old, new = _drawn(before), _drawn(after)
    found = changes(new, _held(old), 1000)
    assert found.held == _held(new)
    if list(before) != list(after):
        assert f"{found.main}" in new
        return
    shown = dict(before)
    for name, text in found.parts.items():
        assert text in new
        shown[name] = after[name]
    for name, rows in found.rows.items():
        kept = list(shown[name][1])
        for i, text in rows.items():
            assert f">{after[name][1][i][1]}<" in text
            kept[i] = after[name][1][i]
        shown[name] = (shown[name][0], kept)
    assert _drawn(shown) == new
    if before == after:
        assert not found.parts
        assert not found.rows
