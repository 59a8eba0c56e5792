"""The campaign, its policies and its calendar (CAL)."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Func, Q, Value

from families.models import Academy, Division, Level, School, User
from orientation.enums import (
    Acceptances,
    AcknowledgementBy,
    AnsweredBy,
    Objection,
    OpinionChange,
    Phase,
    RecapTo,
    RecapWhen,
    WindowKind,
)
from orientation.models.triggers import APPEND_ONLY, POLICIES_FROZEN

# What a new campaign of each level starts with, beside the defaults of the fields (last table of the rules).
DEFAULT_POLICIES: dict[str, dict[str, object]] = {
    Level.THIRD: {},
    Level.SECOND_GT: {"max_choices": 11, "answered_by": AnsweredBy.ALL},
}


def default_opinion_values() -> list[str]:
    return ["Favorable", "Réservé", "Défavorable"]


class Campaign(models.Model):
    """One académie, one school year, one level (CAL-01), and the points on which the guides differ."""

    academy = models.ForeignKey(
        Academy, models.PROTECT, db_index=False, related_name="campaigns", verbose_name="académie"
    )
    year = models.PositiveSmallIntegerField("année scolaire")
    level = models.CharField("niveau", max_length=3, choices=Level, default=Level.THIRD)
    max_choices = models.PositiveSmallIntegerField(
        "nombre maximal de choix",
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(11)],
    )
    acknowledgement_by = models.CharField(
        "accusé de réception par",
        max_length=10,
        choices=AcknowledgementBy,
        default=AcknowledgementBy.ANY,
    )
    opinion_change = models.CharField(
        "avis modifié après accusé de réception",
        max_length=10,
        choices=OpinionChange,
        default=OpinionChange.TELL,
    )
    objection = models.CharField(
        "objection de l’autre représentant",
        max_length=10,
        choices=Objection,
        default=Objection.NONE,
    )
    answered_by = models.CharField(
        "réponse aux propositions par",
        max_length=10,
        choices=AnsweredBy,
        default=AnsweredBy.AUTHOR,
    )
    acceptances = models.CharField("acceptation", max_length=10, choices=Acceptances, default=Acceptances.SEVERAL)
    recap_to = models.CharField("récapitulatif à", max_length=10, choices=RecapTo, default=RecapTo.ALL)
    recap_when = models.CharField("récapitulatif", max_length=10, choices=RecapWhen, default=RecapWhen.SIGN_OUT)
    free_text = models.BooleanField("précision libre proposée", default=True)
    opinion_values = models.JSONField("valeurs des avis", default=default_opinion_values)
    specialties = models.PositiveSmallIntegerField("spécialités de l’intention", default=4)
    specialties_if_outside = models.PositiveSmallIntegerField("spécialités si une hors établissement", default=5)

    class Meta:
        verbose_name = "campagne"
        ordering = ["-year", "academy", "level"]
        triggers = [POLICIES_FROZEN]
        constraints = [
            models.UniqueConstraint(fields=["academy", "year", "level"], name="campaign_once"),
            models.CheckConstraint(condition=Q(max_choices__range=(1, 11)), name="campaign_choices_1_to_11"),
            models.CheckConstraint(
                condition=Q(specialties__range=(1, 13), specialties_if_outside__range=(1, 13)),
                name="campaign_specialties_1_to_13",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_level_display()} {self.year}-{self.year + 1}, {self.academy}"


def _no_overlap(phase: str) -> ExclusionConstraint:
    """Entry and consultation of one phase never overlap (CAL-02); int8range stands in for btree_gist."""
    return ExclusionConstraint(
        name=f"windows_do_not_overlap_{phase.lower()}",
        expressions=[
            (
                Func(F("campaign"), F("campaign"), Value("[]"), function="int8range"),
                RangeOperators.OVERLAPS,
            ),
            (
                Func(F("opens_at"), F("closes_at"), function="tstzrange"),
                RangeOperators.OVERLAPS,
            ),
        ],
        condition=Q(phase=phase),
    )


class PhaseWindow(models.Model):
    """`[opens_at, closes_at)` in UTC, set by the académie (CAL-02)."""

    campaign = models.ForeignKey(
        Campaign, models.CASCADE, db_index=False, related_name="windows", verbose_name="campagne"
    )
    phase = models.CharField("phase", max_length=12, choices=Phase)
    kind = models.CharField("fenêtre", max_length=12, choices=WindowKind)
    opens_at = models.DateTimeField("ouverture")
    closes_at = models.DateTimeField("fermeture")

    class Meta:
        verbose_name = "fenêtre du calendrier"
        verbose_name_plural = "calendrier"
        ordering = ["campaign", "opens_at"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "phase", "kind"], name="window_once"),
            models.CheckConstraint(
                condition=Q(opens_at__lt=F("closes_at")),
                name="window_opens_before_it_closes",
            ),
            _no_overlap(Phase.PROVISIONAL),
            _no_overlap(Phase.DEFINITIVE),
        ]

    def __str__(self) -> str:
        return f"{self.get_phase_display()}, {self.get_kind_display()}"


class Extension(models.Model):
    """A window made longer in one recorded act (CAL-03). No school and no division: the whole académie."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="extensions", verbose_name="campagne")
    phase = models.CharField("phase", max_length=12, choices=Phase)
    kind = models.CharField("fenêtre", max_length=12, choices=WindowKind)
    school = models.ForeignKey(School, models.PROTECT, null=True, blank=True, verbose_name="établissement")
    division = models.ForeignKey(Division, models.PROTECT, null=True, blank=True, verbose_name="division")
    closes_at = models.DateTimeField("nouvelle fermeture")
    reason = models.CharField("motif", max_length=200)
    at = models.DateTimeField("décidée le")
    by = models.ForeignKey(User, models.PROTECT, verbose_name="par")

    class Meta:
        verbose_name = "prolongation"
        triggers = [APPEND_ONLY]
        constraints = [
            models.CheckConstraint(
                condition=Q(school__isnull=True) | Q(division__isnull=True),
                name="extension_has_one_scope",
            )
        ]

    def __str__(self) -> str:
        return f"prolongation\u00a0: {self.get_phase_display()}, {self.get_kind_display()}"


