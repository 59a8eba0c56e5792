"""Who: schools, pupils, their legal representatives, staff, and the accounts they sign in with."""

import uuid
from datetime import date
from typing import Self
from zoneinfo import ZoneInfo

from django.contrib.auth.models import AbstractUser
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import Q

from families.names import name_key


class Level(models.TextChoices):
    THIRD = "3E", "3e"
    SECOND_GT = "2GT", "2de GT"


class Academy(models.Model):
    code = models.CharField("code", max_length=2, primary_key=True)
    name = models.CharField("nom", max_length=60)
    timezone = models.CharField("fuseau horaire", max_length=40, default="Europe/Paris")
    sender_email = models.EmailField("adresse générique d’expédition")

    class Meta:
        verbose_name = "académie"
        ordering = ["name"]

    def __str__(self) -> str:
        return f"Académie de {self.name}"


class YearDivision(models.TextChoices):
    TERMS = "TERMS", "trimestres"
    SEMESTERS = "SEMESTERS", "semestres"


class School(models.Model):
    uai = models.CharField("UAI", max_length=8, unique=True)
    academy = models.ForeignKey(Academy, models.PROTECT, related_name="schools", verbose_name="académie")
    name = models.CharField("nom", max_length=120)
    phone = models.CharField("téléphone", max_length=20, blank=True)
    email = models.EmailField("adresse électronique", blank=True)
    address = models.CharField("adresse", max_length=200, blank=True)
    year_division = models.CharField(
        "année découpée en",
        max_length=10,
        choices=YearDivision,
        default=YearDivision.TERMS,
    )
    own_timezone = models.CharField("fuseau propre", max_length=40, blank=True)

    class Meta:
        verbose_name = "établissement"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def timezone(self) -> ZoneInfo:
        """The school's zone: its académie's, except for the few that have their own (CAL-02)."""
        return ZoneInfo(self.own_timezone or self.academy.timezone)


class Division(models.Model):
    """A class of one school year (`year` 2025 = 2025-2026). `code` keeps Siècle's inner spaces."""

    school = models.ForeignKey(
        School, models.PROTECT, db_index=False, related_name="divisions", verbose_name="établissement"
    )
    year = models.PositiveSmallIntegerField("année scolaire")
    code = models.CharField("code", max_length=20)
    label = models.CharField("libellé", max_length=60, blank=True)

    class Meta:
        verbose_name = "division"
        ordering = ["school", "code"]
        constraints = [models.UniqueConstraint(fields=["school", "year", "code"], name="division_once_a_year")]

    def __str__(self) -> str:
        return self.code


class User(AbstractUser):
    """An account. A user has 0..n representatives: Siècle's PERSONNE_ID is per school."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # of a pupil of age, whose letters go to the account's address; a representative has this in each school
    email_refused_at = models.DateTimeField("adresse refusée le", null=True, blank=True, editable=False)

    class Meta(AbstractUser.Meta):
        verbose_name = "compte"


class Session(AbstractBaseSession):
    """A browser session with what the recap and its owner need: whose it is, since when, when it last did something.

    Times are real ones.
    """

    sid = models.UUIDField(null=True, db_index=True)
    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="sessions")
    last_activity_at = models.DateTimeField(null=True)
    began_at = models.DateTimeField(null=True)  # the sign-in: an absolute limit runs from it
    way = models.CharField(max_length=20, blank=True)  # "" by a password, else the provider
    device = models.CharField(max_length=80, blank=True)

    class Meta(AbstractBaseSession.Meta):
        verbose_name = "session"


class StudentScope(models.TextChoices):
    IN_SCOPE = "IN_SCOPE", "concerné par la campagne"
    TO_DECIDE = "TO_DECIDE", "à examiner par l’établissement"
    OUT = "OUT", "hors campagne"


class StudentQuerySet(models.QuerySet["Student"]):
    def visible_to(self, user: User) -> Self:
        """The family's door (ACC-02, ACC-03, ACC-06): the pupil, and the legal representatives of today."""
        legal = Guardianship.objects.legal().filter(representative__user=user).values("student_id")
        own = Student.objects.filter(user=user).values("pk")
        # not an « or », for which every pupil of the country would be read: each half goes by its own index
        return self.filter(pk__in=legal.union(own, all=True))

    def managed_by(self, user: User) -> Self:
        """The staff's door (ACC-06): their own school, or every school of their académie."""
        return self.filter(school__in=schools_managed_by(user))


class Student(models.Model):
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(
        School, models.PROTECT, db_index=False, related_name="students", verbose_name="établissement"
    )
    division = models.ForeignKey(
        Division,
        models.PROTECT,
        related_name="students",
        null=True,
        blank=True,
        verbose_name="division",
    )
    year = models.PositiveSmallIntegerField("année scolaire")
    level = models.CharField("niveau", max_length=3, choices=Level, blank=True)
    siecle_id = models.BigIntegerField("ELEVE_ID")
    ine = models.CharField("INE", max_length=11, blank=True)
    family_name = models.CharField("nom de famille", max_length=100)
    usage_name = models.CharField("nom d’usage", max_length=100, blank=True)
    first_name = models.CharField("prénom", max_length=100)
    birth_date = models.DateField("date de naissance")
    mef = models.CharField("MEF", max_length=11, blank=True)
    scope = models.CharField("campagne", max_length=10, choices=StudentScope, default=StudentScope.IN_SCOPE)
    scope_reason = models.CharField("motif", max_length=30, blank=True)
    leaves_on = models.DateField("date de sortie", null=True, blank=True)
    user = models.OneToOneField(
        User,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="student",
        verbose_name="compte",
    )

    objects = StudentQuerySet.as_manager()

    class Meta:
        verbose_name = "élève"
        ordering = ["family_name", "first_name", "pk"]
        constraints = [models.UniqueConstraint(fields=["school", "siecle_id"], name="student_once_a_school")]
        indexes = [
            models.Index(fields=["school", "ine"], name="student_by_ine"),
            # in every school: the account of a pupil follows them
            models.Index(fields=["ine"], name="student_by_ine_anywhere", condition=~Q(ine="")),
            models.Index(name_key(), name="student_by_name"),
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.usage_name or self.family_name}"

    def is_of_age(self, on: date) -> bool:
        """From the 18th birthday the pupil acts for themself (ACC-03)."""
        birthday = (
            self.birth_date.year + 18,
            self.birth_date.month,
            self.birth_date.day,
        )
        return (on.year, on.month, on.day) >= birthday


