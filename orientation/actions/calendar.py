"""The académie's acts on its calendar: its windows, and their extension in one recorded act (CAL-02, CAL-03)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from families.models import Division, School, User
from ledger import clock, journal
from ledger.journal import Actor
from ledger.nudge import nudge
from orientation import waves
from orientation.actions.act import hold_campaign
from orientation.enums import WindowKind
from orientation.models import Campaign, Extension, PhaseWindow
from orientation.readers import READERS
from orientation.rules import Refusal, RuleBroken

# Every legal representative of the pupils concerned, and the pupil of age, once for this extension (CAL-03, MAI-07).
# An académie's own is told school after school (MAI-09).
LETTERS = (
    f"""
INSERT INTO ledger_outgoingemail (uuid, kind, recipient_uuid, dossier_uuid, about, data, dedup_key, state, not_before,
                                  created_at, attempts, last_error, message_id)
SELECT gen_random_uuid(), 'window_extended', p.uuid, d.uuid, NULL,
       jsonb_build_object('phase', e.phase, 'kind', e.kind, 'closes_at', e.closes_at),
       'window_extended:' || e.id || ':' || d.uuid || ':' || p.uuid, 'READY',
       e.at + CASE WHEN e.school_id IS NULL AND e.division_id IS NULL
                   THEN {waves.OF_PUPIL.format(student="s.id")} ELSE interval '0' END,
       e.at, 0, '', ''
FROM orientation_extension e
JOIN orientation_dossier d ON d.campaign_id = e.campaign_id
JOIN families_student s ON s.id = d.student_id
"""  # noqa: S608 (made of our own constants)
    + READERS
    + """
WHERE e.id = %(extension)s AND s.scope <> 'OUT'
  AND (e.school_id IS NULL OR e.school_id = s.school_id)
  AND (e.division_id IS NULL OR e.division_id = s.division_id)
"""
)

# What announces the council's answers waits for the day when they can be read, wherever it has moved (MAI-09).
POSTPONE = f"""
UPDATE ledger_outgoingemail o
SET not_before = GREATEST(s.published_at, w.opens_at) + {waves.OF_PUPIL.format(student="d.student_id")}
FROM orientation_councilstatement s
JOIN orientation_dossier d ON d.id = s.dossier_id
JOIN orientation_phasewindow w ON w.campaign_id = d.campaign_id AND w.phase = s.phase AND w.kind = 'CONSULTATION'
WHERE o.state = 'READY' AND o.kind IN ('opinions_available', 'opinions_changed', 'proposals_available')
  AND o.about = s.uuid AND d.campaign_id = %(campaign)s
"""  # noqa: S608 (made of our own constants)


def set_calendar(
    *, campaign: Campaign, windows: Mapping[tuple[str, str], tuple[datetime, datetime]], by: Actor
) -> list[PhaseWindow]:
    """Replace the windows of a campaign, (phase, kind) → (opens_at, closes_at), all at once.

    Raises IntegrityError when a window ends before it opens or overlaps another one of its phase (CAL-02).
    """
    with transaction.atomic():
        hold_campaign(campaign.pk)
        now = clock.now()
        PhaseWindow.objects.filter(campaign=campaign).delete()
        rows = PhaseWindow.objects.bulk_create(
            PhaseWindow(campaign=campaign, phase=phase, kind=kind, opens_at=opens_at, closes_at=closes_at)
            for (phase, kind), (opens_at, closes_at) in windows.items()
        )
        with connection.cursor() as cursor:
            cursor.execute(POSTPONE, {"campaign": campaign.pk, "wave": waves.minutes()})
        said = {f"{row.phase} {row.kind}": [row.opens_at.isoformat(), row.closes_at.isoformat()] for row in rows}
        journal.write(verb="calendar_set", by=by, at=now, **_names(campaign), windows=said)
        return rows


def extend_window(
    *, campaign: Campaign, phase: str, kind: str, closes_at: datetime, reason: str, user: User, by: Actor,
    school: School | None = None, division: Division | None = None,
) -> Extension:  # fmt: skip
    """Extend a window for an académie, a school or a division, once and for all; families concerned are told.

    Raises RuleBroken.
    """
    with transaction.atomic():
        hold_campaign(campaign.pk)
        now = clock.now()
        refusal = may_extend(
            campaign=campaign, phase=phase, kind=kind, closes_at=closes_at, school=school, division=division, now=now
        )
        if refusal is not None:
            raise RuleBroken(refusal)
        row = Extension.objects.create(
            campaign=campaign, phase=phase, kind=kind, school=school, division=division, closes_at=closes_at,
            reason=reason, at=now, by=user,
        )  # fmt: skip
        journal.write(
            verb="window_extended", by=by, at=now, **_names(campaign), phase=phase, kind=kind, reason=reason,
            closes_at=closes_at.isoformat(), school=_school(school, division),
            division=division.code if division else "",
        )  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute(LETTERS, {"extension": row.pk, "now": now, "wave": waves.minutes()})
        nudge()
        return row


def may_extend(
    *, campaign: Campaign, phase: str, kind: str, closes_at: datetime, school: School | None, division: Division | None,
    now: datetime,
) -> Refusal | None:  # fmt: skip
    """CAL-03: an extension widens only: after every end that already holds for this scope, and to come.

    An entry still ends before its consultation opens (CAL-02).
    """
    window = PhaseWindow.objects.filter(campaign=campaign, phase=phase, kind=kind).first()
    if window is None:
        return Refusal.NO_WINDOW
    ends = [window.closes_at, *_standing_ends(campaign, phase, kind, school, division)]
    if closes_at <= max(*ends, now):
        return Refusal.NOT_LATER
    follows = PhaseWindow.objects.filter(campaign=campaign, phase=phase, kind=WindowKind.CONSULTATION)
    if kind == WindowKind.ENTRY and follows.filter(opens_at__lt=closes_at).exists():
        return Refusal.WRONG_ORDER
    return None


def _standing_ends(
    campaign: Campaign, phase: str, kind: str, school: School | None, division: Division | None
) -> list[datetime]:
    """The ends already given to the same scope, or to a wider one."""
    place = school.pk if school else division.school_id if division else None
    wider = Q(school=None, division=None) | Q(school=place, division=None)
    scope = wider | Q(division=division) if division else wider
    rows = Extension.objects.filter(scope, campaign=campaign, phase=phase, kind=kind)
    return list(rows.values_list("closes_at", flat=True))


def _names(campaign: Campaign) -> dict[str, Any]:
    return {"academy": campaign.academy_id, "year": campaign.year, "level": campaign.level}


def _school(school: School | None, division: Division | None) -> str:
    place = school or (division.school if division else None)
    return place.uai if place else ""
