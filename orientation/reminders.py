"""Whose turn it is to be reminded this morning: chosen by sets, then judged by the rule, one by one (MAI-08)."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Q

from ledger.models import OutgoingEmail
from orientation import waves
from orientation.facts import Facts
from orientation.letters.priority import priority_of
from orientation.models import Campaign
from orientation.readers import readers_of
from orientation.rules import Duty, Reminder, duty, reminder_due
from orientation.rules.reminders import DAYS_BEFORE

KIND = "reminder"
AHEAD = timedelta(days=max(DAYS_BEFORE.values()) + 2)  # with the night after the last day, and a time zone

# Every dossier that the rule may remind at the instant %(now)s, and some others: where it is from 8 h to noon, a step
# ends today, in two or in seven days (orientation.rules.reminders), and something seems to be missing. Those reminded
# this morning are left out: one that was cut short, or began late, goes on where it stopped.
CANDIDATES = """
WITH place AS (
  SELECT h.id, z.zone FROM families_school h
  JOIN families_academy a ON a.code = h.academy_id
  CROSS JOIN LATERAL (SELECT COALESCE(NULLIF(h.own_timezone, ''), a.timezone) AS zone) z
  WHERE h.academy_id = %(academy)s AND date_part('hour', %(now)s AT TIME ZONE z.zone) BETWEEN 8 AND 11
    AND COALESCE((
      SELECT x.enabled OR x.at > %(now)s FROM orientation_serviceswitch x
      WHERE x.campaign_id = %(campaign)s AND x.school_id = h.id ORDER BY x.id DESC LIMIT 1), true)
), spot AS (
  SELECT DISTINCT s.school_id, s.division_id, p.zone
  FROM orientation_dossier d JOIN families_student s ON s.id = d.student_id JOIN place p ON p.id = s.school_id
  WHERE d.campaign_id = %(campaign)s
), step AS (
  SELECT t.*, w.phase, w.kind, w.opens_at, LEAST(
    GREATEST(w.closes_at, (
      SELECT max(e.closes_at) FROM orientation_extension e
      WHERE e.campaign_id = w.campaign_id AND e.phase = w.phase AND e.kind = w.kind
        AND (e.school_id IS NULL OR e.school_id = t.school_id)
        AND (e.division_id IS NULL OR e.division_id = t.division_id))),
    CASE WHEN w.kind = 'ENTRY' THEN (
      SELECT x.closes_at FROM orientation_schoolclosing x
      WHERE x.campaign_id = w.campaign_id AND x.school_id = t.school_id AND x.phase = w.phase
      ORDER BY x.id DESC LIMIT 1) END) AS ends_at
  FROM spot t JOIN orientation_phasewindow w ON w.campaign_id = %(campaign)s
), ending AS (
  SELECT t.* FROM step t CROSS JOIN LATERAL (SELECT t.ends_at AT TIME ZONE t.zone AS local) l
  WHERE t.ends_at > %(now)s
    AND l.local::date - (l.local::time <= '09:00')::int - (%(now)s AT TIME ZONE t.zone)::date = ANY(%(days)s)
), said AS (
  SELECT t.id, t.dossier_id, t.phase FROM orientation_councilstatement t
  WHERE t.published_at <= %(now)s
    AND NOT EXISTS (SELECT 1 FROM orientation_statementwithdrawal w WHERE w.statement_id = t.id)
)
SELECT DISTINCT d.uuid
FROM ending n
JOIN families_student s ON s.school_id = n.school_id AND s.division_id IS NOT DISTINCT FROM n.division_id
JOIN orientation_dossier d ON d.student_id = s.id
JOIN orientation_campaign c ON c.id = d.campaign_id
WHERE d.campaign_id = %(campaign)s AND s.scope <> 'OUT' AND s.year = c.year AND s.level IN (c.level, '')
  AND NOT EXISTS (SELECT 1 FROM orientation_decision e WHERE e.dossier_id = d.id)
  AND NOT EXISTS (
    SELECT 1 FROM ledger_outgoingemail o
    WHERE o.dossier_uuid = d.uuid AND o.kind = 'reminder' AND o.created_at > %(now)s - interval '4 hours'
      AND o.data->'asked' IS DISTINCT FROM 'true')
  AND (
    -- nothing validated, or what was validated is left aside (SIE-03), and the council is not open (CAL-06); for the
    -- choices, opinions came, or are not waited for (OPI-05)
    (n.kind = 'ENTRY' AND n.opens_at <= %(now)s AND (
      NOT EXISTS (
        SELECT 1 FROM orientation_submission m
        WHERE m.dossier_id = d.id AND m.phase = n.phase AND (m.author_kind <> 'SCHOOL' OR m.asked_by <> ''))
      OR EXISTS (SELECT 1 FROM orientation_sieclereceipt r WHERE r.dossier_id = d.id AND r.outcome = 'NOT_PROCESSED'))
      AND NOT EXISTS (
        SELECT 1 FROM orientation_classcouncil k
        WHERE k.campaign_id = c.id AND k.division_id = s.division_id AND k.phase = n.phase AND k.opened_at IS NOT NULL)
      AND (
        n.phase = 'PROVISIONAL' OR EXISTS (SELECT 1 FROM orientation_gatelift l WHERE l.dossier_id = d.id)
        OR EXISTS (
          SELECT 1 FROM orientation_councilstatement t WHERE t.dossier_id = d.id AND t.phase = 'PROVISIONAL')))
    -- opinions to acknowledge until the definitive entry closes, or their own consultation where there is none (OPI-05)
    OR ((n.phase, n.kind) IN (('DEFINITIVE', 'ENTRY'), ('PROVISIONAL', 'CONSULTATION')) AND EXISTS (
      SELECT 1 FROM said t WHERE t.dossier_id = d.id AND t.phase = 'PROVISIONAL'
        AND NOT EXISTS (SELECT 1 FROM orientation_acknowledgement k WHERE k.statement_id = t.id)))
    -- proposals to answer, or an answer to agree to (ANS-06)
    OR ((n.phase, n.kind) = ('DEFINITIVE', 'CONSULTATION') AND n.opens_at <= %(now)s AND EXISTS (
      SELECT 1 FROM said t LEFT JOIN orientation_familyanswer f ON f.statement_id = t.id
      WHERE t.dossier_id = d.id AND t.phase = 'DEFINITIVE' AND (f.id IS NULL OR c.answered_by = 'ALL'))))
