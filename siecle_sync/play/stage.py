"""The stage of a simulated campaign: its frozen clock, its agenda, what was refused, what went wrong."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from django.http import Http404

from families.models import Session
from ledger import clock
from orientation.actions import sign_out
from orientation.rules import RuleBroken
from siecle_sync.mock.desk import DeskRefused
from siecle_sync.play.people import Home, Person

NOT_FOUND = "404"
STAFF = "S"  # who acts for the school, in the dump
# What happens first at the same instant: the school and Siècle, then families, then the letters.
SCHOOL, FAMILY, LETTERS = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Refused:
    """An attempt that had to be refused, and was."""

    at: datetime
    home: Home
    who: str
    what: str
    code: str


@dataclass
class Stage:
    """Events run in the order of their instants, then of their kind, then as they were written down."""

    now: datetime | None = None
    refused: list[Refused] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    races: int = 0
    agenda: list[tuple[datetime, int, int, Callable[[], None]]] = field(default_factory=list)
    numbers: Any = field(default_factory=count)

    def at(self, moment: datetime, do: Callable[[], None], *, order: int = FAMILY) -> None:
        heapq.heappush(self.agenda, (moment, order, next(self.numbers), do))

    def run(self, progress: Callable[[datetime], None]) -> None:
        while self.agenda:
            moment, _, _, do = heapq.heappop(self.agenda)
            self.freeze(moment)
            do()
            progress(moment)

    def freeze(self, moment: datetime) -> None:
        if moment != self.now:
            clock.freeze(moment)
            self.now = moment

    @property
    def instant(self) -> datetime:
        """The instant of the event in progress."""
        if self.now is None:
            raise RuntimeError("The play has not begun.")
        return self.now

    # --- what is tried ------------------------------------------------------------------------------------------------
    def succeed(self, home: Home, who: Person, what: str, do: Callable[[], object]) -> bool:
        """Do what must be accepted; anything else is a failure of the play."""
        code = tried(do)
        if code:
            self.fail(home, who.name, what, f"refusé : {code}")
        return not code

    def refuse(self, home: Home, who: str, what: str, expected: str, do: Callable[[], object]) -> None:
        """Try what must be refused, with this very code."""
        code = tried(do)
        if code == expected:
            self.refused.append(Refused(self.instant, home, who, what, code))
        else:
            self.fail(home, who, what, f"attendu {expected}, obtenu {code or 'accepté'}")

    def fail(self, home: Home, who: str, what: str, why: str) -> None:
        place = home.place.school.uai
        self.failures.append(f"{self.instant:%d/%m %H:%M} {place}/{home.student.siecle_id} {who} {what} : {why}")

    # --- browser sessions ---------------------------------------------------------------------------------------------
    def sign_in(self, home: Home, who: Person, purpose: str) -> UUID:
        """A session of this person's browser: its recap waits for its end (MAI-01)."""
        sid = UUID(int=home.dice(f"sid:{who.name}:{purpose}").getrandbits(128), version=4)
        Session.objects.create(
            session_key=sid.hex, sid=sid, user=who.user, session_data="",
            expire_date=self.instant + timedelta(days=4000),
        )  # fmt: skip
        return sid

    def leave(self, sid: UUID, *, politely: bool) -> None:
        """Sign out, or close the browser: the sweep finds later that the session is gone."""
        Session.objects.filter(sid=sid).delete()
        if politely:
            sign_out(sid=sid)


def tried(do: Callable[[], object]) -> str:
    """The code of the refusal; nothing when it was accepted."""
    try:
        do()
    except (RuleBroken, DeskRefused) as refusal:
        return str(refusal.code)
    except Http404:
        return NOT_FOUND
    return ""
