"""The steps of a letter's way out, named for those who follow it, and for those who kill it there (MAI-07)."""

from django.db import models
from django.dispatch import Signal


class LetterStep(models.TextChoices):
    CLAIMED = "CLAIMED", "prise en charge"
    RENDERED = "RENDERED", "écrite"
    HANDED = "HANDED", "acceptée par le fournisseur"
    RECORDED = "RECORDED", "notée comme envoyée"


letter_step = Signal()  # sent with `step` and `row`
