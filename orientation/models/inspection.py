"""What the nightly check of the invariants found."""

from django.db import models


class InvariantRun(models.Model):
    """One check of every dossier. `violations`: a list of {"invariant", "dossier" (uuid or null), "sentence"}."""

    started_at = models.DateTimeField("commencé le")
    ended_at = models.DateTimeField("terminé le", null=True)
    dossiers = models.PositiveIntegerField("dossiers vérifiés", default=0)
    violations = models.JSONField("écarts", default=list)

    class Meta:
        verbose_name = "contrôle de cohérence"
        verbose_name_plural = "contrôles de cohérence"
        ordering = ["-started_at"]

    def __str__(self) -> str:
        return f"contrôle du {self.started_at:%d/%m/%Y %H:%M}"
