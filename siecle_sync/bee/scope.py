"""Who is concerned by a campaign, and why. Pure: facts in, verdict out."""

from dataclasses import dataclass
from datetime import date

from families.models import Level, StudentScope
from families.scope import INACTIVE, LEAVING, LEFT, NO_DIVISION, NO_MEF, OTHER_LEVEL
from siecle_sync.bee.nomenclature import Nomenclature
from siecle_sync.bee.records import PupilRecord
from siecle_sync.bee.structures import is_inactive


@dataclass(frozen=True, slots=True)
class Verdict:
    scope: StudentScope
    reason: str
    level: Level | None
    division: str  # "" when none


def judge(pupil: PupilRecord, nomenclature: Nomenclature, *, as_of: date) -> Verdict:
    """Left (that day or before) or at another level: out. No formation or no division: the school decides. Else: in."""
    level = nomenclature.level(pupil.mef)
    schooled = nomenclature.is_schooled(pupil.mef)
    division = division_of(pupil)
    if pupil.leaves_on and pupil.leaves_on <= as_of:
        return Verdict(StudentScope.OUT, LEFT, level, division if level else "")
    if schooled and level is None:
        return Verdict(StudentScope.OUT, OTHER_LEVEL, None, "")
    if not schooled:
        return Verdict(StudentScope.TO_DECIDE, NO_MEF, None, division)
    if not division:
        return Verdict(StudentScope.TO_DECIDE, INACTIVE if pupil.divisions else NO_DIVISION, level, "")
    return Verdict(StudentScope.IN_SCOPE, LEAVING if pupil.leaves_on else "", level, division)


def division_of(pupil: PupilRecord) -> str:
    """« Functionally there is only one »: the first in ascending order, as the Ministry does."""
    return min((code for code in pupil.divisions if not is_inactive(code)), default="")
