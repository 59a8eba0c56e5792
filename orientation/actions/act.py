"""What every act shares: the locks, the instant, the facts, the pen."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from families.models import Representative, Student
from ledger import clock, journal
from ledger.journal import Actor
from ledger.models import ActorKind
from orientation.enums import AuthorKind
from orientation.facts import Facts
from orientation.models import Dossier, Pen
from orientation.reading import UnknownDossier, load_facts
from orientation.rules import Refusal, RuleBroken, lacks_authority, pen_holder

# First keys of the advisory locks that order a family's acts against the acts of their school (CAL-05, CAL-06, CAL-09)
# and of their académie (CAL-02, policies).
CALENDAR = 0x0CA1
CAMPAIGN = 0x0CA2
SHARED = "SELECT pg_advisory_xact_lock_shared(%s, %s), pg_advisory_xact_lock_shared(%s, %s)"
SHARED_CAMPAIGN = "SELECT pg_advisory_xact_lock_shared(%s, %s)"
EXCLUSIVE = "SELECT pg_advisory_xact_lock(%s, %s)"


@dataclass(frozen=True, slots=True)
class Act:
    """One dossier, locked; `now` was read after the lock (CAL-08) and `facts` after `now`."""

    dossier: Dossier
    facts: Facts
    now: datetime
    by: Actor

    def journal(self, verb: str, **data: Any) -> None:
        """Write the act's line, with what is kept nowhere else: the pupil's division and family, then."""
        then = {
            "born": self.facts.birth_date.isoformat(),
            "division": self.dossier.student.division_id,
            "legal": [str(one.uuid) for one in self.facts.representatives],
        }
        journal.write(verb=verb, by=self.by, at=self.now, dossier=self.dossier.uuid, then=then, **data)

    @property
    def author(self) -> UUID:
        """The person who acts; a family's act always has one."""
        if self.by.uuid is None:
            raise RuleBroken(Refusal.NOT_LEGAL)
        return self.by.uuid


@contextmanager
def opened(dossier: UUID, *, by: Actor) -> Iterator[Act]:
    """Open one transaction on a dossier: lock it, share its calendar, read the clock, then the facts.

    Raises UnknownDossier.
    """
    with transaction.atomic():
        row = (
            Dossier.objects.select_related("student", "campaign")
            .select_for_update(of=("self",))
            .filter(uuid=dossier)
            .first()
        )
        if row is None:
            raise UnknownDossier(dossier)
        _share_calendar(row.student.school_id, row.campaign_id)
        now = clock.now()
        yield Act(row, load_facts(dossier), now, by)


def _share_calendar(school_id: int, campaign_id: int) -> None:
    """A family's act: nobody opens a council, closes the service or moves a window until it is committed."""
    with connection.cursor() as cursor:
        cursor.execute(SHARED, [CALENDAR, school_id, CAMPAIGN, campaign_id])


def share_campaign(campaign_id: int) -> None:
    """A night's entries, like a family's: nobody changes the policies of the campaign until they are committed."""
    with connection.cursor() as cursor:
        cursor.execute(SHARED_CAMPAIGN, [CAMPAIGN, campaign_id])


def hold_calendar(school_id: int) -> None:
    """A school's act: it waits for the family's acts in progress, and the next ones wait for it."""
    with connection.cursor() as cursor:
        cursor.execute(EXCLUSIVE, [CALENDAR, school_id])


def hold_campaign(campaign_id: int) -> None:
    """An académie's act on its windows or policies: the same, for every family of the campaign."""
    with connection.cursor() as cursor:
        cursor.execute(EXCLUSIVE, [CAMPAIGN, campaign_id])


def person_fields(by: Actor) -> dict[str, Any]:
    """The columns that say which person of the family wrote a row."""
    if by.uuid is None:
        raise RuleBroken(Refusal.NOT_LEGAL)
    if by.kind == ActorKind.STUDENT:
        return {"student": Student.objects.get(uuid=by.uuid), "representative": None}
    return {"representative": Representative.objects.get(uuid=by.uuid), "student": None}


def author_fields(by: Actor) -> dict[str, Any]:
    kind = AuthorKind.STUDENT if by.kind == ActorKind.STUDENT else AuthorKind.REPRESENTATIVE
    return {"author_kind": kind, "author_name": by.name, **person_fields(by)}


def take_pen(act: Act, phase: str) -> None:
    """Give the pen to who validates or answers first (ACC-04); one nobody may hold any more is released (ACC-08)."""
    holder = pen_holder(act.facts, phase, act.now)
    if holder == act.author:
        return
    if holder is not None:
        raise RuleBroken(Refusal.PEN_HELD)
    drop_pen(act, phase, reason=lost_because(act.facts, phase, act.now))
    Pen.objects.create(dossier=act.dossier, phase=phase, taken_at=act.now, **person_fields(act.by))


# Why a pen is lost, as the family reads it (ACC-03, ACC-08).
LOST = {
    Refusal.NOT_LEGAL: "la personne qui tenait la saisie n’est plus représentant légal de l’élève",
    Refusal.STUDENT_OF_AGE: "l’élève est majeur\u00a0: la saisie lui revient",
    Refusal.READ_ONLY_STUDENT: "l’élève n’est pas majeur\u00a0: la saisie revient à ses représentants légaux",
}


def lost_because(facts: Facts, phase: str, now: datetime) -> str:
    """Why who holds this pen may no longer act; empty when they may, or when nobody holds it."""
    pen = facts.pen(phase)
    refusal = lacks_authority(facts, pen.holder, now) if pen else None
    return LOST[refusal] if refusal else ""


def drop_pen(act: Act, phase: str, *, reason: str) -> bool:
    """Release the pen of a phase; say whether somebody held it."""
    live = Pen.objects.filter(dossier=act.dossier, phase=phase, released_at__isnull=True)
    dropped = live.update(released_at=act.now, release_reason=reason)
    if dropped:
        act.journal("pen_released", phase=phase, reason=reason)
    return bool(dropped)
