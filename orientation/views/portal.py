"""The portal « Scolarité Services »: a card a child (ACC-07), with the state of their service (CAL-04, CAL-05)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from families.models import Student, User
from ledger import clock
from orientation.access import acting_as
from orientation.appeals import is_being_settled
from orientation.dates import moment
from orientation.enums import Phase, WindowKind
from orientation.facts import Facts
from orientation.leads import not_followed
from orientation.models import Dossier
from orientation.reading import load_many
from orientation.rules import campaign_is_on, service_off
from orientation.todo import Todo, todo


class State(StrEnum):
    """Of the service « Orientation », for one child and for who reads."""

    NONE = "NONE"  # no campaign concerns this child
    OFF = "OFF"  # the school closed it: the tile is absent (CAL-05)
    COMING = "COMING"
    TODO = "TODO"
    OPEN = "OPEN"
    READ = "READ"  # the pupil has left: everything is read, nothing is written
    OVER = "OVER"


BADGES = {  # the words and the colour of each tile
    State.COMING: ("Pas encore ouvert", ""),
    State.TODO: ("À faire", "new"),
    State.OPEN: ("Ouvert", "success"),
    State.READ: ("À lire", "success"),
    State.OVER: ("Terminé", ""),
}


@dataclass(frozen=True, slots=True)
class Card:
    """One child and the state of their service. `facts` is None when no campaign concerns them."""

    student: Student
    state: State = State.NONE
    text: str = ""
    facts: Facts | None = None

    @property
    def badge(self) -> tuple[str, str] | None:
        return BADGES.get(self.state)


@require_safe
def portal(request: HttpRequest) -> HttpResponse:
    now = clock.now()
    request.now = now  # type: ignore[attr-defined]
    shown = cards(request.user, now, visited(request))
    is_pupil = any(card.student.user_id == request.user.pk for card in shown)
    return render(request, "orientation/portal.html", {"cards": shown, "is_pupil": is_pupil})


def visited(request: HttpRequest) -> UUID | None:
    """The one dossier that a visit of the staff shows (orientation.middleware)."""
    visit = getattr(request, "visit", None)
    return visit.dossier if visit else None


def cards(user: User, now: datetime, only: UUID | None = None) -> list[Card]:
    """Three queries, whatever the number of children. `only`: nothing but the child of this dossier."""
    students = Student.objects.visible_to(user).select_related("division", "school__academy")
    people = _people(user)
    if only:
        students = students.filter(dossiers__uuid=only)
        people = {uuid: person for uuid, person in people.items() if uuid == only}
    facts = load_many(people)
    latest = {one.student: one for one in sorted(facts.values(), key=lambda one: one.id)}
    return [_card(student, latest.get(student.uuid), people, now) for student in students]


def _people(user: User) -> dict[UUID, UUID]:
    """As whom this user reads each dossier of theirs: a representative's uuid, or the pupil's."""
    rows = Dossier.objects.visible_to(user).annotate(person=acting_as(user))
    return {uuid: person or pupil for uuid, person, pupil in rows.values_list("uuid", "person", "student__uuid")}


def _card(student: Student, facts: Facts | None, people: dict[UUID, UUID], now: datetime) -> Card:
    if facts is None:
        return Card(student)
    if service_off(facts, now):
        return Card(student, State.OFF, since(facts), facts)
    if not campaign_is_on(facts, now) and not is_being_settled(facts, now):
        return Card(student, *_outside(facts, now), facts)
    due = todo(facts, people[facts.uuid], now)
    return Card(student, _open(facts, due), f"{due.title}. {due.text}", facts)


def since(facts: Facts) -> str:
    return f"depuis le {moment(facts.switched_off_at, facts.timezone)}" if facts.switched_off_at else ""


def _open(facts: Facts, due: Todo) -> State:
    if not facts.enrolled:
        return State.READ
    return State.TODO if due.mine else State.OPEN


def _outside(facts: Facts, now: datetime) -> tuple[State, str]:
    """Not open yet: the opening of each of the two entries (CAL-04); afterwards, that it is over."""
    windows = [(words, facts.window(phase, WindowKind.ENTRY)) for phase, words in ENTRIES]
    coming = [
        f"{words} : le {moment(one.opens_at, facts.timezone)}" for words, one in windows if one and one.opens_at > now
    ]
    if not coming:
        return State.OVER, "La campagne est terminée. Vous pouvez tout relire."
    if not facts.enrolled:
        return State.READ, not_followed(facts)
    return State.COMING, f"Vous n’avez rien à faire pour l’instant. Ouverture – {' ; '.join(coming)}."


ENTRIES = ((Phase.PROVISIONAL, "intentions"), (Phase.DEFINITIVE, "choix définitifs"))
