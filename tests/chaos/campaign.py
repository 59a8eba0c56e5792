"""Every step × every victim: each trial ends as the night that nothing disturbed, or says what differs."""

import random
import sys
import time
from collections import Counter
from collections.abc import Callable

from siecle_sync.steps import Step
from tests.chaos.dump import differences
from tests.chaos.stage import Release, Stage, Unfinished, stage
from tests.chaos.victims import VICTIMS
from tests.chaos.without import GUARDS, copy_without

STEPS = [str(step) for step in Step]
SHOWN = 12  # differences of one trial
NIGHTS = 5  # with kills at random
MOST = 12  # of them in one night
PAUSE = (0.2, 1.5)  # seconds between two of them


def verdict(theatre: Stage, expected: Counter[str], play: Callable[[], Counter[str]]) -> list[str]:
    """What is wrong with a trial: nothing, when the end is the same and every invariant holds."""
    try:
        found = play()
    except Unfinished as where:
        return [f"unfinished: {where}"]
    return differences(expected, found) + [f"invariant {one}" for one in theatre.broken()]


def tell(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


def say(words: str, wrong: list[str], started: float) -> None:
    tell(f"{words}: {'ok' if not wrong else 'DIFFERS'} ({time.monotonic() - started:.1f} s)")
    for line in wrong[:SHOWN]:
        tell(f"    {line[:600]}")


def each_step(
    theatre: Stage, expected: Counter[str], steps: list[str], victims: list[str]
) -> dict[tuple[str, str], bool]:
    table = {}
    for step in steps:
        for name in victims:
            started = time.monotonic()
            wrong = verdict(theatre, expected, lambda step=step, name=name: theatre.play(VICTIMS[name], step=step))
            say(f"{step} × {name}", wrong, started)
            table[step, name] = not wrong
    return table


class AtRandom:
    """Kills anything at any moment, with two workers at work; reproducible but for the speed of the machine."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.next = 0.0
        self.kills: list[str] = []

    def __call__(self, theatre: Stage, release: Release) -> None:
        if not self.next and theatre.begun():
            self.next = time.monotonic() + self.random.uniform(0, 0.5)
        if self.next and time.monotonic() > self.next and len(self.kills) < MOST:
            self.strike(theatre, release)
            self.next = time.monotonic() + self.random.uniform(*PAUSE)

    def strike(self, theatre: Stage, release: Release) -> None:
        name = self.random.choice([name for name in VICTIMS if name != "late"])
        self.kills.append(name)
        if name == "worker":
            self.random.choice(theatre.workers).kill()
        else:
            VICTIMS[name](theatre, release)


def random_nights(theatre: Stage, expected: Counter[str]) -> list[bool]:
    results = []
    for seed in range(NIGHTS):
        started, killer = time.monotonic(), AtRandom(seed)
        wrong = verdict(theatre, expected, lambda killer=killer: theatre.play(killer, workers=2))
        say(f"at random {seed} ({', '.join(killer.kills) or 'nothing'})", wrong, started)
        results.append(not wrong)
    return results


def controls(theatre: Stage, expected: Counter[str]) -> list[bool]:
    """Each guard taken out in turn, in a copy of the program: something must differ."""
    results = []
    for guard in GUARDS:
        started, root = time.monotonic(), copy_without(guard, theatre.folder)
        wrong = verdict(
            theatre, expected,
            lambda guard=guard, root=root: theatre.play(VICTIMS[guard.victim], step=guard.step, root=root),
        )  # fmt: skip
        tell(f"without « {guard.name} »: {'seen' if wrong else 'NOT SEEN'} ({time.monotonic() - started:.1f} s)")
        results.append(bool(wrong))
    return results


def draw(table: dict[tuple[str, str], bool], steps: list[str], victims: list[str]) -> None:
    tell("\n" + f"{'':11}" + "".join(f"{name:>11}" for name in victims))
    for step in steps:
        tell(f"{step:11}" + "".join(f"{'ok' if table[step, name] else 'DIFFERS':>11}" for name in victims))


def main(arguments: list[str]) -> int:
    """Steps and victims may be named, « random » and « controls » too; without any, everything is played."""
    named = set(arguments)
    steps = [step for step in STEPS if step in named] or STEPS
    victims = [name for name in VICTIMS if name in named] or list(VICTIMS)
    matrix = not named or bool(named & {*STEPS, *VICTIMS})
    with stage() as theatre:
        expected = theatre.play()
        tell(f"undisturbed: {sum(expected.values())} rows")
        started = time.monotonic()
        wrong = verdict(theatre, expected, theatre.play)
        say("undisturbed, again", wrong, started)
        results = [not wrong]
        table = each_step(theatre, expected, steps, victims) if matrix else {}
        results += random_nights(theatre, expected) if not named or "random" in named else []
        results += controls(theatre, expected) if not named or "controls" in named else []
        if matrix:
            draw(table, steps, victims)
    return 0 if all(results) and all(table.values()) else 1
