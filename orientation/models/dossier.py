"""One pupil in one campaign, and what their family said (ACC-04, ENT, SIE-01…04)."""

import uuid

from django.db import models
from django.db.models import Q

from families.models import Representative, Student, User
from orientation.enums import AuthorKind, Phase, ReceiptKind, ReceiptOutcome
from orientation.models.campaign import Campaign
from orientation.models.triggers import (
    APPEND_ONLY,
    RELEASED_ONCE,
    SENT,
    STAYS_WITH_ITS_PUPIL,
    SUBMISSION_TO_SEND,
    WITHIN_ITS_SUBMISSION,
    WRITTEN_BY_PEN_HOLDER,
)


def one_person(*, kind: str = "") -> Q:
    """A representative or the pupil of age, never both (ACC-03)."""
    by_representative = Q(representative__isnull=False, student__isnull=True)
    by_student = Q(representative__isnull=True, student__isnull=False)
    if not kind:
        return by_representative | by_student
    nobody = Q(representative__isnull=True, student__isnull=True)
    return (
        (Q(**{kind: AuthorKind.REPRESENTATIVE}) & by_representative)
        | (Q(**{kind: AuthorKind.STUDENT}) & by_student)
        | (Q(**{kind: AuthorKind.SCHOOL}) & nobody)
    )


class DossierQuerySet(models.QuerySet["Dossier"]):
    def visible_to(self, user: User) -> "DossierQuerySet":
        """The family's door (ACC-06)."""
        return self.filter(student__in=Student.objects.visible_to(user))

    def managed_by(self, user: User) -> "DossierQuerySet":
        """The staff's door (ACC-06)."""
        return self.filter(student__in=Student.objects.managed_by(user))


class Dossier(models.Model):
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    campaign = models.ForeignKey(
        Campaign, models.PROTECT, db_index=False, related_name="dossiers", verbose_name="campagne"
    )
    student = models.ForeignKey(Student, models.PROTECT, related_name="dossiers", verbose_name="élève")

    objects = DossierQuerySet.as_manager()

    class Meta:
        verbose_name = "dossier"
        ordering = ["pk"]
        triggers = [STAYS_WITH_ITS_PUPIL]
        constraints = [models.UniqueConstraint(fields=["campaign", "student"], name="dossier_once")]

    def __str__(self) -> str:
        return f"dossier de {self.student}"


class Pen(models.Model):
    """Who may write a phase: the first who validated it (ACC-04). A row is released, never erased (ACC-08)."""

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="pens", verbose_name="dossier")
    phase = models.CharField("phase", max_length=12, choices=Phase)
    representative = models.ForeignKey(Representative, models.PROTECT, null=True, verbose_name="représentant")
    student = models.ForeignKey(Student, models.PROTECT, null=True, verbose_name="élève majeur")
    taken_at = models.DateTimeField("prise le")
    released_at = models.DateTimeField("libérée le", null=True)
    release_reason = models.CharField("motif", max_length=200, blank=True)

    class Meta:
        verbose_name = "main sur la saisie"
        verbose_name_plural = "mains sur les saisies"
        triggers = [RELEASED_ONCE]
        constraints = [
            models.UniqueConstraint(
                fields=["dossier", "phase"],
                condition=Q(released_at__isnull=True),
                name="one_pen_a_phase",
            ),
            models.CheckConstraint(condition=one_person(), name="pen_held_by_one_person"),
        ]

    def __str__(self) -> str:
        return f"{self.representative or self.student}, {self.get_phase_display()}"


