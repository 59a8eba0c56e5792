"""The service itself, on a real PostgreSQL: one family, its school, Siècle's simulator. Each act gives its refusal."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, datetime
from typing import Any
from unittest import mock
from uuid import UUID, uuid4

from django.db import connection
from django.test import Client
from django.urls import reverse

from families.models import Guardianship, Representative, Student
from families.powers import staff_actor
from ledger import clock
from ledger.journal import SYSTEM
from ledger.models import OutgoingEmail, SandboxClock
from orientation import actions
from orientation.actions.calendar import extend_window
from orientation.models import Campaign, CouncilStatement, Dossier, FamilyAnswer, PhaseWindow
from orientation.pathways import Choice
from orientation.rules import RuleBroken
from siecle_sync import contract, wire
from siecle_sync.mock import desk
from siecle_sync.mock.models import MockDivision, MockPupil
from siecle_sync.night import run_night
from tests import factories
from tests.machine.facts import PUPIL, Decision, Key
from tests.machine.siecle import FEED, LINES, MERGE, REPORT, SENDING

# what each fault breaks: a request to Siècle (never answered, or whose answer is lost), or a statement of the merge
REQUESTS = {REPORT: "/compte-rendu/", LINES: "/lignes/", FEED: "/reponses/"}
DIVISIONS = ("3 A", "3 B", "3 C")  # the pupil's, the one they may move to, another
CUT = "INSERT INTO orientation_councilanswer"


class Cut(RuntimeError):
    """The server stops in the middle of the merge."""


class Line:
    """The way between the two programs: `broken` says where it is cut, before or after the other side acts.

    `met`: it came to that place. A night that has nothing to send deposits nothing.
    """

    def __init__(self) -> None:
        self.broken, self.met = "", False
        self.ask = wire.Wire._in_process

    def __call__(self, one: wire.Wire, method: str, path: str, *sent: Any) -> wire.Reply:
        if (
            (self.broken == SENDING and method == "PUT")
            or (self.broken in REQUESTS and REQUESTS[self.broken] in path)
            or (self.broken == contract.CALLBACK and path == contract.CALLBACK)
        ):
            self.met = True
            raise wire.Unreachable("cut")
        return self.ask(one, method, path, *sent)

    def cutting(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if CUT in sql:
            self.met = True
            raise Cut
        return execute(sql, params, many, context)

    @contextmanager
    def cut(self, what: str) -> Iterator[None]:
        with ExitStack() as stack:
            if what == MERGE:
                stack.enter_context(connection.execute_wrapper(self.cutting))
            self.broken, self.met = what, False
            way = self
            stack.enter_context(mock.patch.object(wire.Wire, "_in_process", lambda one, *sent: way(one, *sent)))
            yield
        self.broken = ""


def code_of(act: Callable[[], Any]) -> str:
    """Do it; return the code of the refusal, or nothing."""
    try:
        act()
    except RuleBroken as broken:
        return str(broken.code)
    except desk.DeskRefused as refused:
        return refused.code
    return ""


class World:
    def __init__(
        self, *, now: datetime, level: str, zone: str, born: date, people: list[str], legal: list[str],
        policies: dict[str, Any], offer: frozenset[str],
    ) -> None:  # fmt: skip
        self.is_now(now)
        self.line = Line()
        self.academy = factories.academy(timezone=zone)
        self.school = factories.school(academy=self.academy)
        self.divisions = {code: factories.division(self.school, code) for code in DIVISIONS}
        self.campaign = Campaign.objects.create(academy=self.academy, year=2025, level=level, **policies)
        PhaseWindow.objects.bulk_create(
            PhaseWindow(campaign=self.campaign, phase=phase, kind=kind, opens_at=opens_at, closes_at=closes_at)
            for (phase, kind), (opens_at, closes_at) in factories.CALENDAR.items()
        )
        self.student = factories.student(self.divisions["3 A"], user=factories.user(), birth_date=born, level=level)
        self.dossier = Dossier.objects.create(campaign=self.campaign, student=self.student)
        self.people: dict[str, Representative | Student] = {PUPIL: self.student}
        for name in people:
            level = 1 if name in legal else 2
            self.people[name] = factories.representative(self.student, first_name=name, level=level)
        self.head = factories.staff(self.school)
        self.by_head = staff_actor(self.head)
        self.offers(offer)
        self.sids: dict[str, UUID] = {name: uuid4() for name in self.people}
        self.browsers: dict[str, Client] = {}
        self.know_the_roster()

    def know_the_roster(self) -> None:
        """What the first night of the year would have told Siècle."""
        place = {"academy": self.academy.pk, "uai": self.school.uai, "year": 2025, "level": self.campaign.level}
        self.desk_divisions = {
            code: MockDivision.objects.create(**place, code=code, opinion_values=self.campaign.opinion_values)
            for code in DIVISIONS
        }
        one = self.student
        self.desk_key = MockPupil.objects.create(
            **place, division=self.desk_divisions["3 A"], eleve_id=one.siecle_id, ine=one.ine,
            family_name=one.family_name, first_name=one.first_name, birth_date=one.birth_date,
        ).pk  # fmt: skip

    def is_now(self, at: datetime) -> None:
        self.now = at
        if not SandboxClock.objects.update(frozen_at=at):
            clock.freeze(at)

    def name_of(self, person: UUID | None) -> str | None:
        return next((name for name, one in self.people.items() if one.uuid == person), None)

    def actor(self, who: str) -> Any:
        return factories.actor(self.people[who], self.sids[who])

    # --- the family ---------------------------------------------------------------------------------------------------
    def enter(self, who: str, phase: str, choices: tuple[Choice, ...], base: int) -> str:
        return code_of(
            lambda: actions.submit_choices(
                dossier=self.dossier.uuid, phase=phase, choices=choices, base_version=base, by=self.actor(who)
            )
        )

    def statement(self, phase: str, version: int) -> UUID:
        found = CouncilStatement.objects.filter(dossier=self.dossier, phase=phase, version=version)
        return found.values_list("uuid", flat=True).first() or uuid4()

    def acknowledge(self, who: str, version: int) -> str:
        shown = self.statement("PROVISIONAL", version)
        return code_of(lambda: actions.acknowledge(dossier=self.dossier.uuid, statement=shown, by=self.actor(who)))

    def answer(self, who: str, version: int, kind: str, accepted: frozenset[Key]) -> str:
        shown = self.statement("DEFINITIVE", version)
        return code_of(
            lambda: actions.answer_proposals(
                dossier=self.dossier.uuid, statement=shown, kind=kind, accepted=sorted(accepted), by=self.actor(who)
            )
        )

    def answer_to(self, version: int) -> UUID:
        found = FamilyAnswer.objects.filter(statement__uuid=self.statement("DEFINITIVE", version))
        return found.values_list("uuid", flat=True).first() or uuid4()

    def agree(self, who: str, version: int, agrees: bool) -> str:
        answer = self.answer_to(version)
        return code_of(
            lambda: actions.agree(dossier=self.dossier.uuid, answer=answer, agrees=agrees, by=self.actor(who))
        )

    def browser(self, who: str) -> Client:
        if who not in self.browsers:
            self.browsers[who] = Client()
            self.browsers[who].force_login(self.people[who].user)
        return self.browsers[who]

    def read(self, who: str, page: str) -> int:
        name, _, phase = page.partition(" ")
        path = {"phase": phase} if phase else {}
        return (
            self.browser(who)
            .get(reverse(f"orientation:{name}", kwargs={"uuid": self.dossier.uuid, **path}))
            .status_code
        )

    def post(self, who: str, verb: str, **said: Any) -> int:
        return (
            self.browser(who).post(reverse(f"orientation:{verb}", kwargs={"uuid": self.dossier.uuid}), said).status_code
        )

    def object(self, who: str, phase: str, version: int) -> str:
        shown = self.dossier.submissions.filter(phase=phase, version=version).values_list("uuid", flat=True).first()
        return code_of(
            lambda: actions.object_to_entry(
                dossier=self.dossier.uuid, submission=shown or uuid4(), reason="", by=self.actor(who)
            )
        )

    def sign_out(self, who: str) -> None:
        actions.sign_out(sid=self.sids[who])
        self.sids[who] = uuid4()

    def held_recaps(self) -> set[tuple[str, str | None, str]]:
        """Who has a session whose recaps wait, to whom, of which phase."""
        rows = OutgoingEmail.objects.filter(state="HELD").values_list("held_for", "recipient_uuid", "data__phase")
        sessions = {sid: name for name, sid in self.sids.items()}
        return {(sessions[sid], self.name_of(reader), phase) for sid, reader, phase in rows}

    # --- the school and the académie ----------------------------------------------------------------------------------
    def release_pen(self, phase: str) -> None:
        actions.release_pen(dossier=self.dossier.uuid, phase=phase, reason="désaccord", by=self.by_head)

    def lift_gate(self) -> str:
        return code_of(
            lambda: actions.lift_gate(
                dossier=self.dossier.uuid, reason="arrivé en mars", user=self.head, by=self.by_head
            )
        )

    def switch(self, *, on: bool) -> None:
        actions.switch_service(campaign=self.campaign, school=self.school, enabled=on, user=self.head, by=self.by_head)

    def close(self, phase: str, at: datetime | None) -> None:
        actions.set_closing(
            campaign=self.campaign, school=self.school, phase=phase, closes_at=at, user=self.head, by=self.by_head
        )

    def extend(self, phase: str, kind: str, scope: str, until: datetime) -> str:
        where = {"school": self.school if scope == "school" else None, "division": self.divisions.get(scope)}
        return code_of(
            lambda: extend_window(
                campaign=self.campaign, phase=phase, kind=kind, closes_at=until, reason="panne", user=self.head,
                by=self.by_head, **where,
            )
        )  # fmt: skip

    def loses_authority(self, who: str) -> None:
        """As an import of Siècle's files does."""
        today = clock.now().astimezone(self.school.timezone).date()
        Guardianship.objects.filter(representative=self.people[who]).update(ended_on=today)
        actions.release_lost_pens(by=SYSTEM, school=self.school)

    def gains_authority(self, who: str) -> None:
        Guardianship.objects.filter(representative=self.people[who]).update(level=1, ended_on=None)

    def moves(self, division: str) -> None:
        self.student.division = self.divisions[division]
        self.student.save()

    def is_enrolled(self, *, yes: bool) -> None:
        self.student.scope = "IN_SCOPE" if yes else "OUT"
        self.student.save()

    def meet(self, held_on: date) -> str:
        return code_of(
            lambda: actions.record_meeting(
                dossier=self.dossier.uuid, held_on=held_on, present="la mère", user=self.head, by=self.by_head
            )
        )

    def appeal(self, filed_on: date) -> str:
        return code_of(
            lambda: actions.record_appeal(dossier=self.dossier.uuid, filed_on=filed_on, user=self.head, by=self.by_head)
        )

    def offers(self, specialties: frozenset[str]) -> None:
        actions.set_specialty_offer(
            campaign=self.campaign, school=self.school, specialties=specialties, user=self.head, by=self.by_head
        )

    # --- Siècle -------------------------------------------------------------------------------------------------------
    def open_council(self, division: str, phase: str, *, told: bool) -> str:
        with self.line.cut("" if told else contract.CALLBACK):
            return code_of(lambda: desk.open_council(self.desk_divisions[division], phase=phase))

    def reset_council(self, division: str, phase: str, *, told: bool) -> str:
        with self.line.cut("" if told else contract.CALLBACK):
            return code_of(lambda: desk.reset_council(self.desk_divisions[division], phase=phase))

    @property
    def desk_pupil(self) -> MockPupil:
        return MockPupil.objects.select_related("division").get(pk=self.desk_key)

    def type_entry(self, phase: str, choices: tuple[Choice, ...]) -> str:
        typed = [one.as_json() for one in choices]
        return code_of(lambda: desk.type_entry(self.desk_pupil, phase=phase, choices=typed))

    def change_entry(self, phase: str, choices: tuple[Choice, ...]) -> str:
        asked = [one.as_json() for one in choices]
        day = self.now.astimezone(self.school.timezone).date()
        return code_of(
            lambda: desk.change_entry(self.desk_pupil, phase=phase, choices=asked, asked_by="la mère", asked_on=day)
        )

    def say(self, phase: str, values: dict[Key, str]) -> str:
        answers = [{"pathway": key[0], "series": key[1], "value": value} for key, value in sorted(values.items())]
        return code_of(lambda: desk.type_statement(self.desk_pupil, phase=phase, answers=answers))

    def record_answer(self, kind: str, accepted: frozenset[Key]) -> str:
        return code_of(lambda: desk.record_answer(self.desk_pupil, kind=kind, accepted=sorted(accepted)))

    def record_decision(self, decision: Decision) -> str:
        return code_of(
            lambda: desk.record_head_decision(
                self.desk_pupil, pathways=sorted(decision.pathways), on_appeal=decision.origin == "APPEAL",
                notified_on=decision.notified,
            )
        )  # fmt: skip

    def night(self, fault: str) -> tuple[str, str]:
        """Play the night and return how it ended, and the fault if the night came to it."""
        with self.line.cut(fault):
            (run,) = run_night(self.academy, progress=lambda _: None).runs
        return run.state, fault if self.line.met else ""
