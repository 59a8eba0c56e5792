"""What the council says on the sheet, what the family acknowledges and answers, and what was withdrawn (OPI, ANS)."""

from datetime import datetime

from orientation.documents.words import THE_SCHOOL, Block, on, one_line, rows_of
from orientation.enums import AnswerKind, Phase
from orientation.facts import Facts, FamilyAnswerFact, SignatureFact, StatementFact
from orientation.leads import still_awaited
from orientation.pathways import label_of
from orientation.rules import acknowledgement_is_due, council_is_open, last_statement, visible_statement
from orientation.school_changes import acknowledged_versions, readable_from, was_read, withdrawal_words

ANSWERS = {Phase.PROVISIONAL: "Avis du conseil de classe", Phase.DEFINITIVE: "Propositions du conseil de classe"}
WHICH = {Phase.PROVISIONAL: "avis", Phase.DEFINITIVE: "propositions"}


def standing(facts: Facts, phase: str, now: datetime, *, family: bool) -> StatementFact | None:
    """The version that stands: the family's once it may read it, the school's as soon as it is given."""
    return visible_statement(facts, phase, now) if family else last_statement(facts, phase)


def said(facts: Facts, phase: str, now: datetime, *, family: bool) -> Block:
    title, which = ANSWERS[Phase(phase)], WHICH[Phase(phase)]
    found = standing(facts, phase, now, family=family)
    if found is None:
        none = {Phase.PROVISIONAL: "aucun avis n’est publié", Phase.DEFINITIVE: "aucune proposition n’est publiée"}
        opened = "Le conseil de classe est ouvert. " if council_is_open(facts, phase) else ""
        return Block(title, (f"{opened}Pas encore : {none[Phase(phase)]}.",))
    begins = readable_from(facts, found)
    read = f"La famille peut les lire {_since(begins, facts, now)}."
    return Block(title, (f"Version {found.version} des {which}. {read}",), rows=rows_of(found))


def _since(begins: datetime, facts: Facts, now: datetime) -> str:
    return f"{'depuis le' if begins <= now else 'à partir du'} {on(begins, facts).removeprefix('le ')}"


# --- the acknowledgement ----------------------------------------------------------------------------------------------
def acknowledgement(facts: Facts, now: datetime, *, family: bool) -> Block:
    found = standing(facts, Phase.PROVISIONAL, now, family=family)
    text = [_acknowledged(facts, found) if found else "Pas encore."]
    before = acknowledged_versions(facts)
    if before and before[-1].acknowledgement and not (found and found.acknowledgement):
        text = [] if found and not acknowledgement_is_due(facts, now) else text
        text.append(f"{_signed(facts, before[-1].acknowledgement)} C’était pour la version {before[-1].version}.")
    if facts.gate_lifted:
        text.append(
            "Le chef d’établissement a permis la saisie des choix définitifs sans accusé de réception. "
            f"Motif : {one_line(facts.gate_lifted)}"
        )
    return Block("Accusé de réception", tuple(text))


def _acknowledged(facts: Facts, found: StatementFact) -> str:
    return _signed(facts, found.acknowledgement) if found.acknowledgement else "Pas encore donné pour ces avis."


def _signed(facts: Facts, signed: SignatureFact) -> str:
    return f"Accusé de réception donné par {signed.author_name} {on(signed.at, facts)}."


# --- the family's answer ----------------------------------------------------------------------------------------------
def answer(facts: Facts, now: datetime) -> Block:
    """What was answered to the proposals that stand; nobody answers what the family cannot read."""
    found = visible_statement(facts, Phase.DEFINITIVE, now)
    given = found.family_answer if found else None
    if given is None:
        return Block(
            "Réponse de la famille", ("Pas encore. Ne pas répondre n’est pas accepter." if found else "Pas encore.",)
        )
    awaited = still_awaited(facts, now)
    return Block("Réponse de la famille", (*_answered(facts, given), *([awaited] if awaited else [])))


def _answered(facts: Facts, given: FamilyAnswerFact) -> tuple[str, ...]:
    who = given.author_name if given.author else THE_SCHOOL
    how = "Donnée" if given.author else "Enregistrée"
    labels = " ; ".join(label_of(*key) for key in given.accepted)
    what = f"Acceptation : {labels}." if given.kind == AnswerKind.ACCEPTED else "Refus de toutes les propositions."
    agreed = (
        f"{one.author_name} : {'oui, d’accord' if one.agrees else 'non, pas d’accord'} ({on(one.at, facts)})."
        for one in given.agreements
    )
    return (what, f"{how} par {who} {on(given.at, facts)}. Elle est définitive.", *agreed)


# --- what no longer stands --------------------------------------------------------------------------------------------
def withdrawn(facts: Facts, phase: str, now: datetime, *, family: bool) -> list[Block]:
    """Each version withdrawn, as it was read, with what was signed then (OPI-04)."""
    gone = [one for one in facts.statements if one.phase == phase and one.withdrawn_at is not None]
    return [_withdrawn(facts, one) for one in gone if not family or was_read(facts, one, now)]


def _withdrawn(facts: Facts, one: StatementFact) -> Block:
    which = "Avis retirés" if one.phase == Phase.PROVISIONAL else "Propositions retirées"
    why = withdrawal_words(one.withdrawn_because, one.phase)
    when = f"{on(one.withdrawn_at, facts)} " if one.withdrawn_at else ""
    text = [f"Version {one.version}, retirée {when}: {why}. Elle ne compte plus."]
    text += [_signed(facts, one.acknowledgement)] if one.acknowledgement else []
    text += _answered(facts, one.family_answer) if one.family_answer else ()
    return Block(f"{which} (version {one.version})", tuple(text), rows=rows_of(one))
