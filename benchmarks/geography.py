"""Where the pupils of a generated campaign are: académies, schools, divisions. No database here.

Shares are orders of magnitude of our own, so that the largest académie is some 9 % of the country, as in real life.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from siecle_sync.bee.academies import ACADEMIES

THIRD, SECOND_GT = "3E", "2GT"
LEVELS = {THIRD: 0.6, SECOND_GT: 0.4}  # 840 000 and 560 000 of 1 400 000
SCHOOL_PUPILS = {THIRD: 120, SECOND_GT: 220}
DIVISION_PUPILS = {THIRD: 25, SECOND_GT: 34}
DIVISION_CODE = {THIRD: "3", SECOND_GT: "2"}
# per ten thousand pupils, largest first
SHARES = {
    "25": 930, "24": 760, "09": 630, "17": 600, "14": 520, "10": 520, "08": 515, "70": 505, "04": 500, "16": 470,
    "02": 465, "11": 430, "18": 390, "12": 345, "23": 320, "20": 300, "15": 285, "01": 280, "13": 260, "07": 230,
    "19": 200, "06": 190, "03": 180, "28": 165, "22": 100, "43": 95, "33": 62, "32": 62, "40": 52, "31": 50,
    "41": 50, "27": 45, "42": 4, "44": 2,
}  # fmt: skip
KEY = "ABCDEFGHJKLMNPRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Place:
    """One school of the campaign, with the number of its pupils of one level."""

    academy: str
    uai: str
    level: str
    pupils: int

    @property
    def divisions(self) -> list[str]:
        count = max(1, round(self.pupils / DIVISION_PUPILS[self.level]))
        return [f"{DIVISION_CODE[self.level]} {letter_of(rank)}" for rank in range(count)]


def letter_of(rank: int) -> str:
    return chr(ord("A") + rank % 26) + (str(rank // 26) if rank >= 26 else "")


def uai_of(department: str, number: int) -> str:
    """A number as the directory writes them: department, four digits, key."""
    digits = f"{department:0>3}{number:04d}"
    return digits + KEY[int(digits) % 23]


def shared(total: int, weights: dict[str, int]) -> dict[str, int]:
    """Split `total` by weight; what rounding loses goes to the first ones, one each."""
    whole = sum(weights.values())
    parts = {code: total * weight // whole for code, weight in weights.items()}
    for code in list(parts)[: total - sum(parts.values())]:
        parts[code] += 1
    return parts


def places(pupils: int, *, academies: int, levels: tuple[str, ...]) -> Iterator[Place]:
    """Every school of a campaign of `pupils` pupils in the `academies` largest académies, in a fixed order."""
    weights = {code: SHARES[code] for code in list(SHARES)[:academies]}
    by_level = shared(pupils, {level: int(LEVELS[level] * 10) for level in levels})
    for code in weights:
        number = 0
        for level in levels:
            for size in schools(shared(by_level[level], weights)[code], SCHOOL_PUPILS[level]):
                departments = ACADEMIES[code].departments
                number += 1
                department = departments[number % len(departments)]
                yield Place(code, uai_of(department, number), level, size)


def schools(pupils: int, usual: int) -> Iterator[int]:
    """Sizes of schools around the usual one, small and large by turns, that add up to `pupils`."""
    rank = 0
    while pupils > 0:
        size = min(pupils, usual * (70 + 20 * (rank % 4)) // 100)
        if pupils - size < usual // 10:
            size = pupils
        yield size
        pupils -= size
        rank += 1
