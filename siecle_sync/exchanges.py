"""« Où en est ma ligne ? »: what became of each act of one dossier on its way to Siècle, and what came from there.

Five queries, whatever the history (SIE-01, SIE-03).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Q, QuerySet, TextChoices

from orientation.dates import instant
from orientation.models import Dossier
from orientation.wording import words_of
from siecle_sync import contract
from siecle_sync.models import Direction, HeldLine, PartState, RunLine, RunPart, RunState


class Fate(TextChoices):
    """What became of a line, one way or the other."""

    WAITING = "WAITING", "pas encore transmis"
    SENT = "SENT", "transmis"
    TAKEN = "TAKEN", "pris en compte"
    NOT_PROCESSED = "NOT_PROCESSED", "non traité"
    REJECTED = "REJECTED", "rejeté"
    RECEIVED = "RECEIVED", "reçu"
    ASIDE = "ASIDE", "laissé de côté"
    HELD = "HELD", "en attente"


BAD = {Fate.NOT_PROCESSED, Fate.REJECTED, Fate.HELD}


@dataclass(frozen=True, slots=True)
class Crossing:
    """One act: what, when it was done (None: the line does not say), what became of it, in a sentence."""

    what: str
    at: datetime | None
    fate: Fate
    sentence: str

    @property
    def bad(self) -> bool:
        return self.fate in BAD


# --- what we send -----------------------------------------------------------------------------------------------------
# Each act of the family, what Siècle said of it for good, and the last night that signalled it.
SENT_SQL = """
WITH statement AS (SELECT id, phase FROM orientation_councilstatement WHERE dossier_id = %(dossier)s),
answer AS (SELECT f.*, s.phase FROM orientation_familyanswer f JOIN statement s ON s.id = f.statement_id),
act AS (
  SELECT 'ENTRY' AS kind, x.uuid AS ref, x.submitted_at AS at, x.phase, x.version::integer, x.author_name AS who
  FROM orientation_submission x WHERE x.dossier_id = %(dossier)s AND x.author_kind <> 'SCHOOL'
  UNION ALL
  SELECT 'ACKNOWLEDGEMENT', x.uuid, x.at, s.phase, NULL, x.author_name
  FROM orientation_acknowledgement x JOIN statement s ON s.id = x.statement_id
  UNION ALL
  SELECT 'ANSWER', x.uuid, x.at, x.phase, NULL, x.author_name FROM answer x WHERE x.author_kind <> 'SCHOOL'
  UNION ALL
  SELECT 'AGREEMENT', x.uuid, x.at, f.phase, NULL, x.author_name
  FROM orientation_agreement x JOIN answer f ON f.id = x.answer_id
  UNION ALL
  SELECT 'DECISION', x.uuid, x.at, f.phase, NULL, ''
  FROM orientation_decision x JOIN answer f ON f.id = x.answer_id AND f.author_kind <> 'SCHOOL'
)
SELECT act.kind, act.at, act.phase, act.version, act.who, r.outcome, r.at, l.outcome, l.code, l.sentence, l.started_at
FROM act
LEFT JOIN orientation_sieclereceipt r ON r.ref = act.ref
LEFT JOIN LATERAL (
  SELECT x.outcome, x.code, x.sentence, n.started_at
  FROM siecle_sync_runline x JOIN siecle_sync_run n ON n.id = x.run_id AND n.state <> 'DRY'
  WHERE x.ref = act.ref::text AND x.direction = 'OUT' ORDER BY x.id DESC LIMIT 1) l ON true
ORDER BY act.at, act.kind
"""
NAMES = {
    contract.ACKNOWLEDGEMENT: "Accusé de réception des avis",
    contract.ANSWER: "Réponse aux propositions",
    contract.AGREEMENT: "Accord ou désaccord avec la réponse",
    contract.DECISION: "Décision d’orientation par acceptation",
    contract.STATEMENT: "Réponse du conseil de classe",
    contract.SCHOOL_ENTRY: "Demande saisie par l’établissement",
    contract.SCHOOL_CHANGE: "Demande modifiée par l’établissement",
    contract.SCHOOL_ANSWER: "Réponse enregistrée par l’établissement",
    contract.HEAD_DECISION: "Décision du chef d’établissement ou de la commission d’appel",
}


def sent(dossier: Dossier) -> list[Crossing]:
    """Each act of the family, in order."""
    zone, travelling = dossier.student.school.timezone, deposited_at(dossier)
    return [_crossing(row, zone, travelling) for row in _rows(SENT_SQL, dossier=dossier.pk)]


def deposited_at(dossier: Dossier) -> datetime | None:
    """Since when the lines of this school are deposited in Siècle without their report, in a night not over."""
    uai = dossier.student.school.uai
    parts = RunPart.objects.filter(
        Q(uai_before="") | Q(uai_before__gt=uai), run__campaign=dossier.campaign_id, uai_from__lte=uai,
        run__state=RunState.RUNNING, deposit__isnull=False,
    ).exclude(Q(counters__has_key="out") | Q(state=PartState.FINISHED))  # fmt: skip
    return parts.values_list("started_at", flat=True).first()


def _crossing(row: tuple[Any, ...], zone: ZoneInfo, travelling: datetime | None) -> Crossing:
    kind, at, phase, version, who, final, final_at, outcome, code, sentence, night = row
    what = _entry(phase, version) if kind == contract.ENTRY else NAMES[kind]
    what = f"{what} ({who})" if who else what
    why = _why(code or (final and "COUNCIL_OPEN"), sentence)
    if final == contract.ACCEPTED:
        return Crossing(what, at, Fate.TAKEN, f"Transmis et pris en compte par Siècle le {instant(final_at, zone)}.")
    if final:
        return Crossing(what, at, Fate.NOT_PROCESSED, f"Transmis le {instant(final_at, zone)}\u00a0: {why}")
    if travelling and travelling >= at:
        said = f"Transmis le {instant(travelling, zone)}\u00a0; Siècle n’en a pas encore rendu compte."
        return Crossing(what, at, Fate.SENT, said)
    if outcome == contract.REJECTED:
        said = f"Le {instant(night, zone)}\u00a0: {why} Renvoyé chaque nuit, sans rien faire."
        return Crossing(what, at, Fate.REJECTED, said)
    return Crossing(what, at, Fate.WAITING, "Partira la prochaine nuit.")


def _entry(phase: str, version: int) -> str:
    return f"{words_of(phase).title}, version {version}"


def _why(code: str | None, sentence: str | None) -> str:
    return sentence or contract.SENTENCES.get(code or "", code or "sans motif donné")


# --- what we receive --------------------------------------------------------------------------------------------------
RECEIVED_SQL = """
WITH said AS (
  SELECT j.at, COALESCE(j.data->>'submission', j.data->>'answer', j.data->>'decision') AS ref FROM ledger_journalentry j
  WHERE j.dossier_uuid = %(uuid)s AND j.verb IN (
    'school_entry_received', 'entry_changed_by_school', 'answer_recorded_by_school', 'decision_made'))
