"""What a school's staff do in Siècle Orientation, and what they see there. Plain functions, one act each.

An act that the application refuses raises DeskRefused and changes nothing.
"""

from collections.abc import Iterable
from datetime import date

from ledger import clock
from siecle_sync import contract
from siecle_sync.mock import feed
from siecle_sync.mock.models import (
    MockCouncil,
    MockDivision,
    MockFact,
    MockOutbound,
    MockPupil,
    MockStatement,
    Phase,
    Source,
)
from siecle_sync.mock.reading import (
    PupilRow,
    council_of,
    entry_in_force,
    find_division,
    find_pupil,
    is_open,
    pupils_of,
    statement_in_force,
)
from siecle_sync.mock.refused import SENTENCES, DeskRefused
from siecle_sync.mock.requests import change_entry, settle_entries, type_entry
from siecle_sync.mock.statements import SCHOOL, type_statement, values_of
from siecle_sync.mock.store import exclusive

__all__ = [
    "SCHOOL",
    "SENTENCES",
    "DeskRefused",
    "PupilRow",
    "change_entry",
    "council_of",
    "entry_in_force",
    "find_division",
    "find_pupil",
    "is_open",
    "move_council",
    "open_council",
    "pupils_of",
    "record_answer",
    "record_head_decision",
    "reset_council",
    "statement_in_force",
    "type_entry",
    "type_statement",
    "values_of",
]


# --- class councils (CAL-06, SIE-02, SIE-05) ------------------------------------------------------------------------


def open_council(division: MockDivision, *, phase: str, held_on: date | None = None) -> MockOutbound | None:
    """Open a council and tell the service at once; None when it was open already.

    The families' entries replace what the school had typed (SIE-02); what only the school typed goes to the service.
    `confirmed_at` of the line returned says whether the service has confirmed.
    """
    with exclusive():
        council, _ = MockCouncil.objects.get_or_create(division=division, phase=phase)
        if council.opened_at is not None:
            return None
        council.opened_at = clock.now()
        council.held_on = held_on or council.held_on
        council.save()
        line = feed.tell_council(contract.OPENED, division, phase=phase, at=council.opened_at, held_on=council.held_on)
        settle_entries(division, phase)
    return told(line)


def move_council(division: MockDivision, *, phase: str, held_on: date) -> MockOutbound:
    """Change the date of a council, open or not (SIE-05)."""
    with exclusive():
        council, _ = MockCouncil.objects.get_or_create(division=division, phase=phase)
        council.held_on = held_on
        council.save()
        line = feed.tell_council(contract.MOVED, division, phase=phase, at=clock.now(), held_on=held_on)
    return told(line)


def reset_council(division: MockDivision, *, phase: str) -> MockOutbound:
    """Put an open council back before its opening: what it said is withdrawn (SIE-05)."""
    with exclusive():
        council = council_of(division, phase)
        if council is None or council.opened_at is None:
            raise DeskRefused("COUNCIL_NOT_OPEN")
        council.opened_at = None
        council.save()
        now = clock.now()
        MockStatement.objects.filter(ref__in=said_by(division, phase), withdrawn_at__isnull=True).update(
            withdrawn_at=now
        )
        line = feed.tell_council(contract.RESET, division, phase=phase, at=now, held_on=council.held_on)
    return told(line)


def said_by(division: MockDivision, phase: str) -> list[str]:
    """What this council has said, of pupils who may be in another division since."""
    lines = MockOutbound.objects.filter(
        kind=contract.STATEMENT, uai=division.uai, year=division.year, level=division.level, phase=phase,
        division=division.code,
    )  # fmt: skip
    return list(lines.values_list("ref", flat=True))


def told(line: MockOutbound) -> MockOutbound:
    feed.confirm_councils(uai=line.uai)
    line.refresh_from_db()
    return line


# --- answers and decisions recorded by the school (SIE-10, ANS-05) --------------------------------------------------


def record_answer(
    pupil: MockPupil, *, kind: str, accepted: Iterable[tuple[str, str]] = (), by: str = SCHOOL
) -> MockFact:
    """Record the answer of a family that does not use the service. `kind` = ACCEPTED or REFUSED."""
    chosen = [{"pathway": pathway, "series": series} for pathway, series in accepted]
    with exclusive():
        statement = statement_in_force(pupil, Phase.DEFINITIVE)
        if statement is None:
            raise DeskRefused("NO_STATEMENT")
        if MockFact.objects.filter(statement=statement, kind=contract.ANSWER).exists():
            raise DeskRefused("ALREADY_ANSWERED")
        proposed = {(one["pathway"], one["series"]) for one in statement.answers if one["value"] == "OUI"}
        if not {(one["pathway"], one["series"]) for one in chosen} <= proposed or bool(chosen) != (kind == "ACCEPTED"):
            raise DeskRefused("NOT_PROPOSED")
        payload = {"kind": kind, "statement": statement.ref, "accepted": chosen}
        fact = MockFact.objects.create(
            kind=contract.ANSWER, source=Source.SCHOOL, pupil=pupil, statement=statement, at=clock.now(),
            author_name=by, payload=payload,
        )  # fmt: skip
        send_fact(contract.SCHOOL_ANSWER, fact)
        return fact


def record_head_decision(
    pupil: MockPupil, *, pathways: Iterable[tuple[str, str]], notified_on: date | None = None, by: str = SCHOOL,
    on_appeal: bool = False,
) -> MockFact:  # fmt: skip
    """Record what the head decided after the meeting with the family, or the commission on appeal (ANS-05, ANS-07)."""
    decided = [{"pathway": pathway, "series": series} for pathway, series in pathways]
    if not decided:
        raise DeskRefused("NO_CHOICE")
    with exclusive():
        known = MockFact.objects.filter(pupil=pupil, kind=contract.DECISION)
        if (known.filter(payload__origin="APPEAL") if on_appeal else known).exists():
            raise DeskRefused("ALREADY_DECIDED")
        if on_appeal and not known.filter(payload__origin="HEAD").exists():
            raise DeskRefused("NOTHING_TO_APPEAL")
        payload = {
            "pathways": decided,
            "notified_on": notified_on.isoformat() if notified_on else None,
            "origin": "APPEAL" if on_appeal else "HEAD",
        }
        fact = MockFact.objects.create(
            kind=contract.DECISION, source=Source.SCHOOL, pupil=pupil, at=clock.now(), author_name=by, payload=payload
        )
        send_fact(contract.HEAD_DECISION, fact)
        return fact


def send_fact(kind: str, fact: MockFact) -> None:
    feed.tell_pupil(
        kind, fact.pupil, phase=Phase.DEFINITIVE, at=fact.at, ref=fact.ref, author_kind=Source.SCHOOL,
        author_name=fact.author_name, payload=fact.payload,
    )  # fmt: skip
