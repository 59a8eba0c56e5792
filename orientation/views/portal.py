"""The portal « Scolarité Services »: a card a child (ACC-07), with the state of their service (CAL-04, CAL-05)."""

from dataclasses import dataclass
from datetime import datetime
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


@dataclass(frozen=True, slots=True)
class Card:
    """One child. `facts` is None when no campaign concerns them; `off`: the tile is absent (CAL-05)."""

    student: Student
    facts: Facts | None = None
    state: str = ""
    off: bool = False
    todo: Todo | None = None

    @property
    def text(self) -> str:
        return f"{self.todo.title}. {self.todo.text}" if self.todo else self.state

    @property
    def badge(self) -> str:
        if self.facts and not self.facts.enrolled:
            return "À lire"
        return "À faire" if self.todo and self.todo.mine else "Ouvert"

    @property
    def badge_type(self) -> str:
        return "new" if self.todo and self.todo.mine else "success"


@require_safe
def portal(request: HttpRequest) -> HttpResponse:
    now = clock.now()
    request.now = now  # type: ignore[attr-defined]
    return render(request, "orientation/portal.html", {"cards": cards(request.user, now, visited(request))})


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
        return Card(student, facts, off=True)
    if not campaign_is_on(facts, now) and not is_being_settled(facts, now):
        return Card(student, facts, state=_dates(facts, now))
    return Card(student, facts, todo=todo(facts, people[facts.uuid], now))


def _dates(facts: Facts, now: datetime) -> str:
    """Not open yet: the opening of each of the two entries (CAL-04); afterwards, that it is over."""
    windows = [(words, facts.window(phase, WindowKind.ENTRY)) for phase, words in ENTRIES]
    coming = [
        f"{words} : le {moment(one.opens_at, facts.timezone)}" for words, one in windows if one and one.opens_at > now
    ]
    if coming and not facts.enrolled:
        return not_followed(facts)
    return f"Pas encore ouvert. Ouverture – {' ; '.join(coming)}." if coming else "La campagne est terminée."


ENTRIES = ((Phase.PROVISIONAL, "intentions"), (Phase.DEFINITIVE, "choix définitifs"))
