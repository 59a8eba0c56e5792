"""The nights: one run a campaign, and the lines that somebody has to look at."""

from django.db import models

from families.models import Academy
from orientation.models import Campaign


class RunState(models.TextChoices):
    RUNNING = "RUNNING", "en cours"
    FINISHED = "FINISHED", "terminée"
    FAILED = "FAILED", "en échec"
    DRY = "DRY", "à blanc"


class Run(models.Model):
    """One campaign in one night. `cursor` is the last line of Siècle taken in; `counters` = {"out": {…}, "in": {…}}."""

    academy = models.ForeignKey(Academy, models.PROTECT, related_name="runs", verbose_name="académie")
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="runs", verbose_name="campagne")
    night_on = models.DateField("nuit du (date locale)")
    started_at = models.DateTimeField("début")
    ended_at = models.DateTimeField("fin", null=True)
    state = models.CharField("état", max_length=8, choices=RunState, default=RunState.RUNNING)
    counters = models.JSONField("compteurs", default=dict)
    cursor = models.BigIntegerField("dernière ligne reçue", default=0)
    deposit = models.UUIDField("dépôt", null=True)
    error = models.TextField("erreur", blank=True)

    class Meta:
        verbose_name = "nuit"
        ordering = ["-started_at", "-pk"]
        indexes = [models.Index(fields=["campaign", "state", "-id"], name="run_last")]

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


class Direction(models.TextChoices):
    OUT = "OUT", "vers Siècle"
    IN = "IN", "de Siècle"


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

    def __str__(self) -> str:
        return f"{self.kind} {self.ref} : {self.code}"


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
