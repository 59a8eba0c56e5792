"""What the simulated Siècle Orientation keeps. It knows divisions and pupils from roster lines only."""

import uuid

from django.db import models


def new_ref() -> str:
    return str(uuid.uuid4())


class Phase(models.TextChoices):
    PROVISIONAL = "PROVISIONAL", "phase provisoire"
    DEFINITIVE = "DEFINITIVE", "phase définitive"


class Source(models.TextChoices):
    FAMILY = "FAMILY", "service en ligne Orientation"
    SCHOOL = "SCHOOL", "établissement"


class MockDivision(models.Model):
    academy = models.CharField("académie", max_length=2)
    uai = models.CharField("UAI", max_length=8)
    school = models.CharField("établissement", max_length=120, blank=True)
    year = models.PositiveSmallIntegerField("année scolaire")
    level = models.CharField("niveau", max_length=3)
    code = models.CharField("code", max_length=20)
    label = models.CharField("libellé", max_length=60, blank=True)
    opinion_values = models.JSONField("valeurs des avis", default=list)

    class Meta:
        verbose_name = "division"
        ordering = ["uai", "year", "level", "code"]
        constraints = [models.UniqueConstraint(fields=["uai", "year", "level", "code"], name="mock_division_once")]

    def __str__(self) -> str:
        return f"{self.uai} {self.code}"


class MockPupil(models.Model):
    """`present` is false once a roster no longer names the pupil."""

    division = models.ForeignKey(
        MockDivision, models.PROTECT, null=True, related_name="pupils", verbose_name="division"
    )
    academy = models.CharField("académie", max_length=2)
    uai = models.CharField("UAI", max_length=8)
    year = models.PositiveSmallIntegerField("année scolaire")
    level = models.CharField("niveau", max_length=3)
    eleve_id = models.BigIntegerField("ELEVE_ID")
    ine = models.CharField("INE", max_length=11, blank=True)
    family_name = models.CharField("nom de famille", max_length=100)
    usage_name = models.CharField("nom d’usage", max_length=100, blank=True)
    first_name = models.CharField("prénom", max_length=100)
    birth_date = models.DateField("date de naissance")
    present = models.BooleanField("dans la liste", default=True)

    class Meta:
        verbose_name = "élève"
        ordering = ["family_name", "first_name", "pk"]
        constraints = [models.UniqueConstraint(fields=["uai", "year", "level", "eleve_id"], name="mock_pupil_once")]

    def __str__(self) -> str:
        return f"{self.first_name} {self.usage_name or self.family_name}"


class DepositState(models.TextChoices):
    RECEIVED = "RECEIVED", "reçu"
    DONE = "DONE", "traité"


class MockDeposit(models.Model):
    uuid = models.UUIDField(primary_key=True)
    digest = models.CharField("empreinte", max_length=64)
    academy = models.CharField("académie", max_length=2)
    year = models.PositiveSmallIntegerField("année scolaire")
    level = models.CharField("niveau", max_length=3)
    version = models.CharField("version de l’échange", max_length=8)
    received_at = models.DateTimeField("reçu le")
    state = models.CharField("état", max_length=8, choices=DepositState, default=DepositState.RECEIVED)
    counters = models.JSONField("compteurs", default=dict)

    class Meta:
        verbose_name = "dépôt"
        ordering = ["-received_at"]

    def __str__(self) -> str:
        return f"dépôt du {self.received_at:%d/%m/%Y %H:%M}"


