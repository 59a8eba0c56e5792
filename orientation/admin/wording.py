"""The words of the register: what an act and a letter are called on the staff's pages."""

from datetime import date, datetime
from typing import Any

from django.utils import timezone

from families.models import Level, StaffRole
from orientation.dates import day, instant
from orientation.enums import AnswerKind, DecisionOrigin, Phase, ReceiptKind, WindowKind, WithdrawalReason
from orientation.pathways import label_of

VERBS = {
    "entry_validated": "Saisie validée",
    "opinions_acknowledged": "Accusé de réception des avis",
    "gate_lifted": "Attente de l’accusé de réception levée",
    "proposals_answered": "Réponse aux propositions",
    "decision_made": "Décision d’orientation",
    "answer_agreed": "Accord donné à la réponse",
    "answer_disagreed": "Désaccord avec la réponse",
    "entry_objected": "Désaccord avec une saisie",
    "meeting_held": "Entretien avec le chef d’établissement",
    "appeal_filed": "Appel reçu",
    "family_contacted": "Famille relancée par l’établissement, hors courriel",
    "family_reminded": "Famille relancée par l’établissement",
    "letter_sent": "Courriel envoyé",
    "letter_sent_again": "Courriel en échec remis en route",
    "pen_released": "Saisie libérée",
    "seen_as_family": "Dossier consulté comme la famille le voit",
    "authority_restored": "De nouveau représentant légal (une saisie libérée n’est pas rendue)",
    "statement_published": "Réponse du conseil de classe publiée",
    "statement_withdrawn": "Réponse du conseil de classe retirée",
    "school_entry_received": "Saisie de l’établissement reçue",
    "entry_changed_by_school": "Demande modifiée par l’établissement, à la demande de la famille",
    "entry_accepted": "Saisie prise en compte par Siècle Orientation",
    "line_accepted": "Acte pris en compte par Siècle Orientation",
    "entry_not_processed": "Saisie non traitée par Siècle Orientation",
    "line_not_processed": "Acte non traité par Siècle Orientation",
    "line_rejected": "Acte refusé par Siècle Orientation, renvoyé chaque nuit",
    "answer_recorded_by_school": "Réponse enregistrée par l’établissement",
    "council_opened": "Conseil de classe ouvert",
    "council_moved": "Conseil de classe déplacé",
    "council_reset": "Conseil de classe réinitialisé",
    "service_switched_on": "Service ouvert aux familles",
    "service_switched_off": "Service fermé aux familles",
    "closing_set": "Fermeture propre à l’établissement",
    "offer_set": "Offre d’enseignements de spécialité de l’établissement",
    "calendar_set": "Calendrier fixé",
    "window_extended": "Fenêtre prolongée",
    "campaign_created": "Campagne créée",
    "policies_set": "Règles de la campagne modifiées",
    "renewal_code": "Code remis pour un nouveau mot de passe",
    "renewal_cancelled": "Code pour un nouveau mot de passe annulé",
    "account_unlocked": "Connexion débloquée par l’établissement",
    "password_renewed": "Mot de passe changé avec un code de l’établissement",
    "activation_codes": "Codes d’activation édités",
    "address_filled": "Adresse électronique complétée",
    "account_opened": "Compte ouvert",
    "account_attached": "Compte rattaché",
    "attachment_undone": "Compte détaché",
    "reader_attached": "Compte rattaché à une personne qui lit ce dossier",
    "reader_detached": "Compte détaché d’une personne qui lisait ce dossier",
    "identity_linked": "Fournisseur d’identité relié à un compte",
    "identity_unlinked": "Fournisseur d’identité délié d’un compte",
    "address_asked": "Nouvelle adresse électronique demandée",
    "address_corrected": "Adresse électronique corrigée et confirmée",
    "address_refused": "Adresse électronique refusée par la messagerie",
    "address_works_again": "Adresse électronique acceptée de nouveau par la messagerie",
    "password_changed": "Mot de passe changé par son propriétaire, connecté",
    "password_reset": "Mot de passe changé avec un code reçu par courriel",
    "sessions_closed": "Sessions ouvertes ailleurs, fermées",
    "second_factor_set": "Téléphone du personnel enregistré",
    "second_factor_removed": "Téléphone du personnel retiré",
    "recovery_code_used": "Code de secours utilisé",
    "campaign_erased": "Dossiers d’une campagne effacés, en fin de conservation",
    "scope_settled": "Élève à examiner : tranché par l’établissement",
    "dossiers_opened": "Dossiers ouverts",
    "siecle_import": "Import de Siècle",
    "journal_sealed": "Historique scellé",
    "journal_resealed": "Scellés après un effacement en fin de conservation",
    "exported": "Tableur téléchargé",
    "journal_exported": "Historique du dossier remis, signé",
}


