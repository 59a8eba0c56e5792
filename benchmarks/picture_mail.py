"""The results of `make bench-mail` as one picture: letters a second, the floor first, for each number kept."""

import json
from typing import Any

from benchmarks.laboratory import RESULTS
from benchmarks.picture import GAP, HEIGHT, LEFT, WIDTH, number, text

OURS, FLOOR = "#000091", "#929292"


def bars(found: dict[str, Any]) -> list[tuple[str, float, str]]:
    """Words, letters a second, colour."""
    shared = [(f"{one['processes']} ouvriers", one["sent_per_s"], OURS) for one in found["several"]]
    return [
        ("plancher (smtplib nu)", found["floor_per_s"], FLOOR),
        ("un ouvrier", found["sent_per_s"], OURS),
        *shared,
        ("plancher, serveur qui ne fait rien", found["bare"]["floor_per_s"], FLOOR),
        ("un ouvrier, le même serveur", found["bare"]["sent_per_s"], OURS),
    ]


def group(found: dict[str, Any], top: int) -> list[str]:
    shown = bars(found)
    most = max(value for _, value, _ in shown)
    messages = f"{found['messages']:,}".replace(",", "\u00a0")
    title = f"{messages} courriels\u00a0: {number(found['ratio_to_floor'])} du plancher, {found['lost']} perdu"
    drawn = [text(title, 10, top + 18, size=16)]
    for rank, (words, value, colour) in enumerate(shown):
        y, width = top + GAP + rank * (HEIGHT + 4), value / most * (WIDTH - LEFT - 110)
        drawn.append(text(words, LEFT - 8, y + 16, anchor="end"))
        drawn.append(f'<rect x="{LEFT}" y="{y}" width="{max(width, 1):.1f}" height="{HEIGHT}" fill="{colour}"/>')
        drawn.append(text(f"{value:.0f} par seconde", LEFT + width + 6, y + 16))
    return drawn


def draw() -> None:
    """Write `results/mail.svg` from every result kept."""
    kept = [json.loads(path.read_text()) for path in RESULTS.glob("mail-*.json")]
    drawn, top = [], 10
    for found in sorted(kept, key=lambda one: one["messages"]):
        drawn += group(found, top)
        top += GAP + len(bars(found)) * (HEIGHT + 4) + 24
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top}" font-family="sans-serif">'
    white = f'<rect width="{WIDTH}" height="{top}" fill="#fff"/>'
    (RESULTS / "mail.svg").write_text("\n".join([head, white, *drawn, "</svg>"]) + "\n")


if __name__ == "__main__":
    draw()
