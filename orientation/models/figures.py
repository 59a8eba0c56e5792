"""What the timetable counts for pages that many dossiers would make slow."""

from django.db import models

from families.models import Level


class KeptFigures(models.Model):
    """The figures of the country for a year and a level, as they were at `at` (`orientation.figures.kept`)."""

    year = models.PositiveSmallIntegerField("année")
    level = models.CharField("niveau", max_length=3, choices=Level)
    at = models.DateTimeField("comptés le")
    figures = models.JSONField("chiffres")

    class Meta:
        verbose_name = "chiffres du pays"
        verbose_name_plural = "chiffres du pays"
        constraints = [models.UniqueConstraint(fields=["year", "level"], name="figures_kept_once")]

    def __str__(self) -> str:
        return f"{self.year} {self.level}, {self.at:%d/%m/%Y %H:%M}"
