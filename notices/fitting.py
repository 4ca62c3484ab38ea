"""A message cut to what Telegram takes. Pure."""

from __future__ import annotations

MESSAGE_MOST, CAPTION_MOST = 4096, 1024
"""What a message may have, and the text below a picture."""
_MORE = "…"


def units(text: str) -> int:
    """The length as Telegram counts it: in UTF-16, where a picture letter is two."""
    return len(text.encode("utf-16-le")) // 2


def fitted(text: str, most: int = MESSAGE_MOST) -> str:
    """As many whole lines as there is room for, then the last paragraph, which holds the links: what is left out stands
    where they lead."""
    if units(text) <= most:
        return text
    head, _, links = text.rstrip().rpartition("\n\n")
    end = f"\n{_MORE}\n\n{links}" if head and units(links) < most // 2 else f"\n{_MORE}"
    kept = ""
    for line in (head or links).splitlines():
        longer = f"{kept}\n{line}" if kept else line
        if units(longer + end) > most:
            break
        kept = longer
    if not kept:  # one endless line
        kept = (head or links).encode("utf-16-le")[: 2 * (most - units(end))].decode("utf-16-le", "ignore")
    return kept + end