def verb_label(verb: str) -> str:
    return VERBS.get(verb, verb)


DETAILS = {
    "phase": "Étape",
    "version": "Version",
    "kind": "De quoi il s’agit",
    "origin": "Origine",
    "accepted": "Voies acceptées",
    "asked_by": "Demandée par",
    "asked_on": "Demandée le",
    "held_on": "Date du conseil ou de l’entretien",
    "filed_on": "Reçu le",
    "closes_at": "Nouvelle fin",
    "reason": "Motif",
    "seen_as_name": "Vu comme",
    "role": "En tant que",
    "name": "Personne",
    "school": "Établissement",
    "division": "Division",
    "academy": "Académie",
    "year": "Année scolaire",
    "level": "Niveau",
    "count": "Nombre",
    "format": "Format",
    "rows": "Lignes",
    "lines": "Lignes",
}
CODES: dict[str, dict[str, Any]] = {
    "phase": dict(Phase.choices),
    "kind": {**dict(AnswerKind.choices), **dict(ReceiptKind.choices), **dict(WindowKind.choices)},
    "origin": dict(DecisionOrigin.choices),
    "reason": dict(WithdrawalReason.choices),
    "role": dict(StaffRole.choices),
    "level": dict(Level.choices),
}


def said_of(data: dict[str, Any]) -> list[tuple[str, str]]:
    """What a line of the journal says beside its act, in words and in this order; technical numbers are left out."""
    return [(label, in_words(key, data[key])) for key, label in DETAILS.items() if data.get(key) not in (None, "")]


def in_words(key: str, value: Any) -> str:
    if key == "accepted":
        return ", ".join(label_of(*one) for one in value)
    if key == "closes_at":
        return instant(datetime.fromisoformat(value), timezone.get_current_timezone())
    if key in {"asked_on", "held_on", "filed_on"}:
        return day(date.fromisoformat(value))
    return f"{value}-{value + 1}" if key == "year" else str(CODES.get(key, {}).get(value, value))


LETTERS = {
    "recap": "récapitulatif de saisie",
    "answer_accepted": "réponse : acceptation",
    "answer_refused": "réponse : refus",
    "agreement_awaited": "accord attendu d’une autre personne",
    "agreement_outcome": "suite donnée à la réponse",
    "pen_released": "saisie libérée",
    "opinions_available": "avis disponibles",
    "opinions_changed": "avis modifiés",
    "proposals_available": "propositions disponibles",
    "entry_not_processed": "saisie non traitée",
    "entry_changed_by_school": "demande modifiée par l’établissement",
    "decision_recorded": "décision enregistrée",
    "window_extended": "fenêtre prolongée",
    "reminder": "rappel",
    "password_code": "code de mot de passe",
    "password_changed": "mot de passe changé",
    "password_renewal": "code de l’établissement pour un mot de passe",
    "address_code": "code de confirmation d’une adresse",
    "address_changed": "adresse changée",
    "attachment": "compte d’une autre personne",
    "attachment_own": "compte ouvert",
    "attachment_undone": "compte détaché",
    "identity_linked": "fournisseur d’identité relié",
    "identity_unlinked": "fournisseur d’identité délié",
}


def letter_label(kind: str) -> str:
    return LETTERS.get(kind.removesuffix("_author").removesuffix("_other"), kind)
