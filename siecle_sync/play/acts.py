"""What a person of a home does in the service: through the family's door, then the action, as a page would."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from families.models import Division, User
from ledger.journal import Actor
from ledger.models import ActorKind
from orientation.access import Access, access_dossier
from orientation.actions import (
    acknowledge,
    add_choice,
    agree,
    answer_proposals,
    cancel_draft,
    lift_gate,
    move_choice,
    release_pen,
    remove_choice,
    submit_choices,
    validate_draft,
)
from orientation.actions.calendar import extend_window
from orientation.actions.draft import draft_choices
from orientation.actions.objection import object_to_entry
from orientation.enums import Phase, WindowKind
from orientation.models import Draft
from orientation.pathways import Choice, fingerprint
from orientation.rules import last_entry, visible_statement
from siecle_sync.play.calendar import EXTENDED, Place
from siecle_sync.play.levels import Key
from siecle_sync.play.people import Home, Person

NOWHERE = UUID(int=0)


def door(home: Home, who: Person, sid: UUID | None = None) -> Access:
    """The page: whoever is not of this home gets 404 (ACC-06)."""
    return access_dossier(who.user, home.dossier.uuid, sid=sid)  # type: ignore[arg-type]


def enter(home: Home, who: Person, phase: str, choices: Sequence[Choice], sid: UUID | None) -> Callable[[], object]:
    """Validate a list in one go, built on what the page shows."""

    def do() -> None:
        page = door(home, who, sid)
        last = last_entry(page.facts, phase)
        version = last.version if last else 0
        submit_choices(dossier=home.dossier.uuid, phase=phase, choices=choices, base_version=version, by=page.actor)

    return do


def type_in(home: Home, who: Person, phase: str, choices: Sequence[Choice], sid: UUID | None) -> Callable[[], object]:
    """Type the list choice by choice, change one's mind about the order, then validate what the page shows (ENT-06)."""

    def do() -> None:
        page = door(home, who, sid)
        draft = fill_draft(page, who, phase, choices)
        shown = fingerprint(draft_choices(draft), draft.base_version)
        validate_draft(dossier=home.dossier.uuid, phase=phase, shown=shown, user=draft.user, by=page.actor)

    return do


def fill_draft(page: Access, who: Person, phase: str, choices: Sequence[Choice]) -> Draft:
    told = {"dossier": page.dossier.uuid, "phase": phase, "user": who.user, "by": page.actor}
    cancel_draft(**told)
    last = last_entry(page.facts, phase)
    for rank in range(len(last.choices) if last else 0, 0, -1):
        remove_choice(rank=rank, **told)
    draft = add_choice(choice=choices[0], **told)
    for choice in choices[1:]:
        draft = add_choice(choice=choice, **told)
    if len(choices) > 2:
        move_choice(rank=1, to=2, **told)
        draft = move_choice(rank=2, to=1, **told)
    return draft


def statement_shown(page: Access, phase: str) -> UUID:
    statement = visible_statement(page.facts, phase, page.now)
    return statement.uuid if statement else NOWHERE


def sign(home: Home, who: Person) -> Callable[[], object]:
    """Acknowledge what the page shows (OPI-03)."""

    def do() -> None:
        page = door(home, who)
        acknowledge(dossier=home.dossier.uuid, statement=statement_shown(page, "PROVISIONAL"), by=page.actor)

    return do


def answer(
    home: Home, who: Person, kind: str, accepted: Sequence[Key] = (), *, stale: bool = False
) -> Callable[[], object]:
    """Answer the proposals that the page shows, or (stale) those of a page that is no longer true."""

    def do() -> None:
        page = door(home, who)
        shown = NOWHERE if stale else statement_shown(page, "DEFINITIVE")
        answer_proposals(dossier=home.dossier.uuid, statement=shown, kind=kind, accepted=accepted, by=page.actor)

    return do


def say(home: Home, who: Person, *, agrees: bool) -> Callable[[], object]:
    """Say « oui » or « non » to the other representative's answer (ANS-06)."""

    def do() -> None:
        page = door(home, who)
        statement = visible_statement(page.facts, "DEFINITIVE", page.now)
        given = statement.family_answer if statement else None
        agree(dossier=home.dossier.uuid, answer=given.uuid if given else NOWHERE, agrees=agrees, by=page.actor)

    return do


def release(home: Home, phase: str) -> None:
    """The head releases the pen of a phase (ACC-08)."""
    release_pen(dossier=home.dossier.uuid, phase=phase, reason="à la demande de la famille", by=head_of(home.place))


def lift(home: Home) -> None:
    """The head lets the family enter its choices though it had nothing to acknowledge (OPI-05)."""
    reason = "aucun avis n’a été publié"
    lift_gate(dossier=home.dossier.uuid, reason=reason, user=home.place.head, by=head_of(home.place))


def extend(place: Place, phase: str) -> None:
    """The académie gives a school one more day, in one recorded act (CAL-03)."""
    extend_window(
        phase=phase, kind=WindowKind.ENTRY, school=place.school, closes_at=place.at(phase, EXTENDED + 1),
        **by_the_academy(place),
    )  # fmt: skip


def extend_division(place: Place, division: Division) -> None:
    """One more day to answer, for one division."""
    extend_window(
        phase=Phase.DEFINITIVE, kind=WindowKind.CONSULTATION, division=division,
        closes_at=place.reading_ends(Phase.DEFINITIVE, 0), **by_the_academy(place),
    )  # fmt: skip


def extend_academy(place: Place) -> None:
    """Two more days to read the opinions, for every school of the académie."""
    closes_at = place.reading_ends(Phase.PROVISIONAL, 0) + timedelta(days=2)
    extend_window(
        phase=Phase.PROVISIONAL, kind=WindowKind.CONSULTATION, closes_at=closes_at, **by_the_academy(place)
    )  # fmt: skip


def by_the_academy(place: Place) -> dict[str, Any]:
    by = Actor(ActorKind.ACADEMY, place.saio.uuid, "la SAIO")
    return {"campaign": place.campaign, "user": place.saio, "reason": "intempéries", "by": by}


def object_to(home: Home, who: Person, phase: str, reason: str) -> Callable[[], object]:
    """Disagree with the entry that the page shows (policy « objection »)."""

    def do() -> None:
        page = door(home, who)
        entry = last_entry(page.facts, phase)
        shown = entry.uuid if entry else NOWHERE
        object_to_entry(dossier=home.dossier.uuid, submission=shown, reason=reason, by=page.actor)

    return do


def new_account(username: str) -> User:
    """An account; nobody signs in with a password here."""
    return User.objects.create(username=username, password="!", email=f"{username}@exemple.invalid")  # noqa: S106


def head_of(place: Place) -> Actor:
    return Actor(ActorKind.SCHOOL, place.head.uuid, "le chef d’établissement")