SELECT 'STATEMENT' AS kind, t.siecle_ref, t.entered_at AS at, t.received_at, t.phase, t.version::integer
FROM orientation_councilstatement t WHERE t.dossier_id = %(dossier)s
UNION ALL
SELECT CASE WHEN x.asked_by = '' THEN 'SCHOOL_ENTRY' ELSE 'SCHOOL_CHANGE' END, x.siecle_ref, x.submitted_at, said.at,
       x.phase, x.version::integer
FROM orientation_submission x LEFT JOIN said ON said.ref = x.uuid::text
WHERE x.dossier_id = %(dossier)s AND x.author_kind = 'SCHOOL'
UNION ALL
SELECT 'SCHOOL_ANSWER', x.siecle_ref, x.at, said.at, t.phase, NULL
FROM orientation_familyanswer x JOIN orientation_councilstatement t ON t.id = x.statement_id
LEFT JOIN said ON said.ref = x.uuid::text
WHERE t.dossier_id = %(dossier)s AND x.author_kind = 'SCHOOL'
UNION ALL
SELECT 'HEAD_DECISION', x.siecle_ref, x.at, said.at, 'DEFINITIVE', NULL
FROM orientation_decision x LEFT JOIN said ON said.ref = x.uuid::text
WHERE x.dossier_id = %(dossier)s AND x.siecle_ref IS NOT NULL
ORDER BY 3, 1
"""


def received(dossier: Dossier) -> list[Crossing]:
    """What the school and the council said in Siècle: taken in, then what is refused or waits of this pupil's lines."""
    zone = dossier.student.school.timezone
    rows = list(_rows(RECEIVED_SQL, dossier=dossier.pk, uuid=dossier.uuid))
    held = list(about_it(HeldLine.objects.filter(campaign=dossier.campaign_id), dossier, "line__eleve_id"))
    known = {row[1] for row in rows} | {one.line.get("ref") for one in held}
    return [
        *(_arrival(row, zone) for row in rows),
        *(_held(one, zone) for one in held),
        *(_refused(one, zone) for one in signalled(dossier) if one.ref not in known),
    ]


def _arrival(row: tuple[Any, ...], zone: ZoneInfo) -> Crossing:
    kind, _, at, arrived, phase, version = row
    what = f"{NAMES[kind]}, {words_of(phase).title.lower()}{f', version {version}' if version else ''}"
    said = f"Reçu de Siècle le {instant(arrived, zone)}." if arrived else "Reçu de Siècle."
    return Crossing(what, at, Fate.RECEIVED, said)


def _held(line: HeldLine, zone: ZoneInfo) -> Crossing:
    why = contract.SENTENCES.get(line.code, line.code)
    said = f"Depuis le {instant(line.since, zone)}\u00a0: {why} Examiné de nouveau chaque nuit."
    return Crossing(NAMES.get(line.line.get("kind"), "Ligne de Siècle"), None, Fate.HELD, said)


def _refused(line: RunLine, zone: ZoneInfo) -> Crossing:
    what, why = NAMES.get(line.kind, "Ligne de Siècle"), _why(line.code, line.sentence)
    when = instant(line.run.started_at, zone)
    if line.outcome == contract.REJECTED:
        return Crossing(what, None, Fate.REJECTED, f"Refusé ici le {when}\u00a0: {why} À corriger dans Siècle.")
    return Crossing(what, None, Fate.ASIDE, f"Le {when}\u00a0: {why}")


def signalled(dossier: Dossier) -> list[RunLine]:
    """The lines of Siècle about this pupil that were not simply taken: the last that was said of each."""
    rows = RunLine.objects.filter(run__campaign=dossier.campaign_id, direction=Direction.IN)
    rows = about_it(rows.exclude(run__state=RunState.DRY), dossier, "eleve_id").select_related("run")
    last = {line.seq: line for line in rows.order_by("pk")}
    return [last[seq] for seq in sorted(last)]


def about_it(rows: QuerySet[Any], dossier: Dossier, path: str) -> QuerySet[Any]:
    pupil = dossier.student
    return rows.filter(**{"uai": pupil.school.uai, path: str(pupil.siecle_id)})


def _rows(query: str, **values: object) -> Iterator[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        yield from cursor.fetchall()
