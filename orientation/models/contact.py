"""How the school reached a family whom no letter reaches (MAI-06). Facts, kept."""

import uuid

from django.db import models

from families.models import User
from orientation.models.dossier import Dossier
from orientation.models.triggers import APPEND_ONLY


class ContactMeans(models.TextChoices):
    PAPER = "PAPER", "courrier papier"
    PHONE = "PHONE", "téléphone"
    MEETING = "MEETING", "rendez-vous"
    OTHER = "OTHER", "autre moyen"


class FamilyContact(models.Model):
    """One follow-up of a family that cannot be reached by e-mail, noted by the school."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="contacts", verbose_name="dossier")
    means = models.CharField("moyen", max_length=8, choices=ContactMeans)
    note = models.CharField("note", max_length=300, blank=True)
    at = models.DateTimeField("le")
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="par")

    class Meta:
        verbose_name = "relance d’une famille"
        verbose_name_plural = "relances des familles"
        ordering = ["at", "pk"]
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.get_means_display()}, {self.at:%d/%m/%Y}"
