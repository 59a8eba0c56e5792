"""What the files hold, once read: small frozen records. Addresses, telephones, jobs, nationalities are never read."""

from dataclasses import dataclass
from datetime import date

from families.models import Level


@dataclass(frozen=True, slots=True)
class PupilRecord:
    file: str
    line: int
    eleve_id: int
    ine: str
    family_name: str
    usage_name: str
    first_name: str
    birth_date: date
    mef: str
    leaves_on: date | None
    divisions: tuple[str, ...] = ()  # type D, ascending

    @property
    def who(self) -> str:
        return f"{self.first_name} {self.usage_name or self.family_name}"

    @property
    def where(self) -> dict[str, object]:
        return {"file": self.file, "line": self.line, "eleve_id": self.eleve_id, "ine": self.ine}


@dataclass(frozen=True, slots=True)
class PersonRecord:
    file: str
    line: int
    personne_id: int
    civility: str
    family_name: str
    usage_name: str
    first_name: str
    email: str | None  # "" when the file has none, None when what it has is not an address

    @property
    def who(self) -> str:
        return f"{self.first_name} {self.usage_name or self.family_name}".strip()

    @property
    def where(self) -> dict[str, object]:
        return {"file": self.file, "line": self.line}


@dataclass(frozen=True, slots=True)
class LinkRecord:
    """`level` None: unreadable, the known link stays as it is. `rank` is the old RESP_LEGAL, 0 otherwise."""

    file: str
    line: int
    eleve_id: int
    personne_id: int
    level: int | None
    kinship: str
    rank: int = 0

    @property
    def where(self) -> dict[str, object]:
        return {"file": self.file, "line": self.line, "eleve_id": self.eleve_id}


@dataclass(frozen=True, slots=True)
class MefRecord:
    code: str
    label: str
    stat: str  # CODE_MEFSTAT
    attached_to: str  # MEF_RATTACHEMENT: the national one


@dataclass(frozen=True, slots=True)
class SchoolRecord:
    name: str
    phone: str
    email: str
    address: str


@dataclass(frozen=True, slots=True)
class MefSeen:
    """One formation met among the pupils, for the school to confirm the level it was read as."""

    code: str
    label: str
    level: Level | None
    pupils: int