class SchoolClosing(models.Model):
    """The school's own end of an entry, inside the académie's window (CAL-09). The last row counts; null lifts it."""

    campaign = models.ForeignKey(
        Campaign, models.PROTECT, db_index=False, related_name="closings", verbose_name="campagne"
    )
    school = models.ForeignKey(School, models.PROTECT, related_name="closings", verbose_name="établissement")
    phase = models.CharField("phase", max_length=12, choices=Phase)
    closes_at = models.DateTimeField("fermeture par l’établissement", null=True)
    at = models.DateTimeField("décidée le")
    by = models.ForeignKey(User, models.PROTECT, verbose_name="par")

    class Meta:
        verbose_name = "fermeture par l’établissement"
        triggers = [APPEND_ONLY]
        indexes = [models.Index(fields=["campaign", "school", "phase", "-id"], name="closing_last")]

    def __str__(self) -> str:
        return f"{self.school}, {self.get_phase_display()}"


class ServiceSwitch(models.Model):
    """The service switched off or on by the school (CAL-05). The last row counts; none means on."""

    campaign = models.ForeignKey(
        Campaign, models.PROTECT, db_index=False, related_name="switches", verbose_name="campagne"
    )
    school = models.ForeignKey(School, models.PROTECT, related_name="switches", verbose_name="établissement")
    enabled = models.BooleanField("service ouvert")
    at = models.DateTimeField("décidé le")
    by = models.ForeignKey(User, models.PROTECT, verbose_name="par")

    class Meta:
        verbose_name = "ouverture ou fermeture du service"
        triggers = [APPEND_ONLY]
        indexes = [models.Index(fields=["campaign", "school", "-id"], name="switch_last")]

    def __str__(self) -> str:
        return f"{self.school}\u00a0: service {'ouvert' if self.enabled else 'fermé'}"


class SpecialtyOffer(models.Model):
    """The specialty subjects of 1re générale that a school offers (P2G-02). The last row counts; none: not said."""

    campaign = models.ForeignKey(
        Campaign, models.PROTECT, db_index=False, related_name="offers", verbose_name="campagne"
    )
    school = models.ForeignKey(School, models.PROTECT, related_name="offers", verbose_name="établissement")
    specialties = models.JSONField("enseignements de spécialité proposés", default=list)
    at = models.DateTimeField("décidée le")
    by = models.ForeignKey(User, models.PROTECT, verbose_name="par")

    class Meta:
        verbose_name = "offre d’enseignements de spécialité"
        verbose_name_plural = "offres d’enseignements de spécialité"
        triggers = [APPEND_ONLY]
        indexes = [models.Index(fields=["campaign", "school", "-id"], name="offer_last")]

    def __str__(self) -> str:
        return f"{self.school}\u00a0: {len(self.specialties)} enseignements de spécialité"
