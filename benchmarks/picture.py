"""The results as one picture: for each number of rows measured, seconds of the floor, of our night, of the others."""

import json
from html import escape
from typing import Any

from benchmarks.laboratory import RESULTS

BARS = (  # key of the result, words, colour
    ("floor_s", "plancher (SQL nu)", "#929292"),
    ("ours_s", "notre nuit", "#000091"),
    ("inbound_s", "dont la part reçue", "#6a6af4"),
    ("bulk_create_s", "la part reçue par bulk_create", "#c9191e"),
    ("unchanged_s", "une nuit sans rien", "#18753c"),
    ("unchanged_floor_s", "son plancher", "#b1b1b1"),
)
WIDTH, LEFT, HEIGHT, GAP = 860, 290, 22, 30
TEXT = '<text x="{x}" y="{y}" font-size="{size}" text-anchor="{anchor}" fill="#161616">{words}</text>'


def text(words: str, x: float, y: float, *, size: int = 14, anchor: str = "start") -> str:
    return TEXT.format(x=round(x), y=round(y), size=size, anchor=anchor, words=escape(words))


def number(value: float) -> str:
    return f"{value:,.2f}".replace(",", "\u00a0").replace(".", ",")


def group(found: dict[str, Any], top: int) -> list[str]:
    """The bars of one size, on a scale of their own."""
    most = max(found[key] for key, _, _ in BARS)
    rows = f"{found['rows']:,}".replace(",", "\u00a0")
    ratio = number(found["ratio_to_floor"])
    title = f"{rows} dossiers\u00a0: {ratio} fois le plancher, {number(found['peak_rss_mb'])} Mo au plus"
    drawn = [text(title, 10, top + 18, size=16)]
    for rank, (key, words, colour) in enumerate(BARS):
        y, width = top + GAP + rank * (HEIGHT + 4), found[key] / most * (WIDTH - LEFT - 90)
        drawn.append(text(words, LEFT - 8, y + 16, anchor="end"))
        drawn.append(f'<rect x="{LEFT}" y="{y}" width="{max(width, 1):.1f}" height="{HEIGHT}" fill="{colour}"/>')
        drawn.append(text(f"{number(found[key])}\u00a0s", LEFT + width + 6, y + 16))
    return drawn


def draw() -> None:
    """Write `results/night.svg` from every result kept."""
    kept = [json.loads(path.read_text()) for path in RESULTS.glob("night-*.json")]
    tall = GAP + len(BARS) * (HEIGHT + 4) + 24
    drawn = []
    for rank, found in enumerate(sorted(kept, key=lambda one: one["rows"])):
        drawn += group(found, 10 + rank * tall)
    height = 10 + len(kept) * tall
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif">'
    white = f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>'
    (RESULTS / "night.svg").write_text("\n".join([head, white, *drawn, "</svg>"]) + "\n")


if __name__ == "__main__":
    draw()
