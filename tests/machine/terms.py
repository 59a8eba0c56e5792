"""What a list of choices may hold, told a second time (ENT-01…04, P2G-01…04)."""

from dataclasses import dataclass
from typing import Any

SERIES = {"ST2S", "STAV", "STD2A", "STHR", "STI2D", "STL", "STMG", "S2TMD"}
SPECIALTIES = {
    "ARTS", "BIOECO", "EPPCS", "HGGSP", "HLP", "LLCER", "LLCA", "MATHS", "NSI", "PC", "SVT", "SI", "SES",
}  # fmt: skip
KINDS = {"1PRO", "2PRO", "CAP"}
PATHWAYS = {"3E": {"2GT", "2PRO", "CAP"}, "2GT": {"1GEN", "1TECHNO", "1BTMUS", "VOIEPRO"}}
WITH_TEXT_AND_STATUS = {"2PRO", "CAP", "VOIEPRO"}


@dataclass(frozen=True)
class Terms:
    """`offer`: the specialty subjects of the school; empty, it has not said."""

    level: str
    definitive: bool
    policies: dict[str, Any]
    offer: frozenset[str]

    def refusals(self, choices: tuple[Any, ...]) -> set[str]:
        if not choices:
            return {"NO_CHOICE"}
        refusals = {"TOO_MANY_CHOICES"} if len(choices) > self.policies["max_choices"] else set()
        if len({(one.pathway, one.series) for one in choices}) < len(choices):
            refusals.add("PATHWAY_TWICE")
        return refusals.union(*(self.of_choice(one) for one in choices))

    def of_choice(self, choice: Any) -> set[str]:
        if choice.pathway not in PATHWAYS[self.level]:
            return {"PATHWAY_UNKNOWN"}
        more = choice.pathway in WITH_TEXT_AND_STATUS
        refusals = {"FREE_TEXT_TOO_LONG"} if len(choice.free_text) > 200 else set()
        if choice.free_text and not (more and self.policies["free_text"]):
            refusals.add("DETAIL_NOT_ASKED")
        if (choice.school_status or choice.apprentice_status) and not more:
            refusals.add("DETAIL_NOT_ASKED")
        return refusals | self.of_series(choice) | self.of_details(choice)

    def of_series(self, choice: Any) -> set[str]:
        if choice.pathway != "1TECHNO":
            return {"PATHWAY_UNKNOWN"} if choice.series else set()
        if not choice.series:
            return {"SERIES_MISSING"}
        return set() if choice.series in SERIES else {"PATHWAY_UNKNOWN"}

    def of_details(self, choice: Any) -> set[str]:
        if choice.pathway == "VOIEPRO":
            return set() if len(choice.details) == 1 and set(choice.details) <= KINDS else {"KIND_MISSING"}
        if choice.pathway != "1GEN":
            return {"DETAIL_NOT_ASKED"} if choice.details else set()
        outside = {one.removesuffix(":HORS") for one in choice.details if one.endswith(":HORS")}
        asked = [one.removesuffix(":HORS") for one in choice.details]
        wanted = 3 if self.definitive else self.policies["specialties_if_outside" if outside else "specialties"]
        refusals = set() if len(asked) == wanted else {"SPECIALTIES_COUNT"}
        if not set(asked) <= SPECIALTIES:
            refusals.add("SPECIALTY_UNKNOWN")
        if len(set(asked)) < len(asked):
            refusals.add("SPECIALTY_TWICE")
        here = self.offer or SPECIALTIES
        if any((one in here) == (one in outside) for one in asked):
            refusals.add("SPECIALTY_NOT_OFFERED")
        return refusals
