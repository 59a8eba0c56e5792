"""The words of the procedure that are neither a person nor a pathway."""

from django.db import models


class Phase(models.TextChoices):
    PROVISIONAL = "PROVISIONAL", "phase provisoire"
    DEFINITIVE = "DEFINITIVE", "phase définitive"


class WindowKind(models.TextChoices):
    ENTRY = "ENTRY", "saisie"
    CONSULTATION = "CONSULTATION", "consultation"


class AuthorKind(models.TextChoices):
    REPRESENTATIVE = "REPRESENTATIVE", "représentant légal"
    STUDENT = "STUDENT", "élève majeur"
    SCHOOL = "SCHOOL", "établissement"


class AcknowledgementBy(models.TextChoices):
    ANY = "ANY", "n’importe quel représentant"
    AUTHOR = "AUTHOR", "l’auteur de la saisie seul"


class OpinionChange(models.TextChoices):
    TELL = "TELL", "prévenir la famille"
    AGAIN = "AGAIN", "demander un nouvel accusé de réception"


class Objection(models.TextChoices):
    NONE = "NONE", "aucune"
    RECORDED = "RECORDED", "enregistrée et montrée au chef d’établissement"


class AnsweredBy(models.TextChoices):
    AUTHOR = "AUTHOR", "l’auteur des choix"
    ALL = "ALL", "tous les représentants légaux"


class Acceptances(models.TextChoices):
    ONE = "ONE", "une seule voie"
    SEVERAL = "SEVERAL", "une ou plusieurs voies"


class RecapTo(models.TextChoices):
    ALL = "ALL", "tous les représentants légaux"
    AUTHOR = "AUTHOR", "l’auteur seul"


class RecapWhen(models.TextChoices):
    SIGN_OUT = "SIGN_OUT", "à la déconnexion"
    VALIDATION = "VALIDATION", "à la validation"


class ReceiptOutcome(models.TextChoices):
    ACCEPTED = "ACCEPTED", "pris en compte"
    NOT_PROCESSED = "NOT_PROCESSED", "non traitée"


class ReceiptKind(models.TextChoices):
    SUBMISSION = "SUBMISSION", "saisie"
    ACKNOWLEDGEMENT = "ACKNOWLEDGEMENT", "accusé de réception"
    ANSWER = "ANSWER", "réponse"
    AGREEMENT = "AGREEMENT", "accord"
    DECISION = "DECISION", "décision"


class Proposal(models.TextChoices):
    """The council's answer to a definitive choice (ANS-01)."""

    YES = "OUI", "Oui"
    NO = "NON", "Non"


class AnswerKind(models.TextChoices):
    ACCEPTED = "ACCEPTED", "acceptation"
    REFUSED = "REFUSED", "refus de toutes les propositions"


class DecisionOrigin(models.TextChoices):
    ACCEPTANCE = "ACCEPTANCE", "acceptation de la famille"
    HEAD = "HEAD", "chef d’établissement, après entretien"
    APPEAL = "APPEAL", "commission d’appel"


class WithdrawalReason(models.TextChoices):
    CHANGED = "CHANGED", "avis modifiés"
    RESET = "RESET", "conseil réinitialisé"
    ENTRY_CHANGED = "ENTRY_CHANGED", "demande modifiée par l’établissement"