class Submission(models.Model):
    """One validated version of a phase's entry. Append-only (ANS-09).

    `asked_by` and `asked_on` are filled when the school changed the family's entry at its request (SIE-04).
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    dossier = models.ForeignKey(
        Dossier, models.PROTECT, db_index=False, related_name="submissions", verbose_name="dossier"
    )
    phase = models.CharField("phase", max_length=12, choices=Phase)
    version = models.PositiveSmallIntegerField("version")
    author_kind = models.CharField("auteur", max_length=16, choices=AuthorKind)
    representative = models.ForeignKey(Representative, models.PROTECT, null=True, related_name="submissions")
    student = models.ForeignKey(Student, models.PROTECT, null=True, related_name="submissions")
    author_name = models.CharField("nom de l’auteur", max_length=210)
    choice_count = models.PositiveSmallIntegerField("nombre de choix")
    submitted_at = models.DateTimeField("validée le")
    asked_by = models.CharField("modification demandée par", max_length=210, blank=True)
    asked_on = models.DateField("modification demandée le", null=True)
    siecle_ref = models.CharField("référence dans Siècle", max_length=64, null=True)  # noqa: DJ001 (unique)

    class Meta:
        verbose_name = "saisie validée"
        verbose_name_plural = "saisies validées"
        ordering = ["dossier", "phase", "version"]
        triggers = [APPEND_ONLY, WRITTEN_BY_PEN_HOLDER, SUBMISSION_TO_SEND]
        constraints = [
            models.UniqueConstraint(fields=["dossier", "phase", "version"], name="submission_version_once"),
            models.UniqueConstraint(fields=["siecle_ref"], name="submission_of_siecle_once"),
            models.CheckConstraint(
                condition=one_person(kind="author_kind"),
                name="submission_author_fits_kind",
            ),
            models.CheckConstraint(
                condition=Q(choice_count__range=(1, 11)),
                name="submission_has_1_to_11_choices",
            ),
            models.CheckConstraint(
                condition=Q(asked_by="", asked_on__isnull=True)
                | (~Q(asked_by="") & Q(asked_on__isnull=False, author_kind=AuthorKind.SCHOOL)),
                name="change_by_the_school_says_who_asked",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_phase_display()}, version {self.version}"


class RankedChoice(models.Model):
    """Rank is preference, from 1 (ENT-01). Append-only."""

    submission = models.ForeignKey(
        Submission, models.PROTECT, db_index=False, related_name="choices", verbose_name="saisie"
    )
    rank = models.PositiveSmallIntegerField("rang")
    pathway = models.CharField("voie", max_length=12)
    series = models.CharField("série", max_length=8, blank=True)
    free_text = models.CharField("précision", max_length=200, blank=True)
    school_status = models.BooleanField("sous statut scolaire", default=False)
    apprentice_status = models.BooleanField("sous statut d’apprenti", default=False)
    details = models.JSONField("détails", default=list)

    class Meta:
        verbose_name = "choix"
        verbose_name_plural = "choix"
        ordering = ["submission", "rank"]
        triggers = [APPEND_ONLY, WITHIN_ITS_SUBMISSION]
        constraints = [
            models.UniqueConstraint(fields=["submission", "rank"], name="rank_once"),
            models.UniqueConstraint(fields=["submission", "pathway", "series"], name="pathway_asked_once"),
            models.CheckConstraint(condition=Q(rank__range=(1, 11)), name="rank_1_to_11"),
        ]

    def __str__(self) -> str:
        return f"{self.rank}. {self.pathway} {self.series}".strip()


class Draft(models.Model):
    """What a person is typing, for 24 hours, outside the dossier and seen by nobody else (ENT-07)."""

    user = models.ForeignKey(User, models.CASCADE, db_index=False, related_name="+")
    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="+")
    phase = models.CharField(max_length=12, choices=Phase)
    choices = models.JSONField(default=list)
    base_version = models.PositiveSmallIntegerField(default=0)
    revision = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField()

    class Meta:
        verbose_name = "brouillon"
        constraints = [models.UniqueConstraint(fields=["user", "dossier", "phase"], name="draft_once")]

    def __str__(self) -> str:
        return f"brouillon {self.get_phase_display()}"


class SiecleReceipt(models.Model):
    """What Siècle said once and for all of something we sent: taken, or not processed (SIE-01, SIE-03)."""

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="receipts", verbose_name="dossier")
    kind = models.CharField("objet", max_length=16, choices=ReceiptKind)
    ref = models.UUIDField("référence", unique=True)
    outcome = models.CharField("résultat", max_length=14, choices=ReceiptOutcome)
    at = models.DateTimeField("pris en compte le")

    class Meta:
        verbose_name = "reçu de Siècle"
        verbose_name_plural = "reçus de Siècle"
        triggers = [APPEND_ONLY, SENT]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}\u00a0: {self.get_outcome_display()}"
