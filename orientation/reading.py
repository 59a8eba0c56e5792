"""Read the facts of one dossier, or of several, in one query, whatever their history."""

import json
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection

from ledger.prepared import Prepared
from orientation.facts import (
    AnswerLine,
    CouncilFact,
    DecisionFact,
    Facts,
    FamilyAnswerFact,
    MeetingFact,
    ObjectionFact,
    PenFact,
    Person,
    Policies,
    RefusalFact,
    SignatureFact,
    StatementFact,
    SubmissionFact,
    Window,
)
from orientation.pathways import Choice

Json = dict[str, Any]


class UnknownDossier(LookupError):
    """No dossier with this uuid."""


def load_facts(dossier: UUID) -> Facts:
    """Read one dossier's facts in one query. Raises UnknownDossier."""
    found = load_many([dossier])
    if dossier not in found:
        raise UnknownDossier(dossier)
    return found[dossier]


def load_many(dossiers: Iterable[UUID]) -> dict[UUID, Facts]:
    """Read the facts of several dossiers in one query; an unknown one is left out."""
    with connection.cursor() as cursor:
        FACTS.execute(cursor, [list(dossiers)])
        found = [_facts(json.loads(row)) for (row,) in cursor]
    return {facts.uuid: facts for facts in found}


def _facts(data: Json) -> Facts:
    return Facts(
        id=data["id"],
        uuid=UUID(data["uuid"]),
        level=data["level"],
        policies=Policies(**{**data["policies"], "opinion_values": tuple(data["policies"]["opinion_values"])}),
        timezone=ZoneInfo(data["timezone"]),
        student=UUID(data["student"]),
        student_name=data["student_name"],
        birth_date=date.fromisoformat(data["birth_date"]),
        enrolled=data["enrolled"],
        left_on=_maybe_day(data["left_on"]),
        uai=data["uai"],
        specialties_offered=tuple(data["specialties_offered"] or ()),
        representatives=tuple(
            Person(UUID(one["uuid"]), one["name"], one["has_email"], one["account"], one["email_refused"])
            for one in data["representatives"]
        ),
        windows=tuple(
            ((one["phase"], one["kind"]), Window(_at(one["opens_at"]), _at(one["closes_at"])))
            for one in data["windows"]
        ),
        closings=tuple((one["phase"], _at(one["closes_at"])) for one in data["closings"] if one["closes_at"]),
        switched_off_at=_maybe(data["switched_off_at"]),
        councils=tuple(
            (one["phase"], CouncilFact(_maybe_day(one["held_on"]), _maybe(one["opened_at"])))
            for one in data["councils"]
        ),
        pens=tuple((one["phase"], PenFact(UUID(one["holder"]), one["name"])) for one in data["pens"]),
        submissions=tuple(_submission(one) for one in data["submissions"]),
        statements=tuple(_statement(one) for one in data["statements"]),
        gate_lifted=data["gate_lifted"] or "",
        decisions=tuple(
            DecisionFact(
                UUID(one["uuid"]), one["origin"], _at(one["at"]), _maybe_day(one["notified_on"]), _keys(one["pathways"])
            )
            for one in data["decisions"]
        ),
        meetings=tuple(MeetingFact(date.fromisoformat(one["held_on"]), one["present"]) for one in data["meetings"]),
        appealed_on=_maybe_day(data["appealed_on"]),
        refusals=tuple(RefusalFact(UUID(one["ref"]), _at(one["since"])) for one in data["refusals"]),
    )


def _submission(data: Json) -> SubmissionFact:
    return SubmissionFact(
        uuid=UUID(data["uuid"]),
        phase=data["phase"],
        version=data["version"],
        author_kind=data["author_kind"],
        author=_maybe_uuid(data["author"]),
        author_name=data["author_name"],
        at=_at(data["at"]),
        choices=tuple(Choice.from_json(one) for one in data["choices"]),
        outcome=data["outcome"] or "",
        outcome_at=_maybe(data["outcome_at"]),
        asked_by=data["asked_by"],
        asked_on=_maybe_day(data["asked_on"]),
        objections=tuple(
            ObjectionFact(UUID(one["uuid"]), _maybe_uuid(one["author"]), one["name"], _at(one["at"]), one["reason"])
            for one in data["objections"]
        ),
    )


