"""Each act, done on both sides: the service and the model refuse alike, or both go on."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from orientation.pathways import Choice
from tests import factories
from tests.machine.facts import DEFINITIVE, PROVISIONAL, PUPIL, Decision, Key
from tests.machine.model import Dossier
from tests.machine.observed import compare, fits
from tests.machine.siecle import Siecle, Typed
from tests.machine.world import World

TICK = timedelta(seconds=1)
PARENTS = ["mother", "father", "third"]
STRANGER = "uncle"  # a person of Siècle who is not a legal representative (ACC-02)


class Both:
    def __init__(
        self, *, level: str, offer: frozenset[str], zone: str, born: date, legal: list[str], policies: dict[str, Any],
    ) -> None:  # fmt: skip
        now = factories.DURING_INTENTIONS
        people = [*PARENTS, STRANGER]
        self.world = World(
            now=now, level=level, zone=zone, born=born, people=people, legal=legal, policies=policies, offer=offer
        )
        self.model = Dossier(
            level=level, offer=offer, policies=policies, windows=dict(factories.CALENDAR), zone=ZoneInfo(zone),
            born=born, people=[*people, PUPIL], legal=list(legal), now=now,
        )  # fmt: skip
        self.siecle = Siecle(self.model)
        self.held: set[tuple[str, str, str]] = set()

    def agree_on_everything(self) -> None:
        compare(self.world, self.model, self.held)

    def expect(self, code: str, expected: set[str]) -> bool:
        """Was it refused, as it should or should not? Say whether it was done."""
        assert fits(code, expected), f"the service says {code or 'yes'!r}, the model {expected or 'yes'!r}"
        return not code

    # --- time ---------------------------------------------------------------------------------------------------------
    def is_now(self, at: datetime) -> None:
        self.model.now = at
        self.world.is_now(at)

    def tick(self) -> None:
        """Two acts never share their instant."""
        self.is_now(self.model.now + TICK)

    def milestones(self) -> list[datetime]:
        """What changes by itself after now, in order, then a day from now."""
        model = self.model
        ends = [at for window in model.windows for at in model.window(*window)]
        ends += [*model.closings.values(), *(one.published for one in model.statements)]
        birthday = datetime.combine(model.born.replace(year=model.born.year + 18), time(), model.zone)
        return sorted({at for at in [*ends, birthday] if at > model.now}) or [model.now + timedelta(days=1)]

    def night(self, fault: str = "") -> None:
        """Two o'clock in the morning, académie's time."""
        here = self.model.now.astimezone(self.model.zone)
        day = here.date() if here.time() < time(2) else here.date() + timedelta(days=1)
        self.is_now(datetime.combine(day, time(2), self.model.zone).astimezone(ZoneInfo("UTC")))
        ended, fault = self.world.night(fault)
        assert ended == ("FAILED" if fault else "FINISHED")
        self.siecle.night(fault)
        if not fault:
            self.examine_the_same()

    def examine_the_same(self) -> None:
        """After a night, what a council examines in Siècle is what is in force here (SIE-02…04)."""
        for phase in (PROVISIONAL, DEFINITIVE):
            theirs = self.siecle.entry_in_force(phase)
            came = theirs.entry if isinstance(theirs, Typed) else theirs
            if theirs is not None and came is None:
                continue  # typed, and not yet sent or refused
            both_open = self.siecle.is_open(phase) and self.model.council_is_open(phase)
            if both_open and self.model.standing(phase) is None:
                assert came is self.model.in_force(phase), f"{phase}: {came} in Siècle, {self.model.in_force(phase)}"

    # --- the family ---------------------------------------------------------------------------------------------------
    def enter(self, who: str, phase: str, choices: tuple[Choice, ...], *, stale: bool = False) -> bool:
        model = self.model
        base = model.base(phase) - 1 if stale else model.base(phase)
        code = self.world.enter(who, phase, choices, base)
        if model.is_the_same_again(who, phase, choices):
            return self.expect(code, set())
        expected = model.refusals_to_enter(who, phase) | model.refusals_of_choices(choices, phase)
        done = self.expect(code, expected | ({"STALE"} if stale else set()))
        if done:
            model.enter(who, phase, choices)
            self.hold_recaps(who, phase)
        return done

    def hold_recaps(self, who: str, phase: str) -> None:
        """MAI-01…03: one to each reader, until this session ends."""
        policies = self.model.policies
        if policies["recap_when"] == "SIGN_OUT":
            others = self.model.legal if policies["recap_to"] == "ALL" else []
            self.held |= {(who, reader, phase) for reader in {who, *others}}

    def sign_out(self, who: str) -> None:
        self.world.sign_out(who)
        self.held = {one for one in self.held if one[0] != who}

    def object(self, who: str, phase: str) -> bool:
        model = self.model
        done = self.expect(self.world.object(who, phase, model.base(phase)), model.refusals_to_object(who, phase))
        if done:
            model.family_entries(phase)[-1].objectors.add(who)
        return done

    def acknowledge(self, who: str, *, stale: bool = False) -> bool:
        said = self.model.visible(PROVISIONAL)
        version = (said.version if said else 1) - stale
        expected = self.model.refusals_to_acknowledge(who) | ({"STALE"} if stale else set())
        done = self.expect(self.world.acknowledge(who, version), expected)
        if done and said:
            said.acknowledged_by = who
        return done

    def answer(self, who: str, kind: str, accepted: frozenset[Key], *, stale: bool = False) -> bool:
        said = self.model.visible(DEFINITIVE)
        version = (said.version if said else 1) - stale
        expected = self.model.refusals_to_answer(who) | self.model.refusals_of_answer(kind, accepted)
        done = self.expect(self.world.answer(who, version, kind, accepted), expected | ({"STALE"} if stale else set()))
        if done:
            self.model.answer(who, kind, accepted)
        return done

    def agree(self, who: str, agrees: bool, *, stale: bool = False) -> bool:
        said = self.model.visible(DEFINITIVE)
        version = (said.version if said else 1) - stale
        expected = self.model.refusals_to_agree(who) | ({"STALE"} if stale else set())
        done = self.expect(self.world.agree(who, version, agrees), expected)
        if done:
            self.model.agree(who, agrees)
        return done

    # --- over HTTP ----------------------------------------------------------------------------------------------------
    def read(self, who: str, page: str) -> None:
        """ACC-06: the pupil and the legal representatives of today; to anybody else the dossier does not exist."""
        allowed = who == PUPIL or who in self.model.legal
        status = self.world.read(who, page)
        assert status == (200 if allowed else 404), f"{who} reads {page}: {status}"

    def acknowledge_over_http(self, who: str) -> None:
        said = self.model.visible(PROVISIONAL)
        refused = self.model.refusals_to_acknowledge(who)
        status = self.world.post(
            who, "acknowledge", statement=self.world.statement(PROVISIONAL, said.version if said else 1)
        )
        self.expect_status(who, status, refused)
        if not refused and said:
            said.acknowledged_by = who

    def agree_over_http(self, who: str, agrees: bool) -> None:
        said = self.model.visible(DEFINITIVE)
        refused = self.model.refusals_to_agree(who)
        answer = self.world.answer_to(said.version if said else 1)
        status = self.world.post(who, "agree", answer=answer, agrees_with="oui" if agrees else "non")
        self.expect_status(who, status, refused)
        if not refused:
            self.model.agree(who, agrees)

    def expect_status(self, who: str, status: int, refused: set[str]) -> None:
        """Done: the next page. Refused: the screen again, 403 for who may never, 409 for what happened meanwhile."""
        if who != PUPIL and who not in self.model.legal:
            assert status == 404
        else:
            assert status in ({403, 409, 422} if refused else {302}), (
                f"{who}: {status}, the model says {refused or 'yes'}"
            )

    # --- the school and the académie ----------------------------------------------------------------------------------
    def release_pen(self, phase: str) -> None:
        self.world.release_pen(phase)
        self.model.pens.pop(phase, None)

    def lift_gate(self) -> None:
        if self.expect(self.world.lift_gate(), self.model.refusals_to_lift()):
            self.model.lifted = True

    def switch(self, *, on: bool) -> None:
        self.world.switch(on=on)
        self.model.off = not on

    def close(self, phase: str, at: datetime | None) -> None:
        self.world.close(phase, at)
        self.model.closings.pop(phase, None)
        if at is not None:
            self.model.closings[phase] = at

    def extend(self, phase: str, kind: str, scope: str, until: datetime) -> None:
        """`scope`: "academy", "school" or the code of a division."""
        expected = self.model.refusals_to_extend(phase, kind, scope, until)
        if self.expect(self.world.extend(phase, kind, scope, until), expected):
            self.model.extensions.append((phase, kind, scope, until))

    def loses_authority(self, who: str) -> None:
        self.world.loses_authority(who)
        self.model.legal.remove(who)
        self.model.drop_lost_pens()

    def gains_authority(self, who: str) -> None:
        self.world.gains_authority(who)
        self.model.legal.append(who)

    def moves(self, division: str) -> None:
        self.world.moves(division)
        self.model.division = division

    def is_enrolled(self, *, yes: bool) -> None:
        self.world.is_enrolled(yes=yes)
        self.model.enrolled = yes

    def meet(self) -> None:
        today = self.model.today()
        if self.expect(self.world.meet(today), self.model.refusals_to_meet()):
            self.model.meetings.add(today)

    def appeal(self) -> None:
        today = self.model.today()
        if self.expect(self.world.appeal(today), self.model.refusals_to_appeal()):
            self.model.appealed = today

    # --- Siècle -------------------------------------------------------------------------------------------------------
    def open_council(self, phase: str, *, division: str = "", told: bool = True) -> None:
        where = division or self.siecle.division
        assert not self.world.open_council(where, phase, told=told)
        self.siecle.open_council(where, phase, told=told)

    def reset_council(self, phase: str, *, division: str = "", told: bool = True) -> None:
        where = division or self.siecle.division
        self.same(self.world.reset_council(where, phase, told=told), self.siecle.reset_council(where, phase, told=told))

    def same(self, code: str, expected: str) -> None:
        """What Siècle refuses to a school."""
        assert code == expected, f"Siècle says {code or 'yes'!r}, the model {expected or 'yes'!r}"

    def type_entry(self, phase: str, choices: tuple[Choice, ...]) -> None:
        self.same(self.world.type_entry(phase, choices), self.siecle.type_entry(phase, choices))

    def change_entry(self, phase: str, choices: tuple[Choice, ...]) -> None:
        self.same(self.world.change_entry(phase, choices), self.siecle.change_entry(phase, choices))

    def asked(self, phase: str) -> list[Key]:
        entry = self.siecle.entry_in_force(phase)
        return [(one.pathway, one.series) for one in entry.choices] if entry else []

    def say(self, phase: str, values: Mapping[Key, str]) -> None:
        self.same(self.world.say(phase, dict(values)), self.siecle.say(phase, dict(values)))

    def record_answer(self, kind: str, accepted: frozenset[Key]) -> None:
        self.same(self.world.record_answer(kind, accepted), self.siecle.record_answer(kind, accepted))

    def record_decision(self, origin: str, pathway: Key, *, notified: bool) -> None:
        decision = Decision(origin, frozenset({pathway}), notified=self.model.today() if notified else None)
        self.same(self.world.record_decision(decision), self.siecle.record_decision(decision))
