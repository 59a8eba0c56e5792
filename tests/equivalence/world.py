"""Eight pupils of two schools in the middle of a year, told by the real actions and the real nights."""

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from families.models import Division
from ledger import clock
from ledger.journal import SYSTEM
from orientation import actions
from orientation.models import Campaign, CouncilStatement, Submission
from orientation.pathways import Choice
from orientation.reading import load_facts
from siecle_sync import contract, councils
from siecle_sync.models import Run, RunState
from siecle_sync.night import run_night
from tests import factories
from tests.equivalence.siecle import Row, Siecle, Verdict, accepted
from tests.factories import CAP, GT, PRO, Family

PROVISIONAL, DEFINITIVE = "PROVISIONAL", "DEFINITIVE"
FOUR = ("MATHS", "PC", "SVT", "NSI")
STL, STMG = Choice("1TECHNO", "STL"), Choice("1TECHNO", "STMG")
GENERAL, CHOSEN = Choice("1GEN", details=FOUR), Choice("1GEN", details=FOUR[:3])
SHORT = Choice("VOIEPRO", details=("CAP",), apprentice_status=True)
# what families and schools ask for, by phase: the first is what the stories ask for, the second what they change it to
LISTS = {
    ("3E", PROVISIONAL): ((GT, PRO), (CAP,), (GT,), (PRO, CAP, GT)),
    ("3E", DEFINITIVE): ((GT, PRO), (CAP,), (GT,), (PRO, CAP, GT)),
    ("2GT", PROVISIONAL): ((STL, GENERAL), (SHORT,), (STMG,), (GENERAL, SHORT)),
    ("2GT", DEFINITIVE): ((STL, CHOSEN), (SHORT,), (STMG,), (CHOSEN, SHORT)),
}
NIGHT_OF_ENTRIES = datetime(2026, 1, 21, 1, tzinfo=UTC)
COUNCIL_DAY = datetime(2026, 2, 24, 16, tzinfo=UTC)
NIGHT_OF_OPINIONS = datetime(2026, 2, 25, 1, tzinfo=UTC)
NIGHT_OF_CHOICES = datetime(2026, 5, 6, 0, tzinfo=UTC)
NIGHT_OF_PROPOSALS = datetime(2026, 6, 4, 0, tzinfo=UTC)
LATE = 1  # the pupil whose last intentions came too late (SIE-03)
TYPED = 3  # the pupil without any representative, for whom the school types everything (SIE-10)
OF_AGE, OF_AGE_TONIGHT = 4, 7
BIRTHS = {OF_AGE: date(2008, 2, 20), OF_AGE_TONIGHT: date(2008, 6, 6)}
PARENTS = (2, 1, 3, 0, 2, 1, 2, 2)
PLACES = (0, 0, 0, 0, 1, 1, 2, 2)  # whose division


