"""The home of a dossier: where the family stands, what to do now, the calendar, the school (CAL-04, CAL-07)."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from orientation.access import Access
from orientation.appeals import is_being_settled
from orientation.dates import day, last_moment, moment
from orientation.documents.appeal import may_be_filed
from orientation.enums import Phase, WindowKind
from orientation.facts import Facts, FamilyAnswerFact, SignatureFact, SubmissionFact
from orientation.news import news
from orientation.rules import (
    ClosedBy,
    EntryState,
    Step,
    campaign_is_on,
    deadline,
    entry_status,
    entry_to_show,
    service_off,
    standing,
    visible_statement,
)
from orientation.todo import todo
from orientation.views.family import family_page, screen
from orientation.wording import GUIDES, phase_title

STEPS = (
    (Step.INTENTIONS, "Saisir les intentions"),
    (Step.OPINIONS, "Lire les avis et accuser réception"),
    (Step.CHOICES, "Saisir les choix définitifs"),
    (Step.PROPOSALS, "Lire les propositions et répondre"),
)
ROWS = (
    (Phase.PROVISIONAL, WindowKind.ENTRY, "Saisir les intentions"),
    (Phase.PROVISIONAL, WindowKind.CONSULTATION, "Lire les avis, accuser réception"),
    (Phase.DEFINITIVE, WindowKind.ENTRY, "Saisir les choix définitifs"),
    (Phase.DEFINITIVE, WindowKind.CONSULTATION, "Lire les propositions, répondre"),
)


@dataclass(frozen=True, slots=True)
class StepLine:
    """`done` says who did it and when; `current` marks where the family stands."""

    title: str
    url: str
    done: str
    current: bool


@family_page
def home(request: HttpRequest, access: Access) -> HttpResponse:
    facts, now = access.facts, access.now
    on = campaign_is_on(facts, now)
    running = (on or is_being_settled(facts, now)) and facts.enrolled and not service_off(facts, now)
    where = standing(facts, access.person, now).step
    return screen(
        request, access, "home",
        todo=todo(facts, access.person, now) if running else None,
        campaign_on=on,
        openings=openings(facts),
        news=news(facts, now),
        councils=councils(access),
        calendar=calendar(access),
        steps=steps(access, where if running else None),
        stepper=stepper(where) if running else None,
        decided=bool(facts.decisions),
        guide=GUIDES[facts.level],
        may_appeal=may_be_filed(facts, now),
    )  # fmt: skip


def stepper(where: Step) -> tuple[int, str, str]:
    """The number of the current step, its title, the title of the next one; a decision fills all four."""
    titles = [title for _, title in STEPS]
    number = next((index for index, (step, _) in enumerate(STEPS, 1) if step is where), len(STEPS))
    following = titles[number] if number < len(STEPS) else ""
    return number, dict(STEPS).get(where, "La décision d’orientation"), following


def openings(facts: Facts) -> list[tuple[str, str]]:
    """The opening of each of the two entries, which CAL-04 says first."""
    windows = [(label, facts.window(phase, kind)) for phase, kind, label in ROWS if kind == WindowKind.ENTRY]
    return [(label, moment(window.opens_at, facts.timezone)) for label, window in windows if window]


def calendar(access: Access) -> list[tuple[str, str, str, str]]:
    """Phase, step, opening, end: the end of an entry is the earliest one known in advance (CAL-09)."""
    facts, school = access.facts, access.dossier.student.school
    rows = []
    for phase, kind, label in ROWS:
        window = facts.window(phase, kind)
        if window is not None:
            end = deadline(facts, phase) if kind == WindowKind.ENTRY else window.closes_at
            dates = (moment(window.opens_at, facts.timezone), last_moment(end or window.closes_at, facts.timezone))
            rows.append((phase_title(phase, school), label, *dates))
    return rows


def councils(access: Access) -> list[tuple[str, str]]:
    """The day of each class council, as the school last set it (SIE-05)."""
    known = [(phase, access.facts.council(phase)) for phase in Phase]
    school = access.dossier.student.school
    return [(phase_title(phase, school), day(one.held_on)) for phase, one in known if one and one.held_on]


def steps(access: Access, where: Step | None) -> list[StepLine]:
    facts = access.facts
    urls = {
        Step.INTENTIONS: ("entry", {"phase": Phase.PROVISIONAL}),
        Step.OPINIONS: ("opinions", {}),
        Step.CHOICES: ("entry", {"phase": Phase.DEFINITIVE}),
        Step.PROPOSALS: ("proposals", {}),
    }
    lines = []
    for step, title in STEPS:
        name, path = urls[step]
        url = reverse(f"orientation:{name}", kwargs={"uuid": facts.uuid, **path})
        lines.append(StepLine(title, url, done(access, step), step is where))
    return lines


def done(access: Access, step: Step) -> str:
    """What was already done, by whom; empty when nothing was."""
    if step in (Step.INTENTIONS, Step.CHOICES):
        phase = Phase.PROVISIONAL if step is Step.INTENTIONS else Phase.DEFINITIVE
        return _entered(access, phase, entry_to_show(access.facts, phase, access.now))
    if step is Step.OPINIONS:
        return _acknowledged(access)
    statement = visible_statement(access.facts, Phase.DEFINITIVE, access.now)
    answer = statement.family_answer if statement else None
    return _by("Réponse donnée", _name(answer), answer, access) if answer else ""


def _entered(access: Access, phase: str, entry: SubmissionFact | None) -> str:
    if entry is not None:
        return _by("Demande modifiée" if entry.asked_by else "Validé", _name(entry), entry, access)
    status = entry_status(access.facts, phase, access.now)
    closed = status.state is EntryState.CLOSED and status.closed_by is not ClosedBy.SWITCH
    return "Aucune saisie validée" if closed else ""


def _acknowledged(access: Access) -> str:
    signed = [one.acknowledgement for one in access.facts.statements if one.acknowledgement]
    return _by("Accusé de réception donné", signed[-1].author_name, signed[-1], access) if signed else ""


def _name(act: "SubmissionFact | FamilyAnswerFact") -> str:
    """Who of the family did it; the school is not named by the person who typed (SIE-10)."""
    return act.author_name if act.author else "l’établissement"


def _by(what: str, who: str, act: "SubmissionFact | SignatureFact | FamilyAnswerFact", access: Access) -> str:
    return f"{what} par {who} le {moment(act.at, access.facts.timezone)}"
