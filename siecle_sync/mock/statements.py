"""The opinions and proposals that a school types in Siècle Orientation (OPI-01, ANS-01)."""

from collections.abc import Iterable, Mapping
from typing import Any

from ledger import clock
from siecle_sync import contract
from siecle_sync.mock import feed
from siecle_sync.mock.models import MockEntry, MockFact, MockPupil, MockStatement, Phase, Source
from siecle_sync.mock.reading import entry_in_force, is_open, statement_in_force, version_of
from siecle_sync.mock.refused import DeskRefused
from siecle_sync.mock.store import exclusive

PROPOSALS = ("OUI", "NON")
SCHOOL = "l’établissement"


def type_statement(
    pupil: MockPupil, *, phase: str, answers: Iterable[Mapping[str, Any]], by: str = SCHOOL, seen: str | None = None
) -> MockStatement:
    """Type the opinions, or the proposals, on each requested pathway and on others if the council so wishes.

    `answers` = mappings with `pathway`, `value` and, if any, `series`, `comment`. What is changed makes a new version.
    `seen` = the `version_of` what was on the page: what somebody else has saved since is not overwritten (STALE).
    """
    with exclusive():
        if not is_open(pupil.division, phase):
            raise DeskRefused("COUNCIL_NOT_OPEN")
        entry = entry_in_force(pupil, phase)
        full = full_answers(pupil, phase, entry, answers)
        standing = statement_in_force(pupil, phase)
        if standing is not None and standing.answers == full and standing.entry == entry:
            return standing
        if seen is not None and seen != version_of(entry, standing):
            raise DeskRefused("STALE")
        if standing is not None:
            withdraw(standing)
        return send_statement(pupil, phase, entry, full, by)


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


def send_statement(
    pupil: MockPupil, phase: str, entry: MockEntry | None, full: list[dict[str, Any]], by: str
) -> MockStatement:
    versions = MockStatement.objects.filter(pupil=pupil, phase=phase).count()
    statement = MockStatement.objects.create(
        pupil=pupil, phase=phase, version=versions + 1, entry=entry, answers=full, at=clock.now()
    )
    payload = {"submission_ref": entry.ref if entry else None, "answers": full}
    feed.tell_pupil(
        contract.STATEMENT, pupil, phase=phase, at=statement.at, ref=statement.ref, version=statement.version,
        author_kind=Source.SCHOOL, author_name=by, payload=payload,
    )  # fmt: skip
    return statement