def _statement(data: Json) -> StatementFact:
    answer = data["family_answer"]
    acknowledgement = data["acknowledgement"]
    return StatementFact(
        uuid=UUID(data["uuid"]),
        phase=data["phase"],
        version=data["version"],
        submission=_maybe_uuid(data["submission"]),
        published_at=_at(data["published_at"]),
        answers=tuple(AnswerLine(**one) for one in data["answers"]),
        withdrawn_at=_maybe(data["withdrawn_at"]),
        withdrawn_because=data["withdrawn_because"] or "",
        division=data["division"],
        acknowledgement=_signature(acknowledgement) if acknowledgement else None,
        family_answer=_family_answer(answer) if answer else None,
    )


def _family_answer(data: Json) -> FamilyAnswerFact:
    return FamilyAnswerFact(
        uuid=UUID(data["uuid"]),
        kind=data["kind"],
        author_kind=data["author_kind"],
        author=_maybe_uuid(data["author"]),
        author_name=data["author_name"],
        at=_at(data["at"]),
        accepted=_keys(data["accepted"]),
        agreements=tuple(_signature(one) for one in data["agreements"]),
    )


def _signature(data: Json) -> SignatureFact:
    return SignatureFact(
        UUID(data["uuid"]), _maybe_uuid(data["author"]), data["author_name"], _at(data["at"]), data.get("agrees")
    )


