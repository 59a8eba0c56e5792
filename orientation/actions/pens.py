"""A pen let go: by the head of school, with a reason, or because its holder may no longer act (ACC-03, ACC-08)."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import connection

from families.models import Representative, School, Student
from ledger import clock, journal
from ledger.journal import Actor
from orientation.actions.act import Act, drop_pen, lost_because, opened
from orientation.actions.post import post
from orientation.enums import Phase
from orientation.models import Dossier
from orientation.readers import readers_of
from orientation.reading import load_many

# Pens that may be lost, a little too many: those of pupils, around a birthday, and of somebody whose authority has
# ended or is not legal (a link is never erased). The rule itself decides. What was entered in a campaign of another
# year waits for nobody any more.
SUSPECTS = """
SELECT DISTINCT d.id, d.uuid
FROM (
  SELECT dossier_id FROM orientation_pen WHERE released_at IS NULL AND representative_id IS NULL
  UNION ALL
  SELECT o.id FROM families_student s JOIN orientation_dossier o ON o.student_id = s.id
  WHERE s.birth_date <= (%(now)s + interval '1 day' - interval '18 years')::date
  UNION ALL
  SELECT o.id FROM families_guardianship g
  JOIN orientation_pen p ON p.representative_id = g.representative_id
  JOIN orientation_dossier o ON o.id = p.dossier_id AND o.student_id = g.student_id
  WHERE g.level <> 1 OR g.ended_on IS NOT NULL
) suspect
JOIN orientation_dossier d ON d.id = suspect.dossier_id
JOIN orientation_pen p ON p.dossier_id = d.id AND p.released_at IS NULL
JOIN orientation_campaign c ON c.id = d.campaign_id
JOIN families_student s ON s.id = d.student_id AND s.year = c.year
JOIN families_school e ON e.id = s.school_id
WHERE (%(academy)s::text IS NULL OR e.academy_id = %(academy)s) AND (%(school)s::int IS NULL OR e.id = %(school)s)
ORDER BY d.id
"""
# What somebody was typing for a pupil they no longer act for (ENT-07).
ORPHANS = """
DELETE FROM orientation_draft f USING orientation_dossier d, families_student s, families_school e
WHERE d.id = f.dossier_id AND s.id = d.student_id AND e.id = s.school_id AND s.user_id IS DISTINCT FROM f.user_id
  AND (%(academy)s::text IS NULL OR e.academy_id = %(academy)s) AND (%(school)s::int IS NULL OR e.id = %(school)s)
  AND NOT EXISTS (
    SELECT 1 FROM families_guardianship g JOIN families_representative r ON r.id = g.representative_id
    WHERE g.student_id = s.id AND r.user_id = f.user_id AND g.level = 1 AND g.ended_on IS NULL)
"""


def release_pen(*, dossier: UUID, phase: str, reason: str, by: Actor) -> bool:
    """The head releases a pen, with a reason; the representatives, and the pupil who acts, are told (ACC-08).

    False if nobody held it.
    """
    with opened(dossier, by=by) as act:
        return _let_go(act, phase, reason, lost=False)


def lost_pens(*, academy: str | None = None, school: School | None = None) -> dict[UUID, list[str]]:
    """Where somebody who may no longer act holds a pen, in an académie, in a school, or everywhere: its phases."""
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(SUSPECTS, {**_places(academy, school), "now": now})
        suspects = load_many(uuid for _, uuid in cursor.fetchall())
    lost = {uuid: [one.value for one in Phase if lost_because(facts, one, now)] for uuid, facts in suspects.items()}
    return {uuid: phases for uuid, phases in lost.items() if phases}


def release_lost_pens(*, by: Actor, academy: str | None = None, school: School | None = None) -> int:
    """Release each pen whose holder may no longer act, and forget their drafts; return how many pens (ACC-08).

    Who reads the dossier today is told; who has lost it is not. After each import of a school, and every night.
    """
    with connection.cursor() as cursor:
        cursor.execute(ORPHANS, _places(academy, school))
    return sum(_release_lost(uuid, by) for uuid in lost_pens(academy=academy, school=school))


def _places(academy: str | None, school: School | None) -> dict[str, Any]:
    return {"academy": academy, "school": school.pk if school else None}


def _release_lost(dossier: UUID, by: Actor) -> int:
    """Under the lock, the rule is asked again: the holder may have their authority back."""
    with opened(dossier, by=by) as act:
        lost = [(phase, reason) for phase in Phase if (reason := lost_because(act.facts, phase, act.now))]
        return sum(_let_go(act, phase, reason, lost=True) for phase, reason in lost)


def _let_go(act: Act, phase: str, reason: str, *, lost: bool) -> bool:
    released = drop_pen(act, phase, reason=reason)
    if released:
        for reader in readers_of(act.facts, act.now):
            key = f"pen_released:{act.dossier.uuid}:{phase}:{act.now.isoformat()}:{reader}"
            post(act, "pen_released", reader, about=act.dossier.uuid, key=key, phase=phase, reason=reason, lost=lost,
                 released_at=act.now.isoformat())  # fmt: skip
    return released


def note_restored(people: Iterable[tuple[Student, Representative]], *, by: Actor) -> None:
    """Somebody is a legal representative again: a pen they had lost is not given back, and the history says so."""
    now = clock.now()
    for student, person in people:
        for dossier in Dossier.objects.filter(student=student, campaign__year=student.year).order_by("pk"):
            journal.write(
                verb="authority_restored", by=by, at=now, dossier=dossier.uuid, person=str(person.uuid),
                name=person.full_name,
            )  # fmt: skip
