"""The requests that a school types, or changes, in Siècle Orientation (SIE-02, SIE-04, SIE-10, OPI-02)."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from families.powers import zone_at
from ledger import clock
from siecle_sync import contract
from siecle_sync.mock import feed
from siecle_sync.mock.models import MockDivision, MockEntry, MockFact, MockOutbound, MockPupil, Source
from siecle_sync.mock.reading import changes_among, entry_in_force, is_open, statement_in_force
from siecle_sync.mock.refused import DeskRefused
from siecle_sync.mock.statements import SCHOOL, withdraw
from siecle_sync.mock.store import exclusive


def type_entry(pupil: MockPupil, *, phase: str, choices: Iterable[Mapping[str, Any]], by: str = SCHOOL) -> MockEntry:
    """Type a family's request. `choices` = ranked mappings with `pathway` and, if any, `series`, `free_text`…

    Before the opening it stays in Siècle; afterwards it is refused when the family entered its own (SIE-04).
    """
    ranked = full_list(choices)
    with exclusive():
        opened = is_open(pupil.division, phase)
        if opened and is_familys(entry_in_force(pupil, phase)):
            raise DeskRefused("ENTERED_BY_FAMILY")
        entry = new_entry(pupil, phase, ranked, by)
        if opened:
            send_entry(entry)
        return entry


def change_entry(
    pupil: MockPupil, *, phase: str, choices: Iterable[Mapping[str, Any]], asked_by: str, asked_on: date,
    by: str = SCHOOL,
) -> MockEntry:  # fmt: skip
    """Change, at the family's request, what it entered online, from the opening of the council on (SIE-04).

    `asked_by` says who asked. The former version is kept; what the council had said of it is withdrawn.
    """
    ranked = full_list(choices)
    asked_by = " ".join(asked_by.split())
    check_who_asked(pupil, asked_by, asked_on)
    with exclusive():
        former = changeable(pupil, phase)
        if full_list(former.choices) == ranked:
            raise DeskRefused("SAME_LIST")
        standing = statement_in_force(pupil, phase)
        if standing is not None:
            withdraw(standing)
        entry = new_entry(pupil, phase, ranked, by)
        replace(former)
        send_entry(entry, contract.SCHOOL_CHANGE, {"asked_by": asked_by, "asked_on": asked_on.isoformat()})
        return entry


def check_who_asked(pupil: MockPupil, asked_by: str, asked_on: date) -> None:
    if not asked_by:
        raise DeskRefused("WHO_ASKED")
    if asked_on > clock.now().astimezone(zone_at(pupil.uai)).date():
        raise DeskRefused("FUTURE_DATE")


def changeable(pupil: MockPupil, phase: str) -> MockEntry:
    """The family's request in force, changed already or not. Raises DeskRefused."""
    if not is_open(pupil.division, phase):
        raise DeskRefused("COUNCIL_NOT_OPEN")
    if MockFact.objects.filter(pupil=pupil, kind=contract.DECISION).exists():
        raise DeskRefused("ALREADY_DECIDED")
    former = entry_in_force(pupil, phase)
    if former is None or not is_familys(former):
        raise DeskRefused("NOTHING_TO_CHANGE")
    return former


def is_familys(entry: MockEntry | None) -> bool:
    """Entered online, or changed since at the family's request."""
    return entry is not None and (entry.source == Source.FAMILY or bool(changes_among([entry])))


def replace(former: MockEntry) -> None:
    """The family's versions up to this one are kept, and no longer in force."""
    standing = MockEntry.objects.filter(pupil=former.pupil, phase=former.phase, replaced_at__isnull=True)
    standing.filter(source=Source.FAMILY).update(replaced_at=clock.now())
    standing.filter(pk=former.pk).update(replaced_at=clock.now())


def new_entry(pupil: MockPupil, phase: str, ranked: list[dict[str, Any]], by: str) -> MockEntry:
    versions = MockEntry.objects.filter(pupil=pupil, phase=phase, source=Source.SCHOOL).count()
    return MockEntry.objects.create(
        pupil=pupil, phase=phase, source=Source.SCHOOL, version=versions + 1, at=clock.now(), author_name=by,
        choices=ranked,
    )  # fmt: skip


def full_list(choices: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The list as it is kept and sent. Raises DeskRefused when it is empty or asks twice for the same pathway."""
    ranked = [full_choice(rank, choice) for rank, choice in enumerate(choices, start=1)]
    if not ranked or len({(one["pathway"], one["series"]) for one in ranked}) != len(ranked):
        raise DeskRefused("NO_CHOICE")
    return ranked


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


def send_entry(entry: MockEntry, kind: str = contract.SCHOOL_ENTRY, more: Mapping[str, str] | None = None) -> None:
    feed.tell_pupil(
        kind, entry.pupil, phase=entry.phase, at=entry.at, ref=entry.ref, version=entry.version,
        author_kind=Source.SCHOOL, author_name=entry.author_name, payload={"choices": entry.choices, **(more or {})},
    )  # fmt: skip


def settle_entries(division: MockDivision, phase: str) -> None:
    """At the opening, families' entries replace what the school had typed (SIE-02); what only it typed is sent."""
    now = clock.now()
    typed = MockEntry.objects.filter(
        pupil__division=division, phase=phase, source=Source.SCHOOL, replaced_at__isnull=True
    )
    typed = typed.exclude(ref__in=changes_among(typed))
    families = MockEntry.objects.filter(phase=phase, source=Source.FAMILY, processed=True).values("pupil_id")
    typed.filter(pupil__in=families).update(replaced_at=now)
    latest = {one.pupil_id: one for one in typed.select_related("pupil__division").order_by("pupil", "version")}
    refs = [entry.ref for entry in latest.values()]
    sent = set(MockOutbound.objects.filter(ref__in=refs).values_list("ref", flat=True))
    for entry in latest.values():
        if entry.ref not in sent:  # sent at a former opening, before a reset
            send_entry(entry)