@dataclass
class World:
    """`seq`: the last line that Siècle told. `divisions`: two of one school, one of a school where it is earlier."""

    siecle: Siecle
    campaign: Campaign
    divisions: list[Division]
    families: list[Family]
    seq: int = 0
    councils: list[Row] = field(default_factory=list)

    @property
    def level(self) -> str:
        return self.campaign.level

    @property
    def phase(self) -> str:
        """The one in progress."""
        return DEFINITIVE if clock.now() > factories.CHOICES_OPEN else PROVISIONAL

    def actor(self, number: int) -> Any:
        family = self.families[number]
        return factories.actor(family.student if number == OF_AGE else family.parents[0])

    def enters(self, number: int, phase: str, which: int = 0) -> None:
        dossier, wanted = self.families[number].dossier.uuid, LISTS[self.level, phase][which]
        versions = [one.version for one in load_facts(dossier).submissions if one.phase == phase]
        actions.submit_choices(
            dossier=dossier, phase=phase, choices=wanted, base_version=max(versions, default=0), by=self.actor(number)
        )

    def opens(self, place: int, phase: str, *, event: str = contract.OPENED, ref: str = "") -> None:
        """As Siècle tells it at once; it will tell it again, the next nights."""
        division = self.divisions[place]
        told = {
            "ref": ref or f"{event} {division.code} {phase}", "uai": division.school.uai, "level": self.level,
            "division": division.code, "phase": phase,
        }  # fmt: skip
        councils.apply(councils.Event(**told, event=event, year=division.year, held_on=None, at=clock.now()))
        row = dict.fromkeys(contract.COLUMNS, "") | told | {"kind": contract.COUNCIL, "year": "2025", "version": None}
        payload = json.dumps({"event": event, "held_on": None})
        self.councils.append({**row, "at": clock.now().isoformat(), "payload": payload})

    def line(self, kind: str, number: int, phase: str, payload: dict[str, Any], at: datetime) -> Row:
        """A sound line about a pupil, which Siècle will tell the next night."""
        student, self.seq = self.families[number].student, self.seq + 1
        place = self.divisions[PLACES[number]]
        row = dict.fromkeys(contract.COLUMNS, "") | {
            "seq": str(self.seq), "kind": kind, "ref": f"told-{self.seq}", "uai": place.school.uai, "year": "2025",
            "level": self.level, "phase": phase, "division": place.code, "eleve_id": str(student.siecle_id),
            "version": None, "at": at.isoformat(), "author_name": "le secrétariat", "payload": json.dumps(payload),
        }  # fmt: skip
        self.siecle.feed.append(row)
        return row

    def says(self, number: int, phase: str, at: datetime, *values: str) -> None:
        """The council's answer to each pathway in force, then to one more."""
        entries = Submission.objects.filter(dossier=self.families[number].dossier, phase=phase)
        entry = entries.order_by("version").first()
        asked = [{"pathway": one.pathway, "series": one.series, "requested": True} for one in entry.choices.all()]
        last = LISTS[self.level, phase][1][0]
        asked.append({"pathway": last.pathway, "series": last.series, "requested": False})
        answers = [{**one, "value": value} for one, value in zip(asked, values, strict=True)]
        ref = entry.siecle_ref or str(entry.uuid)
        self.line("STATEMENT", number, phase, {"submission_ref": ref, "answers": answers}, at)

    def types(self, phase: str, at: datetime) -> None:
        choices = [one.as_json() for one in LISTS[self.level, phase][0]]
        self.line("SCHOOL_ENTRY", TYPED, phase, {"choices": choices}, at)

    def night(self, at: datetime, judge: Any = accepted) -> Run:
        """The real night; the feed keeps what it told."""
        clock.freeze(at)
        self.siecle.judge, self.siecle.sent = judge, []
        (run,) = run_night(self.campaign.academy, progress=lambda _: None).runs
        assert run.state == RunState.FINISHED, run.error
        return run


def people(level: str, policies: dict[str, Any], siecle: Siecle) -> World:
    far = factories.school(own_timezone="America/Miquelon")
    near = factories.school()
    divisions = [factories.division(near, "3 A"), factories.division(near, "3 B"), factories.division(far, "3 C")]
    campaign = factories.campaign(level=level, **policies)
    families = []
    for number, (parents, place) in enumerate(zip(PARENTS, PLACES, strict=True)):
        born = BIRTHS.get(number, date(2011, 3, 14))
        families.append(factories.family(of=divisions[place], parents=parents, birth_date=born, level=level))
    factories.representative(families[0].student, level=2)
    factories.loses_authority(families[2], families[2].parents[2])
    return World(siecle, campaign, divisions, families)


def intentions(world: World) -> None:
    clock.freeze(factories.DURING_INTENTIONS)
    for number in (0, LATE, 2, OF_AGE, 5, 6, OF_AGE_TONIGHT):
        if number != OF_AGE:
            world.enters(number, PROVISIONAL)
    world.night(NIGHT_OF_ENTRIES)
    clock.freeze(NIGHT_OF_ENTRIES + timedelta(days=28))
    world.enters(LATE, PROVISIONAL, 1)


