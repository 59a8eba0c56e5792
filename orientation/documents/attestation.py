"""The attestation: what the family validated, when, by whom, and the digest by which the school checks it. Pure."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime

from families.models import Level
from orientation.documents.words import LEVELS, Block, Section, Where, author, identity, issued, on, ranked
from orientation.enums import Phase
from orientation.facts import Facts, SubmissionFact
from orientation.rules import last_entry
from orientation.wording import phase_title, words_of

TITLE = "Attestation de saisie"
WORTH = (
    "Cette attestation dit ce qui était validé dans le service à la date ci-dessous. Ce n’est ni un avis du conseil de "
    "classe, ni une décision d’orientation."
)
CHECK = (
    "L’établissement peut vérifier cette attestation : l’empreinte de chaque version est affichée dans le dossier de "
    "l’élève. Si un mot, un rang ou une date changeait, l’empreinte ne serait plus la même."
)


@dataclass(frozen=True, slots=True)
class Attestation:
    title: str
    subtitle: str
    identity: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    sections: tuple[Section, ...]
    issued: str


def attestation(facts: Facts, where: Where, now: datetime) -> Attestation:
    sections = tuple(_phase(facts, where, phase) for phase in Phase)
    return Attestation(
        TITLE, f"{LEVELS[Level(facts.level)]}, année scolaire {where.years}", identity(facts, where), (WORTH, CHECK),
        sections, issued(facts, now),
    )  # fmt: skip


def _phase(facts: Facts, where: Where, phase: str) -> Section:
    words, entry = words_of(phase), last_entry(facts, phase)
    title = f"{words.title}. {phase_title(phase, where.school)}"
    if entry is None:
        return Section(title, (Block("Saisie", ("Pas encore : rien n’est validé.",)),))
    how = f"modifiée par l’établissement, comme l’a demandé {entry.asked_by}," if entry.asked_by else ""
    who = how or f"validée par {author(entry)}"
    text = (f"Version {entry.version}, {who} {on(entry.at, facts)}. Par ordre de préférence :",)
    said = Block("Saisie", text, ranked(entry.choices))
    return Section(title, (said, Block("Empreinte", (in_fours(digest(facts, entry)),))))


def digest(facts: Facts, entry: SubmissionFact) -> str:
    """sha256, in hexadecimal, of the version's canonical JSON: UTF-8, keys in order, no space, the instant in UTC."""
    said = {
        "dossier": str(facts.uuid),
        "phase": str(entry.phase),
        "version": entry.version,
        "author": entry.author_name,
        "asked_by": entry.asked_by,
        "at": entry.at.astimezone(UTC).isoformat(),
        "choices": [one.as_json() for one in entry.choices],
    }
    canonical = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def in_fours(digits: str) -> str:
    """As people compare them, four by four."""
    return " ".join(digits[start : start + 4] for start in range(0, len(digits), 4))