"""


def campaigns_ending(now: datetime) -> list[Campaign]:
    """Those where a step may end soon: the académie's end, an extension of it, or a school's own closing."""
    soon = (now, now + AHEAD)
    ends = Q(windows__closes_at__range=soon) | Q(extensions__closes_at__range=soon)
    return list(Campaign.objects.filter(ends | Q(closings__closes_at__range=soon)).distinct().order_by("pk"))


def candidates(campaign: Campaign, now: datetime) -> list[UUID]:
    """The dossiers of a campaign that the rule must judge now, in one statement; never one too few."""
    with connection.cursor() as cursor:
        cursor.execute(
            CANDIDATES,
            {
                "campaign": campaign.pk, "academy": campaign.academy_id, "now": now, "days": [*DAYS_BEFORE.values()],
            },
        )  # fmt: skip
        return [uuid for (uuid,) in cursor]


def owing(facts: Facts, now: datetime) -> Iterator[tuple[UUID, Duty]]:
    """Each person who still has something to do in this dossier, and what."""
    for reader in readers_of(facts, now):
        if owed := duty(facts, reader, now):
            yield reader, owed


def letters_of_today(found: Iterable[Facts], now: datetime) -> list[OutgoingEmail]:
    """The reminders of this morning, not yet written: the rule says to whom, and whether it is the day."""
    return [
        letter(facts, reader, owed, when, now=now)
        for facts in found
        for reader, owed in owing(facts, now)
        if (when := reminder_due(facts, owed, now))
    ]


def letter(facts: Facts, reader: UUID, owed: Duty, when: str, *, now: datetime, asked: bool = False) -> OutgoingEmail:
    """One reminder. `asked`: by the school, now; by itself it leaves with the wave, except on the last day."""
    wave = timedelta() if asked or when == Reminder.LAST_DAY else waves.of_school(facts.uai)
    return OutgoingEmail(
        kind=KIND, recipient_uuid=reader, dossier_uuid=facts.uuid, about=facts.uuid, created_at=now,
        not_before=now + wave, dedup_key=key(facts, reader, owed, when), priority=priority_of(KIND),
        data={"phase": owed.phase, "need": owed.need, "when": when, "asked": asked},
    )  # fmt: skip


def key(facts: Facts, reader: UUID, owed: Duty, when: str) -> str:
    """One letter a person, step, day and deadline: another deadline reminds anew (CAL-03)."""
    end = owed.by.astimezone(facts.timezone).date().isoformat() if owed.by else ""
    return f"{KIND}:{owed.phase}:{owed.need}:{when}:{end}:{facts.uuid}:{reader}"