def _keys(pairs: list[list[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((pathway, series) for pathway, series in pairs)


def _at(value: str) -> datetime:
    return datetime.fromisoformat(value)


def _maybe(value: str | None) -> datetime | None:
    return _at(value) if value else None


def _maybe_day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None


def _maybe_uuid(value: str | None) -> UUID | None:
    return UUID(value) if value else None


FACTS = Prepared(
    "facts",
    "uuid[]",
    """
SELECT json_build_object(
  'id', d.id, 'uuid', d.uuid, 'level', c.level,
  'policies', json_build_object(
    'max_choices', c.max_choices, 'acknowledgement_by', c.acknowledgement_by, 'opinion_change', c.opinion_change,
    'objection', c.objection, 'answered_by', c.answered_by, 'acceptances', c.acceptances, 'recap_to', c.recap_to,
    'recap_when', c.recap_when, 'free_text', c.free_text, 'opinion_values', c.opinion_values,
    'specialties', c.specialties, 'specialties_if_outside', c.specialties_if_outside),
  'timezone', COALESCE(NULLIF(school.own_timezone, ''), academy.timezone),
  'student', s.uuid,
  'student_name', s.first_name || ' ' || COALESCE(NULLIF(s.usage_name, ''), s.family_name),
  'birth_date', s.birth_date,
  'enrolled', s.scope <> 'OUT' AND s.year = c.year AND s.level IN (c.level, ''), 'left_on', s.leaves_on,
  'uai', school.uai,
  'specialties_offered', (
    SELECT x.specialties FROM orientation_specialtyoffer x
    WHERE x.campaign_id = c.id AND x.school_id = s.school_id ORDER BY x.id DESC LIMIT 1),
  'representatives', (
    SELECT COALESCE(json_agg(json_build_object(
      'uuid', r.uuid, 'name', r.first_name || ' ' || COALESCE(NULLIF(r.usage_name, ''), r.family_name),
      'has_email', r.email <> '', 'account', r.user_id,
      'email_refused', r.email_refused_at IS NOT NULL) ORDER BY r.id), '[]')
    FROM families_guardianship g JOIN families_representative r ON r.id = g.representative_id
    WHERE g.student_id = s.id AND g.level = 1 AND g.ended_on IS NULL),
  'windows', (
    SELECT COALESCE(json_agg(json_build_object(
      'phase', w.phase, 'kind', w.kind, 'opens_at', w.opens_at,
      'closes_at', GREATEST(w.closes_at, (
        SELECT max(e.closes_at) FROM orientation_extension e
        WHERE e.campaign_id = c.id AND e.phase = w.phase AND e.kind = w.kind
          AND (e.school_id IS NULL OR e.school_id = s.school_id)
          AND (e.division_id IS NULL OR e.division_id = s.division_id)))) ORDER BY w.opens_at), '[]')
    FROM orientation_phasewindow w WHERE w.campaign_id = c.id),
  'closings', (
    SELECT COALESCE(json_agg(json_build_object('phase', x.phase, 'closes_at', x.closes_at)), '[]')
    FROM (SELECT DISTINCT ON (phase) phase, closes_at FROM orientation_schoolclosing
          WHERE campaign_id = c.id AND school_id = s.school_id ORDER BY phase, id DESC) x),
  'switched_off_at', (
    SELECT CASE WHEN x.enabled THEN NULL ELSE x.at END
    FROM (SELECT enabled, at FROM orientation_serviceswitch
          WHERE campaign_id = c.id AND school_id = s.school_id ORDER BY id DESC LIMIT 1) x),
  'councils', (
    SELECT COALESCE(json_agg(json_build_object(
      'phase', k.phase, 'held_on', k.held_on, 'opened_at', k.opened_at)), '[]')
    FROM (VALUES ('PROVISIONAL'), ('DEFINITIVE')) f (phase)
    CROSS JOIN LATERAL (SELECT COALESCE((
      SELECT t.division_id FROM orientation_councilstatement t
      WHERE t.dossier_id = d.id AND t.phase = f.phase
        AND NOT EXISTS (SELECT 1 FROM orientation_statementwithdrawal wd WHERE wd.statement_id = t.id)
      ORDER BY t.version DESC LIMIT 1), s.division_id) AS id OFFSET 0) division
    CROSS JOIN LATERAL (
      SELECT held_on, opened_at, phase FROM orientation_classcouncil
      WHERE campaign_id = c.id AND division_id = division.id AND phase = f.phase OFFSET 0) k),
  'pens', (
    SELECT COALESCE(json_agg(json_build_object('phase', p.phase, 'holder', COALESCE(r.uuid, s.uuid),
      'name', CASE WHEN r.id IS NULL THEN s.first_name || ' ' || COALESCE(NULLIF(s.usage_name, ''), s.family_name)
              ELSE r.first_name || ' ' || COALESCE(NULLIF(r.usage_name, ''), r.family_name) END)), '[]')
    FROM orientation_pen p LEFT JOIN families_representative r ON r.id = p.representative_id
    WHERE p.dossier_id = d.id AND p.released_at IS NULL),
  'submissions', (
    SELECT COALESCE(json_agg(json_build_object(
      'uuid', m.uuid, 'phase', m.phase, 'version', m.version, 'author_kind', m.author_kind,
      'author', COALESCE(r.uuid, st.uuid), 'author_name', m.author_name, 'at', m.submitted_at,
      'asked_by', m.asked_by, 'asked_on', m.asked_on, 'outcome', rc.outcome, 'outcome_at', rc.at,
      'choices', (
        SELECT COALESCE(json_agg(json_build_object(
          'pathway', h.pathway, 'series', h.series, 'free_text', h.free_text, 'school_status', h.school_status,
          'apprentice_status', h.apprentice_status, 'details', h.details) ORDER BY h.rank), '[]')
        FROM orientation_rankedchoice h WHERE h.submission_id = m.id),
      'objections', (
        SELECT COALESCE(json_agg(json_build_object('uuid', o.uuid, 'author', COALESCE(r3.uuid, st3.uuid),
          'name', o.author_name, 'at', o.at, 'reason', o.reason) ORDER BY o.id), '[]')
        FROM orientation_entryobjection o
        LEFT JOIN families_representative r3 ON r3.id = o.representative_id
        LEFT JOIN families_student st3 ON st3.id = o.student_id
        WHERE o.submission_id = m.id)) ORDER BY m.phase DESC, m.version), '[]')
    FROM orientation_submission m
    LEFT JOIN families_representative r ON r.id = m.representative_id
    LEFT JOIN families_student st ON st.id = m.student_id
    LEFT JOIN orientation_sieclereceipt rc ON rc.ref = m.uuid
    WHERE m.dossier_id = d.id),
  'statements', (
    SELECT COALESCE(json_agg(json_build_object(
      'uuid', t.uuid, 'phase', t.phase, 'version', t.version, 'submission', m.uuid, 'published_at', t.published_at,
      'withdrawn_at', wd.at, 'withdrawn_because', wd.reason, 'division', dv.code,
      'answers', (
        SELECT COALESCE(json_agg(json_build_object(
          'id', a.id, 'pathway', a.pathway, 'series', a.series, 'requested', a.requested, 'value', a.value,
          'comment', a.comment) ORDER BY a.position), '[]')
        FROM orientation_councilanswer a WHERE a.statement_id = t.id),
      'acknowledgement', (
        SELECT json_build_object('uuid', k.uuid, 'author', COALESCE(r.uuid, st.uuid), 'author_name', k.author_name,
          'at', k.at)
        FROM orientation_acknowledgement k
        LEFT JOIN families_representative r ON r.id = k.representative_id
        LEFT JOIN families_student st ON st.id = k.student_id WHERE k.statement_id = t.id),
      'family_answer', (
        SELECT json_build_object('uuid', f.uuid, 'kind', f.kind, 'author_kind', f.author_kind,
          'author', COALESCE(r.uuid, st.uuid), 'author_name', f.author_name, 'at', f.at,
          'accepted', (
            SELECT COALESCE(json_agg(json_build_array(a.pathway, a.series) ORDER BY a.position), '[]')
            FROM orientation_acceptedpathway ap JOIN orientation_councilanswer a ON a.id = ap.council_answer_id
            WHERE ap.answer_id = f.id),
          'agreements', (
            SELECT COALESCE(json_agg(json_build_object('uuid', g.uuid,
              'author', COALESCE(r2.uuid, st2.uuid), 'author_name', g.author_name, 'at', g.at,
              'agrees', g.agrees) ORDER BY g.at), '[]')
            FROM orientation_agreement g
            LEFT JOIN families_representative r2 ON r2.id = g.representative_id
            LEFT JOIN families_student st2 ON st2.id = g.student_id
            WHERE g.answer_id = f.id))
        FROM orientation_familyanswer f
        LEFT JOIN families_representative r ON r.id = f.representative_id
        LEFT JOIN families_student st ON st.id = f.student_id WHERE f.statement_id = t.id)
      ) ORDER BY t.phase DESC, t.version), '[]')
    FROM orientation_councilstatement t
    JOIN families_division dv ON dv.id = t.division_id
    LEFT JOIN orientation_submission m ON m.id = t.submission_id
    LEFT JOIN orientation_statementwithdrawal wd ON wd.statement_id = t.id
    WHERE t.dossier_id = d.id),
  'gate_lifted', (SELECT l.reason FROM orientation_gatelift l WHERE l.dossier_id = d.id),
  'decisions', (
    SELECT COALESCE(json_agg(json_build_object('uuid', e.uuid, 'origin', e.origin, 'at', e.at,
      'notified_on', e.notified_on, 'pathways', (
        SELECT COALESCE(json_agg(json_build_array(dp.pathway, dp.series) ORDER BY dp.id), '[]')
        FROM orientation_decidedpathway dp WHERE dp.decision_id = e.id)) ORDER BY e.at), '[]')
    FROM orientation_decision e WHERE e.dossier_id = d.id),
  'meetings', (
    SELECT COALESCE(json_agg(json_build_object('held_on', w.held_on, 'present', w.present) ORDER BY w.held_on), '[]')
    FROM orientation_meeting w WHERE w.dossier_id = d.id),
  'appealed_on', (SELECT w.filed_on FROM orientation_appeal w WHERE w.dossier_id = d.id),
  'refusals', (
    SELECT COALESCE(json_agg(json_build_object('ref', x.ref, 'since', x.since) ORDER BY x.since, x.ref), '[]')
    FROM (SELECT j.data->>'ref' AS ref, min(j.at) AS since FROM ledger_journalentry j
          WHERE j.dossier_uuid = d.uuid AND j.verb = 'line_rejected' GROUP BY 1) x
    WHERE NOT EXISTS (SELECT 1 FROM orientation_sieclereceipt rc WHERE rc.ref = x.ref::uuid))
)::text
FROM orientation_dossier d
JOIN orientation_campaign c ON c.id = d.campaign_id
JOIN families_student s ON s.id = d.student_id
JOIN families_school school ON school.id = s.school_id
JOIN families_academy academy ON academy.code = school.academy_id
WHERE d.uuid = ANY($1)
""",
)
