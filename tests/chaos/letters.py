"""Every step of a letter × every victim: nothing is lost, and nothing arrives twice but once a kill (MAI-07)."""

import random
import time
from collections.abc import Callable

from tests.chaos.campaign import say, tell
from tests.chaos.post_office import IN_SINK, IN_WORKER, Posted, PostOffice, post_office
from tests.chaos.stage import Release, Unfinished
from tests.chaos.without import Guard, copy_without

STEPS = (*IN_WORKER, *IN_SINK)
DOWN = 0.5  # seconds during which the others meet nobody
ROUNDS = 5  # with kills at random
MOST = 6  # of them in one round
PAUSE = (0.1, 0.6)  # seconds between two of them


# --- what dies --------------------------------------------------------------------------------------------------------
def worker(office: PostOffice, release: Release) -> None:
    """SIGKILL; another one starts, as systemd would have it."""
    office.workers[0].kill()
    release()


def sink(office: PostOffice, release: Release) -> None:
    """SIGKILL of the mail server; it keeps what it has accepted."""
    office.sink.kill()
    release()
    time.sleep(DOWN)
    office.open_sink()


def postgres(office: PostOffice, release: Release) -> None:
    """SIGKILL of the whole server: it recovers from its log."""
    office.postgres.kill()
    release()
    time.sleep(DOWN)
    office.postgres.start()


def redis(office: PostOffice, release: Release) -> None:
    """What was waiting in it is lost."""
    office.redis.kill()
    release()
    time.sleep(DOWN)
    office.redis.start()


VICTIMS = {one.__name__: one for one in (worker, sink, postgres, redis)}
GUARDS = (
    Guard("a letter keeps its number", "orientation/posting.py",
          "<{row.pk}@", "<{__import__('uuid').uuid4()}@", "STORED", "worker"),
    Guard("a letter of a dead worker is taken again", "ledger/outbox.py",
          "return _stuck() | Q(", "return Q(", "CLAIMED", "worker"),
    Guard("a letter is told as sent once it is accepted, not before", "orientation/posting.py",
          "    letter_step.send(sender=None, step=LetterStep.RENDERED, row=row)",
          "    outbox.mark_sent(row, at=clock.now())", "ENVELOPE", "worker"),
    Guard("each letter is told as sent before the next leaves", "orientation/posting.py",
          "    outbox.mark_sent(row, at=clock.now(), message_id=number)\n",
          "    late = _send.__dict__.setdefault('late', [])\n"
          "    late.append((row, number))\n"
          "    if len(late) % 20 == 0:\n"
          "        [outbox.mark_sent(one, at=clock.now(), message_id=said) for one, said in late]\n",
          "HANDED", "worker"),
)  # fmt: skip


class AtRandom:
    """Kills anything at any moment, with two workers at work; reproducible but for the speed of the machine."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.next = 0.0
        self.kills: list[str] = []

    def __call__(self, office: PostOffice, release: Release) -> None:
        if not self.next and office.kept.exists():
            self.next = time.monotonic() + self.random.uniform(0, 0.3)
        if self.next and time.monotonic() > self.next and len(self.kills) < MOST:
            name = self.random.choice(list(VICTIMS))
            self.kills.append(name)
            office.kills += 1
            VICTIMS[name](office, release)
            self.next = time.monotonic() + self.random.uniform(*PAUSE)


# --- what is played ---------------------------------------------------------------------------------------------------
def verdict(play: Callable[[], Posted]) -> tuple[list[str], str]:
    """What is wrong, and how many arrived twice."""
    try:
        posted = play()
    except Unfinished as where:
        return [f"unfinished: {where}"], ""
    return posted.wrong(), f"{len(posted.told)} letters, {posted.duplicated} twice"


def trial(words: str, play: Callable[[], Posted]) -> bool:
    started = time.monotonic()
    wrong, counted = verdict(play)
    say(f"{words} ({counted})", wrong, started)
    return not wrong


def controls(office: PostOffice) -> list[bool]:
    """Each guard taken out in turn, in a copy of the program: the count must see it."""
    results = []
    for guard in GUARDS:
        root = copy_without(guard, office.folder)
        wrong, _ = verdict(
            lambda guard=guard, root=root: office.play(VICTIMS[guard.victim], step=guard.step, root=root)
        )
        tell(f"without « {guard.name} »: {'seen' if wrong else 'NOT SEEN'}")
        results.append(bool(wrong))
    return results


def main(arguments: list[str]) -> int:
    """Steps and victims may be named, « random » and « controls » too; without any, everything is played."""
    named = set(arguments)
    steps = [step for step in STEPS if step in named] or STEPS
    victims = [name for name in VICTIMS if name in named] or list(VICTIMS)
    matrix = not named or bool(named & {*STEPS, *VICTIMS})
    with post_office() as office:
        results = [trial("undisturbed", office.play)]
        for step in steps if matrix else ():
            for name in victims:
                results.append(
                    trial(f"{step} × {name}", lambda s=step, n=name: office.play(VICTIMS[n], step=s))  # type: ignore[misc]
                )
        for seed in range(ROUNDS) if not named or "random" in named else ():
            killer = AtRandom(seed)
            results.append(trial(f"at random {seed}", lambda killer=killer: office.play(killer, workers=2)))  # type: ignore[misc]
            tell(f"    killed: {', '.join(killer.kills) or 'nothing'}")
        results += controls(office) if not named or "controls" in named else []
    return 0 if all(results) else 1