class MockLine(models.Model):
    """A line received, and what became of it. Roster lines are kept for two days."""

    deposit = models.ForeignKey(MockDeposit, models.CASCADE, related_name="lines", verbose_name="dépôt")
    seq = models.BigIntegerField("ligne")
    kind = models.CharField("objet", max_length=16)
    ref = models.CharField("référence", max_length=64)
    uai = models.CharField("UAI", max_length=8)
    year = models.PositiveSmallIntegerField("année scolaire")
    level = models.CharField("niveau", max_length=3)
    phase = models.CharField("phase", max_length=12, blank=True)
    division = models.CharField("division", max_length=20, blank=True)
    eleve_id = models.BigIntegerField("ELEVE_ID", null=True)
    ine = models.CharField("INE", max_length=11, blank=True)
    version = models.PositiveSmallIntegerField("version", null=True)
    at = models.DateTimeField("date", null=True)
    author_kind = models.CharField("qualité", max_length=16, blank=True)
    author_name = models.CharField("auteur", max_length=210, blank=True)
    payload = models.JSONField("contenu", null=True)
    pupil = models.ForeignKey(MockPupil, models.PROTECT, null=True, related_name="+", verbose_name="élève")
    outcome = models.CharField("résultat", max_length=14, blank=True)
    code = models.CharField("code", max_length=24, blank=True)

    class Meta:
        verbose_name = "ligne reçue"
        verbose_name_plural = "lignes reçues"
        ordering = ["deposit", "seq"]
        constraints = [models.UniqueConstraint(fields=["deposit", "seq"], name="mock_line_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.ref}\u00a0: {self.outcome}"


class MockEntry(models.Model):
    """A version of a family's request: come from the service, or typed by the school.

    `processed` false = come too late (SIE-03). `replaced_at` = typed by the school, then replaced at the opening of the
    council by what the family had entered (SIE-02). The request in force: see `desk.entry_in_force`.
    """

    ref = models.CharField("référence", max_length=64, unique=True, default=new_ref)
    pupil = models.ForeignKey(MockPupil, models.PROTECT, related_name="entries", verbose_name="élève")
    phase = models.CharField("phase", max_length=12, choices=Phase)
    source = models.CharField("saisie par", max_length=8, choices=Source)
    version = models.PositiveSmallIntegerField("version")
    at = models.DateTimeField("validée le")
    author_name = models.CharField("auteur", max_length=210)
    choices = models.JSONField("choix", default=list)
    processed = models.BooleanField("traitée", default=True)
    replaced_at = models.DateTimeField("remplacée le", null=True)

    class Meta:
        verbose_name = "demande"
        ordering = ["pupil", "phase", "version", "pk"]
        indexes = [models.Index(fields=["pupil", "phase"], name="mock_entry_by_pupil")]

    def __str__(self) -> str:
        return f"{self.get_phase_display()}, {self.get_source_display()}, version {self.version}"


class MockCouncil(models.Model):
    division = models.ForeignKey(MockDivision, models.PROTECT, related_name="councils", verbose_name="division")
    phase = models.CharField("phase", max_length=12, choices=Phase)
    held_on = models.DateField("date du conseil", null=True)
    opened_at = models.DateTimeField("ouvert le", null=True)

    class Meta:
        verbose_name = "conseil de classe"
        verbose_name_plural = "conseils de classe"
        constraints = [models.UniqueConstraint(fields=["division", "phase"], name="mock_council_once")]

    def __str__(self) -> str:
        return f"conseil de {self.division}, {self.get_phase_display()}"


class MockStatement(models.Model):
    """Opinions or proposals typed by the school: one version."""

    ref = models.CharField("référence", max_length=64, unique=True, default=new_ref)
    pupil = models.ForeignKey(MockPupil, models.PROTECT, related_name="statements", verbose_name="élève")
    phase = models.CharField("phase", max_length=12, choices=Phase)
    version = models.PositiveSmallIntegerField("version")
    entry = models.ForeignKey(MockEntry, models.PROTECT, null=True, related_name="+", verbose_name="demande")
    answers = models.JSONField("réponses", default=list)
    at = models.DateTimeField("saisie le")
    withdrawn_at = models.DateTimeField("retirée le", null=True)

    class Meta:
        verbose_name = "avis ou propositions"
        verbose_name_plural = "avis ou propositions"
        ordering = ["pupil", "phase", "version"]
        constraints = [
            models.UniqueConstraint(fields=["pupil", "phase", "version"], name="mock_statement_version_once"),
            models.UniqueConstraint(
                fields=["pupil", "phase"],
                condition=models.Q(withdrawn_at__isnull=True),
                name="mock_statement_one_in_force",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_phase_display()}, version {self.version}"


class MockFact(models.Model):
    """An acknowledgement, answer, agreement or decision: received from families, or recorded by the school (SIE-10)."""

    ref = models.CharField("référence", max_length=64, unique=True, default=new_ref)
    kind = models.CharField("objet", max_length=16)
    source = models.CharField("saisi par", max_length=8, choices=Source)
    pupil = models.ForeignKey(MockPupil, models.PROTECT, related_name="facts", verbose_name="élève")
    statement = models.ForeignKey(MockStatement, models.PROTECT, null=True, related_name="facts")
    at = models.DateTimeField("le")
    author_name = models.CharField("par", max_length=210, blank=True)
    payload = models.JSONField("contenu", default=dict)

    class Meta:
        verbose_name = "accusé, réponse ou décision"
        verbose_name_plural = "accusés, réponses et décisions"
        ordering = ["pupil", "at", "pk"]

    def __str__(self) -> str:
        return self.kind


class MockOutbound(models.Model):
    """The feed: what Siècle tells the service, in order; for a council, whether the service confirmed it too."""

    seq = models.BigAutoField(primary_key=True)
    academy = models.CharField("académie", max_length=2)
    kind = models.CharField("objet", max_length=16)
    ref = models.CharField("référence", max_length=64, unique=True, default=new_ref)
    uai = models.CharField("UAI", max_length=8)
    year = models.PositiveSmallIntegerField("année scolaire")
    level = models.CharField("niveau", max_length=3)
    phase = models.CharField("phase", max_length=12, blank=True)
    division = models.CharField("division", max_length=20, blank=True)
    eleve_id = models.BigIntegerField("ELEVE_ID", null=True)
    ine = models.CharField("INE", max_length=11, blank=True)
    version = models.PositiveSmallIntegerField("version", null=True)
    at = models.DateTimeField("date")
    author_kind = models.CharField("qualité", max_length=16, blank=True)
    author_name = models.CharField("auteur", max_length=210, blank=True)
    payload = models.JSONField("contenu", default=dict)
    confirmed_at = models.DateTimeField("confirmé par le service le", null=True)
    attempts = models.PositiveSmallIntegerField("essais", default=0)
    last_error = models.CharField("dernier refus", max_length=200, blank=True)

    class Meta:
        verbose_name = "ligne à transmettre"
        verbose_name_plural = "lignes à transmettre"
        ordering = ["seq"]
        indexes = [models.Index(fields=["academy", "year", "level", "seq"], name="mock_feed")]

    def __str__(self) -> str:
        return f"{self.seq} {self.kind}"
