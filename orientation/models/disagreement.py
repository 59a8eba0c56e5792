"""What a family contests: the other's entry, the proposals, the head's decision. Facts, kept (ANS-07, SIE-08)."""

import uuid

from django.db import models
from django.db.models import Q

from families.models import Representative, Student, User
from orientation.models.dossier import Dossier, Submission, one_person
from orientation.models.triggers import APPEND_ONLY


class EntryObjection(models.Model):
    """Another representative disagrees with a validated entry: recorded, never blocking (policy « objection »)."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    submission = models.ForeignKey(
        Submission, models.PROTECT, db_index=False, related_name="objections", verbose_name="saisie"
    )
    representative = models.ForeignKey(Representative, models.PROTECT, null=True, related_name="+")
    student = models.ForeignKey(Student, models.PROTECT, null=True, related_name="+")
    author_name = models.CharField("par", max_length=210)
    reason = models.CharField("motif", max_length=300, blank=True)
    at = models.DateTimeField("le")

    class Meta:
        verbose_name = "objection"
        triggers = [APPEND_ONLY]
        constraints = [
            models.UniqueConstraint(fields=["submission", "representative"], name="objection_once"),
            models.UniqueConstraint(fields=["submission", "student"], name="objection_of_the_pupil_once"),
            models.CheckConstraint(condition=one_person(), name="objection_by_one_person"),
        ]

    def __str__(self) -> str:
        return f"{self.author_name}, {self.at:%d/%m/%Y}"


class Meeting(models.Model):
    """The head receives the family after a refusal, a disagreement or a silence (ANS-07). Several may be held."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    dossier = models.ForeignKey(
        Dossier, models.PROTECT, db_index=False, related_name="meetings", verbose_name="dossier"
    )
    held_on = models.DateField("tenu le")
    present = models.CharField("personnes présentes", max_length=300)
    at = models.DateTimeField("enregistré le")
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="par")

    class Meta:
        verbose_name = "entretien avec le chef d’établissement"
        verbose_name_plural = "entretiens avec le chef d’établissement"
        triggers = [APPEND_ONLY]
        constraints = [
            models.UniqueConstraint(fields=["dossier", "held_on"], name="meeting_once_a_day"),
            models.CheckConstraint(condition=~Q(present=""), name="meeting_says_who_was_there"),
        ]

    def __str__(self) -> str:
        return f"entretien du {self.held_on:%d/%m/%Y}"


class Appeal(models.Model):
    """The family appeals, on paper, against the head's decision (ANS-07). Its outcome is a decision on appeal."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    dossier = models.OneToOneField(Dossier, models.PROTECT, related_name="appeal", verbose_name="dossier")
    filed_on = models.DateField("reçu le")
    at = models.DateTimeField("enregistré le")
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="par")

    class Meta:
        verbose_name = "appel"
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"appel du {self.filed_on:%d/%m/%Y}"
