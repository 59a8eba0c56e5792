"""One line of Siècle, read in Python, and what is wrong with it whatever the dossier says: no SQL of the night."""

import json
import re
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

from families.models import Division
from orientation.enums import Acceptances
from orientation.facts import Facts
from orientation.models import Campaign, Dossier
from orientation.pathways import Choice, pathways_of
from orientation.reading import load_facts
from orientation.rules import check_choice
from siecle_sync import contract
from tests.equivalence.siecle import Row

PHASES = ("PROVISIONAL", "DEFINITIVE")
DAY = re.compile(r"20\d\d-\d\d-\d\d")
INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T ][\d:.]+(Z|[+-]\d\d(:?\d\d)?)")
WITH_CHOICES = ("SCHOOL_ENTRY", "SCHOOL_CHANGE")
WITH_A_LIST = (*WITH_CHOICES, "STATEMENT", "HEAD_DECISION")
LISTS = {kind: contract.LIST_OF[kind] for kind in (*WITH_A_LIST, "SCHOOL_ANSWER")}
Key = tuple[str, str]


@dataclass
class Line:
    """A line of the night. `outcome` and `code`: what becomes of it, "" until it is settled."""

    seq: int
    kind: str
    ref: str | None
    uai: str
    year: str | None
    level: str | None
    phase: str
    division: str
    author_name: str
    at: datetime | None
    body: Any
    dossier: Dossier | None
    outcome: str = ""
    code: str = ""
    items: list[dict[str, Any]] = field(default_factory=list)

    @property
    def open(self) -> bool:
        return not self.outcome

    def settle(self, outcome: str, code: str = "") -> None:
        self.outcome, self.code = outcome, code

    @property
    def keys(self) -> list[Key]:
        return [(text(item.get("pathway")), text(item.get("series"))) for item in self.items]

    @property
    def origin(self) -> str:
        return self.body.get("origin") or "HEAD"

    @property
    def facts(self) -> Facts:
        assert self.dossier is not None
        return load_facts(self.dossier.uuid)

    @property
    def choices(self) -> tuple[Choice, ...]:
        return tuple(choice(item) for item in self.items)


def read(row: Row, campaign: Campaign) -> Line:
    body, kind = as_json(row["payload"]), row["kind"] or ""
    line = Line(
        seq=int(str(row["seq"])), kind=kind, ref=row["ref"], uai=row["uai"] or "", year=row["year"],
        level=row["level"], phase=row["phase"] or "", division=row["division"] or "", at=as_instant(row["at"]),
        author_name=row["author_name"] or "", body=body, dossier=dossier_of(row, campaign),
    )  # fmt: skip
    listed = body.get(LISTS[kind]) if kind in LISTS and isinstance(body, dict) else None
    items = listed if isinstance(listed, list) else []
    line.items = [item if isinstance(item, dict) else {} for item in items]
    return line


def dossier_of(row: Row, campaign: Campaign) -> Dossier | None:
    if not (row["eleve_id"] or "").isdigit():
        return None
    one = {"student__siecle_id": int(str(row["eleve_id"])), "student__school__uai": row["uai"]}
    return Dossier.objects.filter(campaign=campaign, **one).first()


def as_json(raw: str | None) -> Any:
    try:
        read = json.loads(raw or "")
    except ValueError:
        return None
    return None if "\\u0000" in str(raw) else read


def as_instant(raw: str | None) -> datetime | None:
    """An instant of this century, with its offset, in ISO 8601."""
    try:
        read = datetime.fromisoformat(raw or "").astimezone(UTC)
    except ValueError:
        return None
    return read if INSTANT.fullmatch(raw or "") and 2000 <= read.year < 2100 else None


def as_day(raw: Any) -> date | None:
    try:
        return date.fromisoformat(raw) if isinstance(raw, str) and DAY.fullmatch(raw) else None
    except ValueError:
        return None


def text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def choice(item: dict[str, Any]) -> Choice:
    details = item.get("details")
    return Choice(
        text(item.get("pathway")), text(item.get("series")), text(item.get("free_text")),
        item.get("school_status") is True, item.get("apprentice_status") is True,
        tuple(details) if isinstance(details, list) else (),
    )  # fmt: skip


