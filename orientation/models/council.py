"""The class council, the versions of what it says, and their acknowledgement (CAL-06, OPI, SIE-05)."""

import uuid

from django.db import models
from django.db.models import Q

from families.models import Division, Representative, Student, User
from orientation.enums import Phase, WithdrawalReason
from orientation.models.campaign import Campaign
from orientation.models.dossier import Dossier, Submission, one_person
from orientation.models.triggers import (
    ACKNOWLEDGEMENT_TO_SEND,
    APPEND_ONLY,
    NOTHING_ADDED_ONCE_SIGNED,
    OF_STANDING_OPINIONS,
    OF_THE_SAME_DOSSIER,
)


class ClassCouncil(models.Model):
    """The council of one division in one phase. Opened in Siècle Orientation, which tells us at once."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    campaign = models.ForeignKey(
        Campaign, models.PROTECT, db_index=False, related_name="councils", verbose_name="campagne"
    )
    division = models.ForeignKey(Division, models.PROTECT, related_name="councils", verbose_name="division")
    phase = models.CharField("phase", max_length=12, choices=Phase)
    held_on = models.DateField("date du conseil", null=True)
    opened_at = models.DateTimeField("ouvert le", null=True)

    class Meta:
        verbose_name = "conseil de classe"
        verbose_name_plural = "conseils de classe"
        ordering = ["division", "phase"]
        constraints = [models.UniqueConstraint(fields=["campaign", "division", "phase"], name="council_once")]

    def __str__(self) -> str:
        return f"conseil de {self.division}, {self.get_phase_display()}"


class CouncilStatement(models.Model):
    """The opinions or proposals published for a dossier: one version, bound to the entry it answers (OPI-03).

    `division` is the one whose council spoke: the pupil may have moved to another since.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    dossier = models.ForeignKey(
        Dossier, models.PROTECT, db_index=False, related_name="statements", verbose_name="dossier"
    )
    phase = models.CharField("phase", max_length=12, choices=Phase)
    version = models.PositiveSmallIntegerField("version")
    submission = models.ForeignKey(
        Submission,
        models.PROTECT,
        null=True,
        related_name="statements",
        verbose_name="saisie examinée",
    )
    division = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="division du conseil")
    entered_at = models.DateTimeField("donné le")
    received_at = models.DateTimeField("reçu le")
    published_at = models.DateTimeField("publié le")
    siecle_ref = models.CharField("référence dans Siècle", max_length=64)

    class Meta:
        verbose_name = "réponse du conseil de classe"
        verbose_name_plural = "réponses du conseil de classe"
        ordering = ["dossier", "phase", "version"]
        triggers = [APPEND_ONLY, OF_THE_SAME_DOSSIER]
        constraints = [
            models.UniqueConstraint(fields=["dossier", "phase", "version"], name="statement_version_once"),
            models.UniqueConstraint(fields=["siecle_ref"], name="statement_of_siecle_once"),
            models.CheckConstraint(
                condition=Q(
                    entered_at__lte=models.F("received_at"),
                    received_at__lte=models.F("published_at"),
                ),
                name="statement_dates_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_phase_display()}, version {self.version}"


class CouncilAnswer(models.Model):
    """What the council says of one pathway, asked for or not (OPI-01, ANS-01)."""

    statement = models.ForeignKey(
        CouncilStatement, models.PROTECT, db_index=False, related_name="answers", verbose_name="réponse"
    )
    position = models.PositiveSmallIntegerField("ordre")
    pathway = models.CharField("voie", max_length=12)
    series = models.CharField("série", max_length=8, blank=True)
    requested = models.BooleanField("demandée")
    value = models.CharField("réponse", max_length=40)
    comment = models.CharField("commentaire", max_length=1000, blank=True)

    class Meta:
        verbose_name = "avis ou proposition"
        verbose_name_plural = "avis ou propositions"
        ordering = ["statement", "position"]
        triggers = [APPEND_ONLY, NOTHING_ADDED_ONCE_SIGNED]
        constraints = [
            models.UniqueConstraint(fields=["statement", "pathway", "series"], name="pathway_answered_once"),
            models.UniqueConstraint(fields=["statement", "position"], name="answer_position_once"),
        ]

    def __str__(self) -> str:
        return f"{self.pathway} {self.series}\u00a0: {self.value}"


class StatementWithdrawal(models.Model):
    """A version is never rewritten: it is withdrawn, and another is published (OPI-04)."""

    statement = models.OneToOneField(CouncilStatement, models.PROTECT, related_name="withdrawal")
    at = models.DateTimeField("retirée le")
    reason = models.CharField("motif", max_length=16, choices=WithdrawalReason)

    class Meta:
        verbose_name = "retrait"
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return self.get_reason_display()


class Acknowledgement(models.Model):
    """One per version, final (OPI-03)."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    statement = models.OneToOneField(CouncilStatement, models.PROTECT, related_name="acknowledgement")
    representative = models.ForeignKey(Representative, models.PROTECT, null=True, related_name="+")
    student = models.ForeignKey(Student, models.PROTECT, null=True, related_name="+")
    author_name = models.CharField("par", max_length=210)
    at = models.DateTimeField("le")

    class Meta:
        verbose_name = "accusé de réception"
        verbose_name_plural = "accusés de réception"
        triggers = [APPEND_ONLY, OF_STANDING_OPINIONS, ACKNOWLEDGEMENT_TO_SEND]
        constraints = [models.CheckConstraint(condition=one_person(), name="acknowledged_by_one_person")]

    def __str__(self) -> str:
        return f"{self.author_name}, {self.at:%d/%m/%Y}"


class GateLift(models.Model):
    """The head lets a family enter definitive choices although no opinion could be acknowledged (OPI-05)."""

    dossier = models.OneToOneField(Dossier, models.PROTECT, related_name="gate_lift")
    reason = models.CharField("motif", max_length=300)
    at = models.DateTimeField("le")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "levée de l’attente de l’accusé de réception"
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return self.reason
