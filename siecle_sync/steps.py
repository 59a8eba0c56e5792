"""The named steps of one part of a night. docs/echange-siecle.md says what a stop at each of them leaves behind."""

from django.db.models import TextChoices
from django.dispatch import Signal


class Step(TextChoices):
    SELECT = "SELECT", "choix des lignes à envoyer"
    SELECTED = "SELECTED", "lignes choisies"
    DEPOSITED = "DEPOSITED", "dépôt reçu par Siècle"
    REPORTED = "REPORTED", "compte rendu lu"
    RECORDING = "RECORDING", "compte rendu en cours d’enregistrement"
    RECORDED = "RECORDED", "compte rendu enregistré"
    FETCHED = "FETCHED", "réponses des établissements lues"
    LOCKED = "LOCKED", "dossiers verrouillés"
    MERGED = "MERGED", "réponses en cours d’intégration"
    RECEIVED = "RECEIVED", "réponses intégrées"
    CLOSED = "CLOSED", "nuit close"


# sent with `step` and `part`, in the process that plays the part, as each step is reached
step_reached = Signal()