def opinions(world: World) -> None:
    """Councils of the first and the last division; the families may not read them yet."""
    clock.freeze(COUNCIL_DAY)
    for place in (0, 2):
        world.opens(place, PROVISIONAL)
        world.opens(place, PROVISIONAL, event=contract.RESET)
        world.opens(place, PROVISIONAL, ref=f"again {place}")
    world.types(PROVISIONAL, COUNCIL_DAY)
    world.night(COUNCIL_DAY + timedelta(hours=1), too_late)
    for number in (0, 2, TYPED, OF_AGE_TONIGHT):
        world.says(number, PROVISIONAL, COUNCIL_DAY + timedelta(hours=2), "Favorable", "Réservé", "Favorable")
    world.night(NIGHT_OF_OPINIONS)


def too_late(line: Row) -> Verdict:
    late = line["kind"] == "ENTRY" and line["version"] == "2"
    return (contract.NOT_PROCESSED, "COUNCIL_OPEN") if late else accepted(line)


def choices(world: World) -> None:
    clock.freeze(factories.DURING_OPINIONS)
    for number in (0, 2, OF_AGE_TONIGHT):
        standing = statement(world, number, PROVISIONAL).uuid
        actions.acknowledge(dossier=world.families[number].dossier.uuid, statement=standing, by=world.actor(number))
    clock.freeze(factories.DURING_CHOICES)
    head = factories.staff(world.divisions[1].school)
    for number in (LATE, OF_AGE):
        actions.lift_gate(dossier=world.families[number].dossier.uuid, reason="arrivé en mars", user=head, by=SYSTEM)
    for number in (0, LATE, 2, OF_AGE, OF_AGE_TONIGHT):
        world.enters(number, DEFINITIVE)
    world.night(NIGHT_OF_CHOICES)


def proposals(world: World) -> None:
    at = NIGHT_OF_PROPOSALS - timedelta(hours=9)
    clock.freeze(at)
    for place in (0, 2):
        world.opens(place, DEFINITIVE)
    world.types(DEFINITIVE, at)
    world.line("HEAD_DECISION", 5, DEFINITIVE, {"pathways": [pathway(world, 1)]}, at)
    world.night(at + timedelta(hours=1))
    for number in (0, LATE, 2, TYPED, OF_AGE_TONIGHT):
        world.says(number, DEFINITIVE, at + timedelta(hours=2), "NON", "OUI", "OUI")
    world.night(NIGHT_OF_PROPOSALS)
    clock.freeze(factories.DURING_PROPOSALS)
    answers(world, LATE, "ACCEPTED", 1)
    answers(world, 2, "REFUSED")


def answers(world: World, number: int, kind: str, *which: int) -> None:
    standing = statement(world, number, DEFINITIVE)
    said = [(one.pathway, one.series) for one in standing.answers.order_by("position")]
    actions.answer_proposals(
        dossier=world.families[number].dossier.uuid, statement=standing.uuid, kind=kind,
        accepted=[said[one] for one in which], by=world.actor(number),
    )  # fmt: skip


def pathway(world: World, which: int) -> dict[str, str]:
    one = LISTS[world.level, DEFINITIVE][which][0]
    return {"pathway": one.pathway, "series": one.series}


def statement(world: World, number: int, phase: str) -> CouncilStatement:
    return CouncilStatement.objects.filter(dossier=world.families[number].dossier, phase=phase).latest("version")


STORIES = {
    "january": (intentions,),
    "march": (intentions, opinions),
    "june": (intentions, opinions, choices, proposals),
}


def tell(level: str, story: str, policies: dict[str, Any], siecle: Siecle) -> World:
    """The world after a story; what Siècle and the service know of each other is settled."""
    world = people(level, policies, siecle)
    for chapter in STORIES[story]:
        chapter(world)
    return world
