"""The family's answer, the others' agreement, the decision (ANS)."""

import uuid

from django.db import models
from django.db.models import Q

from families.models import Representative, Student, User
from orientation.enums import AnswerKind, AuthorKind, DecisionOrigin
from orientation.models.council import CouncilAnswer, CouncilStatement
from orientation.models.dossier import Dossier, one_person
from orientation.models.triggers import (
    AGREEMENT_TO_SEND,
    ANSWER_TO_SEND,
    APPEND_ONLY,
    DECISION_TO_SEND,
    FROM_AN_ACCEPTANCE,
    OF_STANDING_PROPOSALS,
    OF_THE_STATEMENT_ANSWERED,
)


class FamilyAnswer(models.Model):
    """Accepts pathways or refuses all; final (ANS-02, ANS-04). The school may record it for the family (SIE-10)."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    statement = models.OneToOneField(CouncilStatement, models.PROTECT, related_name="family_answer")
    kind = models.CharField("réponse", max_length=10, choices=AnswerKind)
    author_kind = models.CharField("auteur", max_length=16, choices=AuthorKind)
    representative = models.ForeignKey(Representative, models.PROTECT, null=True, related_name="+")
    student = models.ForeignKey(Student, models.PROTECT, null=True, related_name="+")
    author_name = models.CharField("par", max_length=210)
    at = models.DateTimeField("le")
    siecle_ref = models.CharField("référence dans Siècle", max_length=64, null=True)  # noqa: DJ001 (unique)

    class Meta:
        verbose_name = "réponse de la famille"
        verbose_name_plural = "réponses des familles"
        triggers = [APPEND_ONLY, OF_STANDING_PROPOSALS, ANSWER_TO_SEND]
        constraints = [
            models.UniqueConstraint(fields=["siecle_ref"], name="answer_of_siecle_once"),
            models.CheckConstraint(condition=one_person(kind="author_kind"), name="answer_author_fits_kind"),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class AcceptedPathway(models.Model):
    answer = models.ForeignKey(FamilyAnswer, models.PROTECT, db_index=False, related_name="accepted")
    council_answer = models.ForeignKey(CouncilAnswer, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "voie acceptée"
        triggers = [APPEND_ONLY, OF_THE_STATEMENT_ANSWERED]
        constraints = [models.UniqueConstraint(fields=["answer", "council_answer"], name="accepted_once")]

    def __str__(self) -> str:
        return str(self.council_answer)


class Agreement(models.Model):
    """The « oui » or « non » of another representative, or of a pupil come of age since, to the answer (ANS-06)."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    answer = models.ForeignKey(FamilyAnswer, models.PROTECT, db_index=False, related_name="agreements")
    representative = models.ForeignKey(Representative, models.PROTECT, null=True, related_name="+")
    student = models.ForeignKey(Student, models.PROTECT, null=True, related_name="+")
    author_name = models.CharField("par", max_length=210)
    agrees = models.BooleanField("d’accord")
    at = models.DateTimeField("le")

    class Meta:
        verbose_name = "accord ou désaccord"
        verbose_name_plural = "accords ou désaccords"
        triggers = [APPEND_ONLY, AGREEMENT_TO_SEND]
        constraints = [
            models.UniqueConstraint(fields=["answer", "representative"], name="agreement_once"),
            models.UniqueConstraint(fields=["answer", "student"], name="agreement_of_the_pupil_once"),
            models.CheckConstraint(condition=one_person(), name="agreement_by_one_person"),
        ]

    def __str__(self) -> str:
        return f"{self.author_name}\u00a0: {'oui' if self.agrees else 'non'}"


class Decision(models.Model):
    """The head's orientation decision (ANS-05): by acceptance at once, or recorded by the school."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    dossier = models.ForeignKey(
        Dossier, models.PROTECT, db_index=False, related_name="decisions", verbose_name="dossier"
    )
    origin = models.CharField("origine", max_length=12, choices=DecisionOrigin)
    answer = models.OneToOneField(FamilyAnswer, models.PROTECT, null=True, related_name="decision")
    at = models.DateTimeField("le")
    notified_on = models.DateField("notifiée le", null=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    siecle_ref = models.CharField("référence dans Siècle", max_length=64, null=True)  # noqa: DJ001 (unique)

    class Meta:
        verbose_name = "décision d’orientation"
        verbose_name_plural = "décisions d’orientation"
        triggers = [APPEND_ONLY, FROM_AN_ACCEPTANCE, DECISION_TO_SEND]
        constraints = [
            models.UniqueConstraint(fields=["dossier", "origin"], name="decision_once_an_origin"),
            models.UniqueConstraint(fields=["siecle_ref"], name="decision_of_siecle_once"),
            models.CheckConstraint(
                condition=Q(origin=DecisionOrigin.ACCEPTANCE, answer__isnull=False)
                | (~Q(origin=DecisionOrigin.ACCEPTANCE) & Q(answer__isnull=True)),
                name="decision_by_acceptance_has_its_answer",
            ),
        ]

    def __str__(self) -> str:
        return self.get_origin_display()


class DecidedPathway(models.Model):
    decision = models.ForeignKey(Decision, models.PROTECT, db_index=False, related_name="pathways")
    pathway = models.CharField("voie", max_length=12)
    series = models.CharField("série", max_length=8, blank=True)

    class Meta:
        verbose_name = "voie décidée"
        triggers = [APPEND_ONLY]
        constraints = [models.UniqueConstraint(fields=["decision", "pathway", "series"], name="decided_once")]

    def __str__(self) -> str:
        return f"{self.pathway} {self.series}".strip()
