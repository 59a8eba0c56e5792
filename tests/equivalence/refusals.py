"""Why a sound line is not taken into its dossier, asked of the facts of that dossier as they are now."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from orientation.enums import AuthorKind, DecisionOrigin, ReceiptOutcome
from orientation.facts import Facts, SubmissionFact
from orientation.models import ClassCouncil, CouncilStatement
from orientation.rules import last_statement
from orientation.rules.answer import proposed
from siecle_sync import contract
from tests.equivalence.reading import Line, as_day


def of_the_future(line: Line, now: datetime) -> str:
    if line.at is not None and line.at > now:
        return "FUTURE_DATE"
    asked_on = as_day(line.body.get("asked_on")) if line.kind == contract.SCHOOL_CHANGE else None
    return "FUTURE_DATE" if asked_on and asked_on > now.astimezone(line.facts.timezone).date() else ""


def resets(lines: list[Line]) -> list[Line]:
    """Those that count: a reset that is refused resets nothing."""
    return [
        line
        for line in lines
        if line.kind == contract.COUNCIL
        and line.outcome != contract.REJECTED
        and isinstance(line.body, dict)
        and line.body.get("event") == contract.RESET
        and line.at is not None
    ]


def reset_since(line: Line, lines: list[Line]) -> bool:
    place = (line.uai, line.division, line.phase)
    return any(one.seq > line.seq and (one.uai, one.division, one.phase) == place for one in resets(lines))


def council_spoke(line: Line) -> bool:
    """The council of the line is open, whatever the division where the pupil is today."""
    assert line.dossier is not None
    sitting = ClassCouncil.objects.filter(
        campaign=line.dossier.campaign_id, division__code=line.division, division__school__uai=line.uai,
        phase=line.phase, opened_at__isnull=False,
    )  # fmt: skip
    return sitting.exists()


def of_phase(facts: Facts, phase: str) -> list[SubmissionFact]:
    return [one for one in facts.submissions if one.phase == phase]


def of_the_school(entry: SubmissionFact) -> bool:
    return entry.author_kind == AuthorKind.SCHOOL


def entry_superseded(line: Line) -> str:
    later = [one for one in of_phase(line.facts, line.phase) if of_the_school(one) and one.at > line.at]
    return "SUPERSEDED" if later else ""


def change_superseded(line: Line, *, but: Collection[UUID] = ()) -> str:
    """What the family validated since, or a later change; not what came too late (SIE-03), nor the school's own."""
    later = [
        one
        for one in of_phase(line.facts, line.phase)
        if one.at > line.at
        and one.uuid not in but
        and (one.asked_by or not of_the_school(one))
        and one.outcome != ReceiptOutcome.NOT_PROCESSED
    ]
    return "SUPERSEDED" if later else ""


def told_too_late(line: Line, heard: list[Line]) -> str:
    """A later one of the same dossier and phase was told before it, tonight."""
    where = (line.dossier, line.phase)
    later = [one for one in heard if (one.dossier, one.phase) == where and one.at > line.at]  # type: ignore[operator]
    return "SUPERSEDED" if later else ""


def taken(facts: Facts, phase: str) -> list[SubmissionFact]:
    """The family's versions that Siècle has, changes included (SIE-03, SIE-04)."""
    return [
        one
        for one in of_phase(facts, phase)
        if one.asked_by or (not of_the_school(one) and one.outcome == ReceiptOutcome.ACCEPTED)
    ]


def answered(facts: Facts, phase: str) -> bool:
    standing = last_statement(facts, phase)
    return standing is not None and standing.family_answer is not None


def change_refused(line: Line, lines: list[Line]) -> str:
    facts = line.facts
    if not council_spoke(line) and not reset_since(line, lines):
        return "COUNCIL_NOT_OPEN"
    if not taken(facts, line.phase):
        return "NOTHING_TO_CHANGE"
    if answered(facts, line.phase):
        return "ALREADY_ANSWERED"
    return "ALREADY_DECIDED" if facts.decisions else ""


def same_list(line: Line) -> str:
    return "SAME_LIST" if taken(line.facts, line.phase)[-1].choices == line.choices else ""


def examined(line: Line) -> SubmissionFact | None:
    """The entry that the council says it examined, if we know it."""
    assert line.dossier is not None
    wanted = line.body.get("submission_ref")
    rows = line.dossier.submissions.filter(phase=line.phase).order_by("pk")
    found = next((row for row in rows if wanted in (str(row.uuid), row.siecle_ref)), None) if wanted else None
    return line.facts.submission(found.uuid) if found else None


def statement_superseded(line: Line, *, but: Collection[UUID] = ()) -> str:
    said = CouncilStatement.objects.filter(dossier=line.dossier, phase=line.phase, entered_at__gt=line.at)
    return "SUPERSEDED" if said.exclude(uuid__in=but).exists() else ""


def statement_aside(line: Line, lines: list[Line]) -> str:
    if changed_since(line):
        return "SUPERSEDED"
    return "WITHDRAWN" if reset_since(line, lines) else ""


def changed_since(line: Line) -> bool:
    """SIE-04: the school changed the request since the one that the council examined."""
    last = [one for one in of_phase(line.facts, line.phase) if one.asked_by]
    entry = examined(line)
    if not last or (entry is None and line.body.get("submission_ref") is not None):
        return False
    return entry is None or last[-1].version > entry.version


def statement_refused(line: Line) -> str:
    facts = line.facts
    if not council_spoke(line):
        return "COUNCIL_NOT_OPEN"
    if line.body.get("submission_ref") is not None and examined(line) is None:
        return "UNKNOWN_ENTRY"
    if not requested(line) <= set(line.keys):
        return "UNANSWERED_PATHWAY"
    if answered(facts, line.phase):
        return "ALREADY_ANSWERED"
    return "ALREADY_DECIDED" if line.phase == "DEFINITIVE" and facts.decisions else ""


def requested(line: Line) -> set[tuple[str, str]]:
    """What the entry examined asks for; nothing when none is named."""
    entry = examined(line)
    return set() if entry is None else {(one.pathway, one.series) for one in entry.choices}


def answered_statement(line: Line) -> CouncilStatement | None:
    said = CouncilStatement.objects.filter(dossier=line.dossier, phase="DEFINITIVE")
    return said.filter(siecle_ref=line.body.get("statement") or "").first()


def answer_refused(line: Line, *, but: Collection[UUID], decided: bool) -> str:
    """Judged by itself, and by the decision `decided` before it tonight; then by the answers of tonight, `but`."""
    row, facts = answered_statement(line), line.facts
    if row is None:
        return "UNKNOWN_STATEMENT"
    [said] = [one for one in facts.statements if one.uuid == row.uuid]
    if said.withdrawn_at is not None:
        return "WITHDRAWN_STATEMENT"
    known = said.family_answer
    if known is not None and known.uuid not in but:
        return "ALREADY_ANSWERED"
    if not set(line.keys) <= set(proposed(said)):
        return "NOT_PROPOSED"
    accepts = line.body["kind"] == "ACCEPTED"
    if accepts and (decided or (facts.decisions and known is None)):
        return "ALREADY_DECIDED"
    return "ALREADY_ANSWERED" if known is not None else ""


def decision_refused(line: Line) -> str:
    """ANS-05: the head decides where nobody has."""
    return "ALREADY_DECIDED" if line.facts.decisions else ""


def appeal_refused(line: Line) -> str:
    origins = {one.origin for one in line.facts.decisions}
    if DecisionOrigin.HEAD not in origins:
        return "NOTHING_TO_APPEAL"
    return "ALREADY_DECIDED" if DecisionOrigin.APPEAL in origins else ""
