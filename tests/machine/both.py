"""Each act, done on both sides: the service and the model refuse alike, or both go on."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from orientation.pathways import Choice
from tests import factories
from tests.machine.model import DEFINITIVE, PROVISIONAL, PUPIL, Dossier, Key
from tests.machine.observed import compare, fits
from tests.machine.siecle import Siecle
from tests.machine.world import World

TICK = timedelta(seconds=1)
STRANGER = "uncle"  # a person of Siècle who is not a legal representative (ACC-02)


class Both:
    def __init__(
        self, *, level: str, offer: frozenset[str], zone: str, born: date, legal: list[str], policies: dict[str, Any],
    ) -> None:  # fmt: skip
        now = factories.DURING_INTENTIONS
        people = [*legal, STRANGER]
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
        ends = [at for window in model.windows.values() for at in window]
        ends += [*model.closings.values(), *(one.published for one in model.statements)]
        birthday = datetime.combine(model.born.replace(year=model.born.year + 18), time(), model.zone)
        return sorted({at for at in [*ends, birthday] if at > model.now}) or [model.now + timedelta(days=1)]

    def night(self, fault: str = "") -> None:
        """Two o'clock in the morning, académie's time."""
        here = self.model.now.astimezone(self.model.zone)
        day = here.date() if here.time() < time(2) else here.date() + timedelta(days=1)
        self.is_now(datetime.combine(day, time(2), self.model.zone).astimezone(ZoneInfo("UTC")))
        assert self.world.night(fault) == ("FAILED" if fault else "FINISHED")
        self.siecle.night(fault)

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
        self.world.extend(phase, kind, scope, until)
        opens, closes = self.model.windows[phase, kind]
        if scope != "elsewhere":
            self.model.windows[phase, kind] = (opens, max(closes, until))

    def loses_authority(self, who: str) -> None:
        self.world.loses_authority(who)
        self.model.legal.remove(who)
        self.model.drop_lost_pens()

    # --- Siècle -------------------------------------------------------------------------------------------------------
    def open_council(self, phase: str, *, told: bool = True) -> None:
        assert not self.world.open_council(phase, told=told)
        self.siecle.open_council(phase, told=told)

    def reset_council(self, phase: str, *, told: bool = True) -> None:
        code = self.world.reset_council(phase, told=told)
        assert code == self.siecle.reset_council(phase, told=told)

    def type_entry(self, phase: str, choices: tuple[Choice, ...]) -> None:
        code = self.world.type_entry(phase, choices)
        assert code == self.siecle.type_entry(phase, choices)

    def asked(self, phase: str) -> list[Key]:
        entry = self.siecle.entry_in_force(phase)
        return [(one.pathway, one.series) for one in entry.choices] if entry else []

    def say(self, phase: str, values: Mapping[Key, str]) -> None:
        code = self.world.say(phase, dict(values))
        assert code == self.siecle.say(phase, dict(values))

    def record_answer(self, kind: str, accepted: frozenset[Key]) -> None:
        code = self.world.record_answer(kind, accepted)
        assert code == self.siecle.record_answer(kind, accepted)

    def record_decision(self, origin: str, pathways: frozenset[Key]) -> None:
        code = self.world.record_decision(origin, pathways)
        assert code == self.siecle.record_decision(origin, pathways)
