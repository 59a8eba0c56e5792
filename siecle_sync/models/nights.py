"""The nights: a run a campaign, in parts that workers share; what became of each school's lines; what waits."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from families.models import Academy
from orientation.models import Campaign
from siecle_sync.steps import Step


class RunState(models.TextChoices):
    RUNNING = "RUNNING", "en cours"
    FINISHED = "FINISHED", "terminée"
    FAILED = "FAILED", "en échec"
    DRY = "DRY", "à blanc"


class Run(models.Model):
    """One campaign in one night, in parts. `counters` = {"out": {…}, "in": {…}}: the sums of its finished parts.

    FAILED = a part has failed and is not being played now: it is tried again until noon (`siecle_sync.night`).
    """

    academy = models.ForeignKey(Academy, models.PROTECT, related_name="runs", verbose_name="académie")
    campaign = models.ForeignKey(Campaign, models.PROTECT, db_index=False, related_name="runs", verbose_name="campagne")
    night_on = models.DateField("nuit du (date locale)")
    started_at = models.DateTimeField("début")
    ended_at = models.DateTimeField("fin", null=True)
    state = models.CharField("état", max_length=8, choices=RunState, default=RunState.RUNNING)
    counters = models.JSONField("compteurs", default=dict)
    error = models.TextField("erreur", blank=True)

    class Meta:
        verbose_name = "nuit"
        ordering = ["-started_at", "-pk"]
        indexes = [models.Index(fields=["campaign", "state", "-id"], name="run_last")]
        constraints = [
            models.UniqueConstraint(fields=["campaign"], condition=Q(state="RUNNING"), name="one_night_at_a_time"),
        ]

    def __str__(self) -> str:
        return f"{self.campaign}, nuit du {self.night_on:%d/%m/%Y} : {self.get_state_display()}"

    @property
    def summary(self) -> str:
        """The counters in words."""
        return "\u00a0; ".join(
            f"{words}\u00a0: {said['read']} lignes, {said['accepted']} acceptées, {said['rejected']} refusées"
            for words, said in (("envoyé", self.counters.get("out")), ("reçu", self.counters.get("in")))
            if said and {"read", "accepted", "rejected"} <= said.keys()
        )


class PartState(models.TextChoices):
    WAITING = "WAITING", "en attente"
    RUNNING = "RUNNING", "en cours"
    FINISHED = "FINISHED", "terminée"
    FAILED = "FAILED", "en échec"


class RunPart(models.Model):
    """The schools of a run whose UAI is in `[uai_from, uai_before)` ('' = no bound), played by one worker at a time.

    `attempts` counts the workers that took it: one that was given up for dead writes nothing any more. Whoever plays
    the part holds an advisory lock on its number; `next_try_at` is real time, as every technical delay.
    """

    run = models.ForeignKey(Run, models.CASCADE, db_index=False, related_name="parts", verbose_name="nuit")
    number = models.PositiveSmallIntegerField("numéro")
    uai_from = models.CharField("à partir de l’UAI", max_length=8, blank=True)
    uai_before = models.CharField("avant l’UAI", max_length=8, blank=True)
    state = models.CharField("état", max_length=8, choices=PartState, default=PartState.WAITING)
    step = models.CharField("étape", max_length=12, choices=Step, blank=True)
    attempts = models.PositiveSmallIntegerField("essais", default=0)
    next_try_at = models.DateTimeField("pas avant", null=True)
    started_at = models.DateTimeField("début", null=True)
    ended_at = models.DateTimeField("fin", null=True)
    deposit = models.UUIDField("dépôt", null=True)
    digest = models.CharField("empreinte du dépôt", max_length=64, blank=True)
    cursor_from = models.BigIntegerField("après la ligne", default=0)
    cursor = models.BigIntegerField("dernière ligne reçue", default=0)
    counters = models.JSONField("compteurs", default=dict)
    error = models.TextField("erreur", blank=True)

    class Meta:
        verbose_name = "lot d’établissements"
        verbose_name_plural = "lots d’établissements"
        ordering = ["run", "number"]
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="run_part_once")]
        indexes = [models.Index(fields=["state"], condition=~Q(state="FINISHED"), name="run_part_unfinished")]

    def __str__(self) -> str:
        return f"lot {self.number}"


class Direction(models.TextChoices):
    OUT = "OUT", "vers Siècle"
    IN = "IN", "de Siècle"


class RunSchool(models.Model):
    """What became of one school's lines in a run, one way: they add up, always.

    `created` + `changed` = `accepted`; `by_code` = {code: lines} of what was refused or left aside.
    """

    run = models.ForeignKey(Run, models.CASCADE, db_index=False, related_name="schools", verbose_name="nuit")
    uai = models.CharField("UAI", max_length=8, blank=True)
    direction = models.CharField("sens", max_length=3, choices=Direction)
    read = models.PositiveIntegerField("lues")
    accepted = models.PositiveIntegerField("acceptées")
    created = models.PositiveIntegerField("nouvelles")
    changed = models.PositiveIntegerField("modifiées")
    rejected = models.PositiveIntegerField("refusées")
    not_processed = models.PositiveIntegerField("non traitées")
    unchanged = models.PositiveIntegerField("inchangées")
    by_code = models.JSONField("motifs", default=dict)

    class Meta:
        verbose_name = "établissement dans une nuit"
        verbose_name_plural = "établissements dans une nuit"
        ordering = ["run", "uai", "direction"]
        constraints = [
            models.UniqueConstraint(fields=["run", "uai", "direction"], name="run_school_once"),
            models.CheckConstraint(
                name="run_school_adds_up",
                condition=Q(read=F("accepted") + F("rejected") + F("not_processed") + F("unchanged"))
                & Q(accepted=F("created") + F("changed")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.uai} {self.get_direction_display()}"


class RunLine(models.Model):
    """A line that was not simply accepted: refused, or not processed, and why."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="lines", verbose_name="nuit")
    direction = models.CharField("sens", max_length=3, choices=Direction)
    seq = models.BigIntegerField("ligne")
    kind = models.CharField("objet", max_length=16)
    ref = models.CharField("référence", max_length=64)
    uai = models.CharField("UAI", max_length=8, blank=True)
    eleve_id = models.CharField("ELEVE_ID", max_length=20, blank=True)
    ine = models.CharField("INE", max_length=11, blank=True)
    outcome = models.CharField("résultat", max_length=14)
    code = models.CharField("code", max_length=24)
    sentence = models.CharField("phrase", max_length=200)

    class Meta:
        verbose_name = "ligne signalée"
        verbose_name_plural = "lignes signalées"
        ordering = ["run", "direction", "seq"]
        indexes = [
            models.Index(fields=["ref"], name="run_line_of"),
            models.Index(fields=["uai", "eleve_id"], name="run_line_about"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.ref} : {self.code}"


class HeldLine(models.Model):
    """A line of Siècle refused for a reason that may cease: taken from here each night, until it is settled.

    The columns of the contract, as they came; `since` = the night that first refused it.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, db_index=False, related_name="+", verbose_name="campagne")
    seq = models.BigIntegerField("ligne")
    uai = models.CharField("UAI", max_length=8, blank=True)
    code = models.CharField("code", max_length=24)
    line = models.JSONField("ligne de Siècle")
    since = models.DateTimeField("depuis")

    class Meta:
        verbose_name = "ligne en attente"
        verbose_name_plural = "lignes en attente"
        ordering = ["campaign", "seq"]
        constraints = [models.UniqueConstraint(fields=["campaign", "seq"], name="held_line_once")]

    def __str__(self) -> str:
        return f"{self.seq} : {self.code}"


class RosterReceipt(models.Model):
    """What Siècle last took of a division or of a pupil: only what differs goes out again.

    `code` = the division's, or the pupil's ELEVE_ID; `digest` = a hash that PostgreSQL makes of the line's content, 0
    while Siècle has taken nothing; `due` = to be sent.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, db_index=False, related_name="+", verbose_name="campagne")
    kind = models.CharField("objet", max_length=16)
    uai = models.CharField("UAI", max_length=8)
    code = models.CharField("code", max_length=20)
    digest = models.BigIntegerField("empreinte")
    due = models.BooleanField("à envoyer", default=False)

    class Meta:
        verbose_name = "ligne de liste connue de Siècle"
        verbose_name_plural = "lignes de liste connues de Siècle"
        constraints = [
            models.UniqueConstraint(fields=["campaign", "kind", "uai", "code"], name="roster_receipt_once"),
        ]
        indexes = [models.Index(fields=["campaign", "uai"], condition=Q(due=True), name="roster_due")]

    def __str__(self) -> str:
        return f"{self.kind} {self.uai}/{self.code}"


