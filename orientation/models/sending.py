"""What families did and Siècle has not yet answered for: the database keeps the list itself (SIE-01)."""

from django.db import models

from orientation.enums import ReceiptKind
from orientation.models.campaign import Campaign
from orientation.models.dossier import Dossier


class ActToSend(models.Model):
    """An act of a family that has no final answer of Siècle: put here by the transaction that writes it, taken away by
    the one that writes its receipt.

    `uai` only says which part of a night sends it: the pupil's school when they acted. `ref` = the act's uuid.
    """

    ref = models.UUIDField("référence", primary_key=True)
    kind = models.CharField("objet", max_length=16, choices=ReceiptKind)
    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="+", verbose_name="dossier")
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="+", db_index=False, verbose_name="campagne")
    uai = models.CharField("UAI", max_length=8)

    class Meta:
        verbose_name = "acte à transmettre"
        verbose_name_plural = "actes à transmettre"
        indexes = [models.Index(fields=["campaign", "uai"], name="act_to_send")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.ref}"
