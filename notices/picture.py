"""The picture of a fortnight: a bar for each day, as PNG, drawn by Pillow. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from importlib import resources
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from schemas.amounts import ZERO
from webapp import formats

WIDTH, HEIGHT = 1064, 380
"""Pixels: twice as many as it is shown with, so that it is sharp on phones."""
_TOP, _FOOT, _SIDE, _GAP = 56, 64, 12, 14
_TEXT, _SOFT, _BAR, _LAST, _BELOW = "#1b2530", "#4a5867", "#9fd0c9", "#0f766e", "#b3261e"
_FONT = resources.files("webapp.licences.fonts").joinpath("DejaVuSans.ttf")


def fortnight(days: Sequence[tuple[date, Decimal]], locale: str, currency: str) -> bytes:
    """Days with their revenue, the last one marked, the greatest told with its sum; a day below nothing has its bar
    below the line. `days` is not empty."""
    image = Image.new("RGB", (WIDTH, HEIGHT), "white")
    draw = ImageDraw.Draw(image)
    font = ImageFont.truetype(BytesIO(_FONT.read_bytes()), 26)
    most, least = max(ZERO, *(each for _, each in days)), min(ZERO, *(each for _, each in days))
    scale = Decimal(HEIGHT - _TOP - _FOOT) / ((most - least) or Decimal(1))
    line = _TOP + float(most * scale)
    step = (WIDTH - 2 * _SIDE) / len(days)
    for number, (day, revenue) in enumerate(days):
        left, right = _SIDE + number * step + _GAP / 2, _SIDE + (number + 1) * step - _GAP / 2
        end = line - float(revenue * scale)
        colour = _BELOW if revenue < 0 else _LAST if number == len(days) - 1 else _BAR
        if revenue:
            draw.rectangle((left, min(line, end), right, max(line, end)), fill=colour)
        said = formats.day(day, locale, "EEEEEE")
        draw.text(((left + right) / 2, HEIGHT - 46), said, font=font, fill=_SOFT, anchor="mm")
        draw.text(((left + right) / 2, HEIGHT - 18), str(day.day), font=font, fill=_SOFT, anchor="mm")
    draw.line((_SIDE, line, WIDTH - _SIDE, line), fill=_SOFT, width=2)
    if most > 0:
        at = max(range(len(days)), key=lambda number: days[number][1])
        told = formats.money(most, locale, currency)
        half = draw.textlength(told, font=font) / 2
        middle = min(max(_SIDE + (at + 0.5) * step, _SIDE + half), WIDTH - _SIDE - half)
        draw.text((middle, _TOP - 26), told, font=font, fill=_TEXT, anchor="mm")
    file = BytesIO()
    image.quantize(32).save(file, "PNG", optimize=True)
    return file.getvalue()