def fault(line: Line, before: list[Line], campaign: Campaign) -> str:
    """The first thing wrong with the line itself; "" when it is sound. `before`: the lines told before it."""
    return (
        _envelope(line, before, campaign)
        or (_council(line, campaign) if line.kind == contract.COUNCIL else "")
        or ("UNKNOWN_PUPIL" if line.kind != contract.COUNCIL and line.dossier is None else "")
        or (_list(line, campaign) if line.kind != contract.COUNCIL else "")
        or _signed(line)
    )


def _envelope(line: Line, before: list[Line], campaign: Campaign) -> str:
    if line.kind not in contract.RECEIVED:
        return "UNKNOWN_KIND"
    if line.ref is None or len(line.ref) > 64 or line.at is None or not isinstance(line.body, dict):
        return "MALFORMED"
    if line.phase not in PHASES:
        return "MALFORMED"
    if line.ref in {one.ref for one in before}:
        return "DUPLICATE_REF"
    if (line.year, line.level) != (str(campaign.year), campaign.level):
        return "WRONG_CAMPAIGN"
    return "TOO_LONG" if len(line.author_name) > 210 else ""


def _council(line: Line, campaign: Campaign) -> str:
    held_on = line.body.get("held_on")
    if (
        "held_on" not in line.body
        or line.body.get("event") not in contract.COUNCIL_EVENTS
        or (held_on is not None and as_day(held_on) is None)
    ):
        return "MALFORMED"
    place = {"school__academy": campaign.academy, "school__uai": line.uai, "year": campaign.year}
    return "" if Division.objects.filter(**place, code=line.division).exists() else "UNKNOWN_DIVISION"


def _list(line: Line, campaign: Campaign) -> str:
    if line.kind == contract.SCHOOL_ANSWER and line.body.get("kind") not in ("ACCEPTED", "REFUSED"):
        return "MALFORMED"
    wanted = line.kind in WITH_A_LIST or line.body.get("kind") == "ACCEPTED"
    if wanted != bool(line.items):
        return "EMPTY_LIST"
    if len(line.items) > most(line, campaign):
        return "TOO_MANY"
    known = {(one.code, code) for one in pathways_of(campaign.level) for code in dict(one.series) or [""]}
    if not set(line.keys) <= known:
        return "UNKNOWN_PATHWAY"
    if len(set(line.keys)) < len(line.keys):
        return "DUPLICATE_PATHWAY"
    if line.kind == contract.STATEMENT:
        return _said(line, campaign)
    return _details(line) if line.kind in WITH_CHOICES else ""


def most(line: Line, campaign: Campaign) -> int:
    if line.kind in WITH_CHOICES:
        return campaign.max_choices
    one_only = line.kind == contract.SCHOOL_ANSWER and campaign.acceptances == Acceptances.ONE
    return 1 if one_only else len(line.items)


def _said(line: Line, campaign: Campaign) -> str:
    if any(len(text(item.get("comment"))) > 1000 for item in line.items):
        return "TOO_LONG"
    values = campaign.opinion_values if line.phase == "PROVISIONAL" else ["OUI", "NON"]
    return "" if all(item.get("value") in values for item in line.items) else "UNKNOWN_VALUE"


def _details(line: Line) -> str:
    if any(len(text(item.get("free_text"))) > 200 for item in line.items):
        return "TOO_LONG"
    facts = line.facts
    return "MALFORMED_DETAILS" if any(_wrong(facts, line.phase, item) for item in line.items) else ""


def _wrong(facts: Facts, phase: str, item: dict[str, Any]) -> bool:
    """As for a family, but a school knows its own offer, and keeps a text that families are not offered."""
    if "details" in item and not isinstance(item["details"], list):
        return True
    one = choice(item)
    inside = tuple(detail for detail in one.details if ":" not in detail)
    known = replace(facts, specialties_offered=inside or ("none",), policies=replace(facts.policies, free_text=True))
    return check_choice(known, phase, one) is not None


def _signed(line: Line) -> str:
    """Who asked for a change, and when; when a decision was notified, and whose it is."""
    body = line.body
    if line.kind == contract.SCHOOL_CHANGE:
        if not text(body.get("asked_by")).strip(" ") or as_day(body.get("asked_on")) is None:
            return "MALFORMED"
        return "TOO_LONG" if len(body["asked_by"]) > 210 else ""
    if line.kind == contract.HEAD_DECISION:
        notified = body.get("notified_on")
        if (notified is not None and as_day(notified) is None) or line.origin not in ("HEAD", "APPEAL"):
            return "MALFORMED"
    return ""
