"""The files of Siècle that a school hands in through the admin: a preview, then the import, then the report alone."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from families.models import School


class ImportState(models.TextChoices):
    READING = "READING", "lecture en cours"
    PREVIEW = "PREVIEW", "aperçu à confirmer"
    IMPORTING = "IMPORTING", "import en cours"
    DONE = "DONE", "importé"
    REFUSED = "REFUSED", "refusé"
    DROPPED = "DROPPED", "abandonné"


class SiecleImport(models.Model):
    """One set of files of one school. `report` = what `siecle_sync.bee.report` says of it, as JSON."""

    uuid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    school = models.ForeignKey(School, models.PROTECT, related_name="imports", verbose_name="établissement")
    year = models.PositiveSmallIntegerField("année scolaire")
    state = models.CharField("état", max_length=9, choices=ImportState, default=ImportState.READING)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="déposé par")
    created_at = models.DateTimeField("déposé le")
    done_at = models.DateTimeField("terminé le", null=True)
    report = models.JSONField("compte rendu", default=dict)
    refusal = models.CharField("motif du refus", max_length=300, blank=True)

    class Meta:
        verbose_name = "import de Siècle"
        verbose_name_plural = "imports de Siècle"
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["school"], condition=Q(state__in=["READING", "IMPORTING"]), name="one_import_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["DONE", "REFUSED", "DROPPED"], done_at__isnull=False)
                | Q(state__in=["READING", "PREVIEW", "IMPORTING"], done_at__isnull=True),
                name="import_over_has_a_date",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.school} : {self.get_state_display()}"


class SiecleImportFile(models.Model):
    """A file as it was handed in; emptied once the import is over: its persons are in their own tables, or nowhere."""

    upload = models.ForeignKey(SiecleImport, models.CASCADE, related_name="files", verbose_name="import")
    name = models.CharField("nom", max_length=200)
    size = models.PositiveIntegerField("taille")
    digest = models.CharField("empreinte", max_length=64)
    content = models.BinaryField("contenu", null=True)

    class Meta:
        verbose_name = "fichier de Siècle"
        verbose_name_plural = "fichiers de Siècle"
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name
