"""How a campaign is split between workers: ranges of schools, in the order of their UAI, that leave none out."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count

from families.models import Student
from orientation.models import Campaign
from siecle_sync.models import PartState, RunPart

# Beside an alias that has a column `uai`: its schools are those of the part.
IN_RANGE = """(%(uai_from)s = '' OR {0}.uai COLLATE "C" >= %(uai_from)s)
    AND (%(uai_before)s = '' OR {0}.uai COLLATE "C" < %(uai_before)s)"""


@dataclass(frozen=True, slots=True)
class Range:
    """The UAIs in `[first, before)`; '' = no bound."""

    first: str = ""
    before: str = ""

    def meets(self, other: "Range") -> bool:
        return (not other.before or self.first < other.before) and (not self.before or other.first < self.before)


EVERYTHING = Range()


def range_of(part: RunPart) -> Range:
    return Range(part.uai_from, part.uai_before)


def split(sizes: Iterable[tuple[str, int]], *, most: int) -> list[Range]:
    """Ranges of at most `most` pupils where schools allow it, from `(uai, pupils)`."""
    bounds, held = [""], 0
    for uai, pupils in sorted(sizes):
        if held and held + pupils > most:
            bounds.append(uai)
            held = 0
        held += pupils
    return [Range(first, before) for first, before in zip(bounds, [*bounds[1:], ""], strict=True)]


def ranges_of(campaign: Campaign) -> list[Range]:
    """Cut by the pupils of today: a school that is not counted is in a part all the same."""
    pupils = Student.objects.filter(school__academy=campaign.academy_id, year=campaign.year, level=campaign.level)
    sizes = pupils.values_list("school__uai").order_by("school__uai").annotate(Count("pk"))
    return split(sizes, most=settings.NIGHT_PART_PUPILS)


def taken_until(campaign: Campaign, wanted: Range) -> int:
    """The last line of Siècle that was taken in for every school of a range (0: none for some of them).

    The parts of past nights may have had other bounds: each piece of the range follows the last part that held it.
    """
    finished = RunPart.objects.filter(run__campaign=campaign, state=PartState.FINISHED).order_by("-pk")
    return until([wanted], ((range_of(part), part.cursor) for part in finished.iterator(chunk_size=100)))


def until(missing: list[Range], parts: Iterable[tuple[Range, int]]) -> int:
    """The least cursor over the ranges `missing`, each covered by the first of `parts` that holds it."""
    found = []
    for held, cursor in parts:
        if any(one.meets(held) for one in missing):
            found.append(cursor)
            missing = [piece for one in missing for piece in without(one, held)]
        if not missing:
            return min(found)
    return 0


def without(one: Range, held: Range) -> list[Range]:
    """What is left of a range once another is taken out of it."""
    if not one.meets(held):
        return [one]
    left = []
    if held.first > one.first:
        left.append(Range(one.first, held.first))
    if held.before and (not one.before or held.before < one.before):
        left.append(Range(held.before, one.before))
    return left