class Verdict(models.TextChoices):
    TAKE = "TAKE", "à prendre"
    REFUSE = "REFUSE", "à refuser"


class MassChange(models.Model):
    """A school whose opinions would change or vanish in an absurd share: its lines wait until somebody says.

    `up_to` = the last line concerned; what comes later is judged anew. A verdict, with who and when, is not rewritten.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="+", verbose_name="campagne")
    uai = models.CharField("UAI", max_length=8)
    up_to = models.BigIntegerField("jusqu’à la ligne")
    standing = models.PositiveIntegerField("avis en vigueur")
    touched = models.PositiveIntegerField("qui changeraient ou disparaîtraient")
    found_at = models.DateTimeField("constaté le")
    verdict = models.CharField("décision", max_length=6, choices=Verdict, blank=True)
    reason = models.CharField("motif", max_length=300, blank=True)
    decided_at = models.DateTimeField("décidé le", null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="décidé par"
    )

    class Meta:
        verbose_name = "changement massif à confirmer"
        verbose_name_plural = "changements massifs à confirmer"
        ordering = ["-found_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "uai"], condition=Q(verdict=""), name="one_mass_change_open"),
            models.CheckConstraint(
                name="mass_change_verdict_is_signed",
                condition=Q(verdict="", decided_at=None, decided_by=None)
                | Q(verdict__in=["TAKE", "REFUSE"], decided_at__isnull=False, decided_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.uai} : {self.touched} avis sur {self.standing}"


class NightAlert(models.Model):
    """Something of the nights that operators were told, once (`key`)."""

    key = models.CharField(max_length=120, unique=True)
    kind = models.CharField("genre", max_length=24)
    academy = models.ForeignKey(Academy, models.CASCADE, null=True, related_name="+", verbose_name="académie")
    at = models.DateTimeField("le")
    text = models.TextField("texte")
    told_at = models.DateTimeField("envoyée le", null=True)

    class Meta:
        verbose_name = "alerte des nuits"
        verbose_name_plural = "alertes des nuits"
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return self.key


class CouncilEvent(models.Model):
    """An opening, a move or a reset already applied: at once through the callback, or by the night (CAL-06)."""

    ref = models.CharField("référence dans Siècle", max_length=64, unique=True)
    at = models.DateTimeField("dans Siècle le")
    applied_at = models.DateTimeField("appliqué le")

    class Meta:
        verbose_name = "événement de conseil de classe"
        verbose_name_plural = "événements de conseil de classe"

    def __str__(self) -> str:
        return self.ref
