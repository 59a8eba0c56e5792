"""The columns of each export: their order and their names are kept from one version to the next (docs/exports.md)."""

from orientation.enums import Phase
from orientation.exports.cells import Column, Kind

PUPIL = (
    Column("UAI", width=10),
    Column("Établissement", width=30),
    Column("Division", width=10),
    Column("INE", width=13),
    Column("Nom", width=20),
    Column("Prénom", width=20),
    Column("Naissance", Kind.DAY, 12),
)
ENTRY = (
    Column("Rang", Kind.NUMBER, 6),
    Column("Code voie", width=10),
    Column("Série", width=10),
    Column("Voie", width=40),
    Column("Précisions", width=40),
    Column("Version", Kind.NUMBER, 8),
    Column("Saisie par", width=24),
    Column("Qualité", width=20),
    Column("Validée le", Kind.MOMENT),
    Column("Désaccord avec la saisie", width=24),
)
OPINION = (
    Column("Avis", width=20),
    Column("Motif de l’avis", width=40),
    Column("Avis lisibles depuis", Kind.MOMENT),
    Column("Accusé de réception par", width=24),
    Column("Accusé le", Kind.MOMENT),
)
PROPOSAL = (
    Column("Proposition", width=12),
    Column("Motif de la proposition", width=40),
    Column("Propositions lisibles depuis", Kind.MOMENT),
    Column("Voie acceptée", width=12),
    Column("Réponse", width=34),
    Column("Réponse par", width=24),
    Column("Réponse le", Kind.MOMENT),
    Column("Désaccord", width=34),
    Column("Entretien le", Kind.DAY, 12),
    Column("Décision du chef d’établissement", width=40),
    Column("Décision le", Kind.MOMENT),
    Column("Notifiée le", Kind.DAY, 12),
    Column("Appel reçu le", Kind.DAY, 12),
    Column("Décision d’appel", width=40),
)
COLUMNS = {Phase.PROVISIONAL: (*PUPIL, *ENTRY, *OPINION), Phase.DEFINITIVE: (*PUPIL, *ENTRY, *PROPOSAL)}
