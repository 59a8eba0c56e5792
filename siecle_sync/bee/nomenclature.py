"""At which level is a formation (MEF)? Through its statistical code when Nomenclature.xml is given, else its prefix."""

from families.models import Level
from siecle_sync.bee.reader import BeeFile
from siecle_sync.bee.records import MefRecord

STAT_LEVELS = {"2116": Level.THIRD, "2117": Level.THIRD, "2434": Level.THIRD, "2211": Level.SECOND_GT}
PREFIXES = dict.fromkeys(("103", "104", "110", "131", "167"), Level.THIRD) | dict.fromkeys(
    ("200", "210"), Level.SECOND_GT
)
LEVEL_DIGITS = 4  # a statistical code begins with its level; a shorter one says nothing
NOT_SCHOOLED = "99"  # 99899999990, 99999999990; statistical codes 9991…, 9999…


class Nomenclature:
    """The formations of the school, possibly none."""

    def __init__(self, mefs: dict[str, MefRecord] | None = None) -> None:
        self.mefs = mefs or {}

    def label(self, mef: str) -> str:
        return self.mefs[mef].label if mef in self.mefs else ""

    def is_schooled(self, mef: str) -> bool:
        return bool(mef) and not mef.startswith(NOT_SCHOOLED) and not self._stat(mef).startswith(NOT_SCHOOLED)

    def level(self, mef: str) -> Level | None:
        """None when the formation is of no level a campaign exists for."""
        if stat := self._stat(mef):
            return STAT_LEVELS.get(stat[:LEVEL_DIGITS])
        return PREFIXES.get(self._national(mef)[:3])

    def _national(self, mef: str) -> str:
        return (mef in self.mefs and self.mefs[mef].attached_to) or mef

    def _stat(self, mef: str) -> str:
        """The formation's own code, else that of the national one it is attached to."""
        for code in (mef, self._national(mef)):
            if code in self.mefs and len(self.mefs[code].stat) >= LEVEL_DIGITS:
                return self.mefs[code].stat
        return ""


def read_nomenclature(file: BeeFile) -> Nomenclature:
    mefs = {}
    for row in file.rows():
        if (row.block, row.tag) == ("MEFS", "MEF") and (code := row.code("CODE_MEF")):
            label = row.name("LIBELLE_EDITION", "LIBELLE_LONG", "FORMATION")
            mefs[code] = MefRecord(code, label, row.text("CODE_MEFSTAT"), row.text("MEF_RATTACHEMENT"))
    return Nomenclature(mefs)
