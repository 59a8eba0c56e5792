"""What the staff read of one dossier: what was said in each phase, by whom, and its history."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from families.powers import Power
from ledger.models import ActorKind, JournalEntry, OutgoingEmail
from orientation.admin.wording import letter_label, verb_label
from orientation.dates import day, instant, zone_words
from orientation.enums import AnswerKind, DecisionOrigin, Phase, Proposal, WithdrawalReason
from orientation.facts import Facts, StatementFact, SubmissionFact
from orientation.leads import not_followed, still_awaited
from orientation.models import Dossier
from orientation.pathways import Choice, label_of
from orientation.reading import load_facts
from orientation.rules import (
    Disagreement,
    Gate,
    appeal_deadline,
    appeal_is_late,
    entry_in_force,
    gate,
    last_statement,
    not_processed,
    pen_holder,
    standing_disagreement,
)
from orientation.school_changes import acknowledged_versions, changes_between, read_before
from orientation.wording import phase_title


def detail(dossier: Dossier, now: datetime, powers: set[Power]) -> dict[str, Any]:
    """The context of the page for who has these powers on it; five queries, whatever the history."""
    decides = Power.DECIDE in powers
    facts = load_facts(dossier.uuid)
    zone = facts.timezone
    return {
        "title": f"Dossier\u00a0: {facts.student_name}",
        "dossier": dossier,
        "zone": zone_words(zone),
        "representatives": facts.representatives,
        "phases": [phase_detail(facts, phase, dossier, now, decides) for phase in Phase],
        "gate": gate(facts, now),
        "gate_lifted": facts.gate_lifted,
        "not_followed": "" if facts.enrolled else not_followed(facts),
        "awaited": still_awaited(facts, now),
        "may_lift": decides and gate(facts, now) is Gate.NOTHING_TO_ACKNOWLEDGE,
        **contested(facts, now, works=Power.WORK in powers),
        "history": history(dossier, zone),
        "letters": letters(dossier, facts, zone),
    }  # fmt: skip


def contested(facts: Facts, now: datetime, *, works: bool) -> dict[str, Any]:
    """The disagreement, the meetings, the decisions, the appeal and its delay (ANS-07, SIE-08)."""
    why, end = standing_disagreement(facts, now), appeal_deadline(facts)
    return {
        "disagreement": DISAGREEMENTS[why] if why else "",
        "meetings": [{"held_on": day(one.held_on), "present": one.present} for one in facts.meetings],
        "may_meet": works and why is not None,
        "decisions": [
            {
                "origin": DecisionOrigin(one.origin).label, "at": instant(one.at, facts.timezone),
                "labels": one.labels, "notified_on": day(one.notified_on) if one.notified_on else "",
            }
            for one in facts.decisions
        ],
        "last_day": day(end) if end else "",
        "appealed_on": day(facts.appealed_on) if facts.appealed_on else "",
        "late_appeal": appeal_is_late(facts),
        "may_appeal": works and end is not None and facts.appealed_on is None,
    }  # fmt: skip


DISAGREEMENTS = {
    Disagreement.REFUSED: "la famille a refusé toutes les propositions",
    Disagreement.DISAGREED: "un représentant n’est pas d’accord avec la réponse donnée",
    Disagreement.SILENT: "la période de réponse est terminée et il manque une réponse",
}


def phase_detail(facts: Facts, phase: str, dossier: Dossier, now: datetime, decides: bool) -> dict[str, Any]:
    holder = pen_holder(facts, phase, now)
    in_force = entry_in_force(facts, phase)
    late = {one.uuid for one in not_processed(facts, phase)}
    pen = facts.pen(phase)
    return {
        "phase": phase,
        "title": phase_title(phase, dossier.student.school),
        "pen": pen.name if pen and holder else "",
        "may_release": decides and holder is not None,
        "entries": [
            entry_detail(one, facts.timezone, in_force=one == in_force, late=one.uuid in late)
            for one in facts.submissions
            if one.phase == phase
        ],
        "statements": [statement_detail(one, facts) for one in facts.statements if one.phase == phase],
        "changed_since": phase == Phase.PROVISIONAL and changed_since(facts),
    }


def changed_since(facts: Facts) -> str:
    """OPI-04: who acknowledged opinions that no longer stand, as long as nobody has acknowledged the others."""
    standing = last_statement(facts, Phase.PROVISIONAL)
    before = acknowledged_versions(facts)
    if not before or (standing is not None and standing.acknowledgement):
        return ""
    signed = before[-1].acknowledgement
    return f"{signed.author_name}, {instant(signed.at, facts.timezone)}" if signed else ""


def entry_detail(entry: SubmissionFact, zone: ZoneInfo, *, in_force: bool, late: bool) -> dict[str, Any]:
    return {
        "version": entry.version,
        "author": entry.author_name,
        "at": instant(entry.at, zone),
        "by_school": entry.author_kind == "SCHOOL" and not entry.asked_by,
        "asked": f"{entry.asked_by}, {day(entry.asked_on)}" if entry.asked_by and entry.asked_on else "",
        "in_force": in_force,
        "late": late,
        "choices": [choice_words(one) for one in entry.choices],
        "objections": [
            {"who": f"{one.author_name}, {instant(one.at, zone)}", "reason": one.reason} for one in entry.objections
        ],
    }


def choice_words(choice: Choice) -> str:
    return ", ".join([choice.label, *choice.lines])


def statement_detail(statement: StatementFact, facts: Facts) -> dict[str, Any]:
    answer, signed, zone = statement.family_answer, statement.acknowledgement, facts.timezone
    before = read_before(facts, statement)
    return {
        "version": statement.version,
        "published": instant(statement.published_at, zone),
        "withdrawn": instant(statement.withdrawn_at, zone) if statement.withdrawn_at else "",
        "because": WithdrawalReason(statement.withdrawn_because).label if statement.withdrawn_because else "",
        "lines": [
            {"label": one.label, "requested": one.requested, "value": said(one.value), "comment": one.comment}
            for one in statement.answers
        ],
        "since": before.version if before else 0,
        "changes": changes_between(before, statement) if before else (),
        "acknowledged": f"{signed.author_name}, {instant(signed.at, zone)}" if signed else "",
        "answer": AnswerKind(answer.kind).label if answer else "",
        "answered": f"{answer.author_name}, {instant(answer.at, zone)}" if answer else "",
        "accepted": [label_of(*key) for key in answer.accepted] if answer else [],
        "agreements": [
            f"{one.author_name} : {'oui' if one.agrees else 'non'}, {instant(one.at, zone)}"
            for one in (answer.agreements if answer else ())
        ],
    }


def said(value: str) -> str:
    """« Oui », « Non », or an opinion as it is."""
    return Proposal(value).label if value in Proposal else value


def history(dossier: Dossier, zone: ZoneInfo) -> list[dict[str, str]]:
    return [
        {
            "at": instant(one.at, zone),
            "what": _what(one),
            "who": one.actor_name or ActorKind(one.actor_kind).label,
            "reason": str(one.data.get("reason", ""))
            if one.verb in {"pen_released", "gate_lifted", "entry_objected"}
            else "",
        }
        for one in JournalEntry.objects.filter(dossier_uuid=dossier.uuid).order_by("at", "pk")[:500]
    ]


def _what(one: JournalEntry) -> str:
    kind = letter_label(one.data["kind"]) if one.verb == "letter_sent" else ""
    return f"{verb_label(one.verb)}\u00a0: {kind}" if kind else verb_label(one.verb)


def letters(dossier: Dossier, facts: Facts, zone: ZoneInfo) -> list[dict[str, str]]:
    """Which letter, to whom, and what became of it; never its text nor an address."""
    names = {one.uuid: one.name for one in facts.representatives} | {facts.student: facts.student_name}
    return [
        {
            "kind": letter_label(one.kind),
            "to": names.get(one.recipient_uuid, "autre personne"),
            "state": one.get_delivery_display() or one.get_state_display(),
            "at": instant(one.sent_at or one.not_before, zone),
        }
        for one in OutgoingEmail.objects.filter(dossier_uuid=dossier.uuid).order_by("created_at", "uuid")[:500]
    ]