class Representative(models.Model):
    """A person of one school's Siècle base. Only a level 1 link makes them act (ACC-02)."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(
        School,
        models.PROTECT,
        db_index=False,
        related_name="representatives",
        verbose_name="établissement",
    )
    siecle_id = models.BigIntegerField("PERSONNE_ID")
    civility = models.CharField("civilité", max_length=10, blank=True)
    family_name = models.CharField("nom de famille", max_length=100)
    usage_name = models.CharField("nom d’usage", max_length=100, blank=True)
    first_name = models.CharField("prénom", max_length=100)
    email = models.EmailField("adresse électronique", blank=True)
    email_confirmed_at = models.DateTimeField("adresse confirmée le", null=True, blank=True)
    siecle_email = models.EmailField("adresse dans Siècle", blank=True)
    email_refused_at = models.DateTimeField("adresse refusée le", null=True, blank=True)
    user = models.ForeignKey(
        User,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="representatives",
        verbose_name="compte",
    )

    class Meta:
        verbose_name = "représentant"
        ordering = ["family_name", "first_name", "pk"]
        constraints = [models.UniqueConstraint(fields=["school", "siecle_id"], name="representative_once_a_school")]
        indexes = [models.Index(name_key(), name="representative_by_name")]

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.usage_name or self.family_name}".strip()


class ResponsibilityLevel(models.IntegerChoices):
    LEGAL = 1, "représentant légal"
    IN_CHARGE = 2, "personne en charge de l’élève"
    CONTACT = 3, "personne à contacter"


class GuardianshipQuerySet(models.QuerySet["Guardianship"]):
    def legal(self) -> Self:
        return self.filter(level=ResponsibilityLevel.LEGAL, ended_on__isnull=True)


class Guardianship(models.Model):
    """The link of a person to a pupil, as Siècle tells it (NIVEAU_RESPONSABILITE, CODE_PARENTE)."""

    student = models.ForeignKey(
        Student, models.CASCADE, db_index=False, related_name="guardianships", verbose_name="élève"
    )
    representative = models.ForeignKey(
        Representative,
        models.CASCADE,
        related_name="guardianships",
        verbose_name="représentant",
    )
    level = models.PositiveSmallIntegerField("niveau de responsabilité", choices=ResponsibilityLevel)
    kinship = models.CharField("lien de parenté", max_length=2, blank=True)
    ended_on = models.DateField("fin", null=True, blank=True)

    objects = GuardianshipQuerySet.as_manager()

    class Meta:
        verbose_name = "lien avec un élève"
        verbose_name_plural = "liens avec les élèves"
        ordering = ["student", "representative"]
        constraints = [models.UniqueConstraint(fields=["student", "representative"], name="guardianship_once")]

    def __str__(self) -> str:
        return f"{self.representative} → {self.student}"


class StaffRole(models.TextChoices):
    READER = "READER", "lecture"
    SECRETARY = "SECRETARY", "secrétariat"
    HEAD = "HEAD", "chef d’établissement"
    ACADEMY = "ACADEMY", "académie (SAIO)"
    NATIONAL = "NATIONAL", "administration nationale"
    SUPPORT = "SUPPORT", "assistance"


class StaffMembership(models.Model):
    user = models.ForeignKey(User, models.CASCADE, db_index=False, related_name="memberships", verbose_name="compte")
    role = models.CharField("rôle", max_length=10, choices=StaffRole)
    school = models.ForeignKey(
        School,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="memberships",
        verbose_name="établissement",
    )
    academy = models.ForeignKey(
        Academy,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="memberships",
        verbose_name="académie",
    )

    class Meta:
        verbose_name = "affectation d’un personnel"
        verbose_name_plural = "affectations des personnels"
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    role__in=["READER", "SECRETARY", "HEAD"],
                    school__isnull=False,
                    academy__isnull=True,
                )
                | Q(role="ACADEMY", school__isnull=True, academy__isnull=False)
                | Q(
                    role__in=["NATIONAL", "SUPPORT"],
                    school__isnull=True,
                    academy__isnull=True,
                ),
                name="membership_scope_fits_role",
            ),
            models.UniqueConstraint(
                fields=["user", "role", "school", "academy"],
                nulls_distinct=False,
                name="membership_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}\u00a0: {self.get_role_display()}"


def schools_managed_by(user: User) -> models.QuerySet[School]:
    """The schools whose pupils this member of staff may see (ACC-06). National and support see none by default."""
    if user.is_superuser:
        return School.objects.all()
    memberships = StaffMembership.objects.filter(user=user)
    return School.objects.filter(
        Q(pk__in=memberships.values("school_id")) | Q(academy__in=memberships.values("academy_id"))
    )
