"""The situations one may want to see in the demonstration: each is one family's own story, told to its last act."""

from collections.abc import Callable, Iterator
from datetime import date

from families.models import User
from ledger.journal import Actor
from ledger.models import ActorKind
from orientation import actions
from orientation.actions.disagreement import record_appeal, record_meeting
from orientation.models import Campaign
from orientation.reading import load_facts
from orientation.rules import last_statement
from siecle_sync.demo.calendar import LYCEE, OPINIONS, PROPOSALS, YEAR
from siecle_sync.demo.lists import COMMENTS, LISTS, OFFER
from siecle_sync.demo.people import Home
from siecle_sync.demo.story import P, Scene, Story
from siecle_sync.mock import desk
from siecle_sync.mock.models import MockPupil

OTHER = {"Favorable": "Réservé", "Réservé": "Favorable", "Défavorable": "Réservé"}


def situations(story: Story) -> Iterator[Scene]:
    """The acts of the families of a school whose situation is not that of everybody."""
    teller = {OPINIONS: changed, PROPOSALS: contested, LYCEE: offered}.get(story.place)
    yield from teller(story) if teller else ()


def changed(story: Story) -> Iterator[Scene]:
    """Opinions that change once acknowledged (OPI-04); a request changed by the school because it is asked (SIE-04)."""
    opinions, request = (home_of(story, key) for key in ("avis-modifies", "demande-modifiee"))
    for home in (opinions, request):
        yield scene(story, date(2026, 3, 10), 18, lambda home=home: acknowledge(story, home))
    yield scene(story, date(2026, 3, 12), 10, lambda: change_request(story, request))
    yield scene(story, date(2026, 3, 12), 14, lambda: change_opinions(story, opinions))
    yield story.night(date(2026, 3, 13))


def contested(story: Story) -> Iterator[Scene]:
    """Two refusals of the first evening: one waits for the end of the delay, one for the commission (ANS-07)."""
    meeting, appeal = (home_of(story, key) for key in ("entretien", "appel"))
    yield scene(story, date(2026, 3, 10), 17, lambda: meet(story, appeal, date(2026, 3, 10)))
    yield scene(story, date(2026, 3, 11), 10, lambda: decide(story, appeal, date(2026, 3, 11)))
    yield story.night(date(2026, 3, 12))
    yield scene(story, date(2026, 3, 12), 17, lambda: meet(story, meeting, date(2026, 3, 12)))
    yield scene(story, date(2026, 3, 13), 9, lambda: file_appeal(story, appeal, date(2026, 3, 13)))
    yield scene(story, date(2026, 3, 16), 11, lambda: decide(story, meeting, date(2026, 3, 16)))


def offered(story: Story) -> Iterator[Scene]:
    """The lycée says which specialty subjects it offers (P2G-02)."""
    yield scene(story, date(2025, 11, 28), 10, lambda: say_offer(story))


def home_of(story: Story, key: str) -> Home:
    return next(home for home in story.homes if home.key == key)


def scene(story: Story, day: date, hour: int, act: Callable[[], None]) -> Scene:
    return Scene(story.place.at(day, hour), act)


# --- opinions and requests --------------------------------------------------------------------------------------------
def acknowledge(story: Story, home: Home) -> None:
    facts = load_facts(story.dossier(home))
    said = last_statement(facts, P)
    if said is not None:
        actions.acknowledge(dossier=facts.uuid, statement=said.uuid, by=story.session(home.mother))


def change_opinions(story: Story, home: Home) -> None:
    pupil = pupil_of(story, home)
    standing = desk.statement_in_force(pupil, P)
    answers = standing.answers if standing else []
    told = [{**one, "value": OTHER[one["value"]], "comment": COMMENTS[OTHER[one["value"]]]} for one in answers]
    desk.type_statement(pupil, phase=P, answers=told)


def change_request(story: Story, home: Home) -> None:
    """The mother asked for it the day before; the council answers the new list the same morning."""
    pupil = pupil_of(story, home)
    choices = [one.as_json() for one in LISTS[1]]
    asked = {"asked_by": home.mother.full_name, "asked_on": date(2026, 3, 11), "by": "le secrétariat"}
    desk.change_entry(pupil, phase=P, choices=choices, **asked)
    answers = [{"pathway": one["pathway"], "value": "Favorable", "comment": ""} for one in choices]
    desk.type_statement(pupil, phase=P, answers=answers)


# --- disagreement -----------------------------------------------------------------------------------------------------
def meet(story: Story, home: Home, day: date) -> None:
    present = f"{home.mother.full_name}, {home.student.full_name}"
    record_meeting(dossier=story.dossier(home), held_on=day, present=present, **staff())


def decide(story: Story, home: Home, day: date) -> None:
    desk.record_head_decision(
        pupil_of(story, home), pathways=[("2PRO", "")], notified_on=day, by="le chef d’établissement"
    )


def file_appeal(story: Story, home: Home, day: date) -> None:
    record_appeal(dossier=story.dossier(home), filed_on=day, **staff())


# --- the school -------------------------------------------------------------------------------------------------------
def say_offer(story: Story) -> None:
    school = story.homes[0].student.school
    campaign = Campaign.objects.get(academy=story.place.academy, level=story.place.level)
    actions.set_specialty_offer(campaign=campaign, school=school, specialties=OFFER, **staff())


def pupil_of(story: Story, home: Home) -> MockPupil:
    return desk.find_pupil(uai=story.place.uai, year=YEAR, eleve_id=home.student.siecle_id, level=story.place.level)


def staff() -> dict[str, User | Actor]:
    head = User.objects.get(username="chef")
    return {"user": head, "by": Actor(ActorKind.SCHOOL, head.uuid, "le chef d’établissement")}
