"""What a school's staff do in Siècle Orientation, and what they see there. Plain functions, one act each.

An act that the application refuses raises DeskRefused and changes nothing.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from ledger import clock
from siecle_sync import contract
from siecle_sync.mock import feed
from siecle_sync.mock.models import (
    MockCouncil,
    MockDivision,
    MockEntry,
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
from siecle_sync.mock.store import exclusive

__all__ = [
    "DeskRefused",
    "PupilRow",
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

SENTENCES = {
    "COUNCIL_NOT_OPEN": "Le conseil de classe n’est pas ouvert.",
    "ENTERED_BY_FAMILY": "La famille a saisi sa demande dans le service en ligne : elle est en vigueur.",
    "NO_CHOICE": "Saisissez au moins une voie, chacune une seule fois.",
    "UNANSWERED_PATHWAY": "Le conseil de classe doit répondre à chaque voie demandée.",
    "UNKNOWN_VALUE": "Cette réponse n’est pas dans la liste.",
    "ALREADY_ANSWERED": "La famille a déjà répondu aux propositions.",
    "NO_STATEMENT": "Aucune proposition du conseil de classe n’est en vigueur pour cet élève.",
    "NOT_PROPOSED": "Une voie acceptée n’est pas de celles que le conseil de classe propose.",
    "ALREADY_DECIDED": "La décision d’orientation est déjà prise.",
}
PROPOSALS = ("OUI", "NON")
SCHOOL = "l’établissement"


class DeskRefused(Exception):
    """What Siècle Orientation refuses to a school: a code, and a sentence to read."""

    def __init__(self, code: str) -> None:
        super().__init__(SENTENCES[code])
        self.code = code
        self.sentence = SENTENCES[code]


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


def settle_entries(division: MockDivision, phase: str) -> None:
    now = clock.now()
    typed = MockEntry.objects.filter(
        pupil__division=division, phase=phase, source=Source.SCHOOL, replaced_at__isnull=True
    )
    families = MockEntry.objects.filter(phase=phase, source=Source.FAMILY, processed=True).values("pupil_id")
    typed.filter(pupil__in=families).update(replaced_at=now)
    latest = {one.pupil_id: one for one in typed.select_related("pupil__division").order_by("pupil", "version")}
    refs = [entry.ref for entry in latest.values()]
    sent = set(MockOutbound.objects.filter(ref__in=refs).values_list("ref", flat=True))
    for entry in latest.values():
        if entry.ref not in sent:  # sent at a former opening, before a reset
            send_entry(entry)


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
        MockStatement.objects.filter(pupil__division=division, phase=phase, withdrawn_at__isnull=True).update(
            withdrawn_at=now
        )
        line = feed.tell_council(contract.RESET, division, phase=phase, at=now, held_on=council.held_on)
    return told(line)


def told(line: MockOutbound) -> MockOutbound:
    feed.confirm_councils(uai=line.uai)
    line.refresh_from_db()
    return line


# --- requests typed by the school (SIE-10, OPI-02) ------------------------------------------------------------------


def type_entry(pupil: MockPupil, *, phase: str, choices: Iterable[Mapping[str, Any]], by: str = SCHOOL) -> MockEntry:
    """Type a family's request. `choices` = ranked mappings with `pathway` and, if any, `series`, `free_text`…

    Before the opening it stays in Siècle; afterwards it is refused when the family entered its own (SIE-04).
    """
    ranked = [full_choice(rank, choice) for rank, choice in enumerate(choices, start=1)]
    if not ranked or len({(one["pathway"], one["series"]) for one in ranked}) != len(ranked):
        raise DeskRefused("NO_CHOICE")
    with exclusive():
        opened = is_open(pupil.division, phase)
        standing = entry_in_force(pupil, phase)
        if opened and standing is not None and standing.source == Source.FAMILY:
            raise DeskRefused("ENTERED_BY_FAMILY")
        versions = MockEntry.objects.filter(pupil=pupil, phase=phase, source=Source.SCHOOL).count()
        entry = MockEntry.objects.create(
            pupil=pupil, phase=phase, source=Source.SCHOOL, version=versions + 1, at=clock.now(), author_name=by,
            choices=ranked,
        )  # fmt: skip
        if opened:
            send_entry(entry)
        return entry


def full_choice(rank: int, choice: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "rank": rank,
        "pathway": choice["pathway"],
        "series": choice.get("series", ""),
        "free_text": choice.get("free_text", ""),
        "school_status": bool(choice.get("school_status")),
        "apprentice_status": bool(choice.get("apprentice_status")),
        "details": list(choice.get("details", [])),
    }


def send_entry(entry: MockEntry) -> None:
    feed.tell_pupil(
        contract.SCHOOL_ENTRY, entry.pupil, phase=entry.phase, at=entry.at, ref=entry.ref, version=entry.version,
        author_kind=Source.SCHOOL, author_name=entry.author_name, payload={"choices": entry.choices},
    )  # fmt: skip


# --- opinions and proposals (OPI-01, ANS-01) ------------------------------------------------------------------------


def type_statement(pupil: MockPupil, *, phase: str, answers: Iterable[Mapping[str, Any]]) -> MockStatement:
    """Type the opinions, or the proposals, on each requested pathway and on others if the council so wishes.

    `answers` = mappings with `pathway`, `value` and, if any, `series`, `comment`. What is changed makes a new version.
    """
    with exclusive():
        if not is_open(pupil.division, phase):
            raise DeskRefused("COUNCIL_NOT_OPEN")
        entry = entry_in_force(pupil, phase)
        full = full_answers(pupil, phase, entry, answers)
        standing = statement_in_force(pupil, phase)
        if standing is not None:
            if standing.answers == full and standing.entry == entry:
                return standing
            withdraw(standing)
        return send_statement(pupil, phase, entry, full)


def full_answers(
    pupil: MockPupil, phase: str, entry: MockEntry | None, answers: Iterable[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    asked = [(one["pathway"], one.get("series", "")) for one in entry.choices] if entry else []
    full = [
        {
            "pathway": one["pathway"],
            "series": one.get("series", ""),
            "requested": (one["pathway"], one.get("series", "")) in asked,
            "value": one["value"],
            "comment": one.get("comment", ""),
        }
        for one in answers
    ]
    answered = [(one["pathway"], one["series"]) for one in full]
    if len(set(answered)) != len(answered) or not full:
        raise DeskRefused("NO_CHOICE")
    if not set(asked) <= set(answered):
        raise DeskRefused("UNANSWERED_PATHWAY")
    if not {one["value"] for one in full} <= set(values_of(pupil, phase)):
        raise DeskRefused("UNKNOWN_VALUE")
    return full


def values_of(pupil: MockPupil, phase: str) -> tuple[str, ...]:
    """What the council may answer: the campaign's list of opinions, or « Oui » and « Non »."""
    if phase == Phase.DEFINITIVE or pupil.division is None:
        return PROPOSALS
    return tuple(pupil.division.opinion_values)


def withdraw(statement: MockStatement) -> None:
    if MockFact.objects.filter(statement=statement, kind=contract.ANSWER).exists():
        raise DeskRefused("ALREADY_ANSWERED")
    statement.withdrawn_at = clock.now()
    statement.save(update_fields=["withdrawn_at"])


def send_statement(pupil: MockPupil, phase: str, entry: MockEntry | None, full: list[dict[str, Any]]) -> MockStatement:
    versions = MockStatement.objects.filter(pupil=pupil, phase=phase).count()
    statement = MockStatement.objects.create(
        pupil=pupil, phase=phase, version=versions + 1, entry=entry, answers=full, at=clock.now()
    )
    payload = {"submission_ref": entry.ref if entry else None, "answers": full}
    feed.tell_pupil(
        contract.STATEMENT, pupil, phase=phase, at=statement.at, ref=statement.ref, version=statement.version,
        author_kind=Source.SCHOOL, author_name=SCHOOL, payload=payload,
    )  # fmt: skip
    return statement


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
