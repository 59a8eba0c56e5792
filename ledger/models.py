"""What was said and done: the sandbox clock, the journal, the letters. People and dossiers are uuids here."""

import uuid
from datetime import timedelta

import pgtrigger
from django.db import models


class SandboxClock(models.Model):
    """The pretended date of the whole deployment: one row, read only when settings.SANDBOX is on.

    `frozen_at` wins over `offset` (used by the simulated campaign, which must be reproducible).
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    offset = models.DurationField("décalage", default=timedelta)
    frozen_at = models.DateTimeField("date figée", null=True, blank=True)

    class Meta:
        verbose_name = "date du bac à sable"
        verbose_name_plural = "date du bac à sable"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="sandbox_clock_single_row")]

    def __str__(self) -> str:
        return "date du bac à sable"


class ActorKind(models.TextChoices):
    REPRESENTATIVE = "REPRESENTATIVE", "représentant légal"
    STUDENT = "STUDENT", "élève"
    SCHOOL = "SCHOOL", "établissement"
    ACADEMY = "ACADEMY", "académie"
    SIECLE = "SIECLE", "Siècle Orientation"
    SYSTEM = "SYSTEM", "service"


class JournalEntry(models.Model):
    """One act: who, for whom, what, when. Append-only (ANS-09)."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField("date")
    verb = models.CharField("acte", max_length=40)
    actor_kind = models.CharField("qualité", max_length=16, choices=ActorKind)
    actor_uuid = models.UUIDField("auteur", null=True)
    actor_name = models.CharField("nom de l’auteur", max_length=210, blank=True)
    dossier_uuid = models.UUIDField("dossier", null=True)
    data = models.JSONField("détails", default=dict)

    class Meta:
        verbose_name = "ligne de l’historique"
        verbose_name_plural = "historique"
        ordering = ["at", "id"]
        indexes = [
            models.Index(fields=["dossier_uuid", "at"], name="journal_by_dossier"),
            models.Index(fields=["at", "id"], name="journal_by_date"),  # the newest lines, those of a day
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.verb}"


class JournalSeal(models.Model):
    """The lines of the journal up to `up_to`, sealed: nobody can change one, or take it away, without its being seen.

    `digest` rests on each line since the previous seal, and on that seal's own digest (64 hexadecimal digits each).
    """

    day = models.DateField("jour", unique=True)
    up_to = models.BigIntegerField("jusqu’à la ligne")
    count = models.PositiveIntegerField("lignes")
    digest = models.CharField("empreinte", max_length=64)
    previous = models.CharField("empreinte précédente", max_length=64, blank=True)
    sealed_at = models.DateTimeField("scellé le")

    class Meta:
        verbose_name = "scellé de l’historique"
        verbose_name_plural = "scellés de l’historique"
        ordering = ["day"]
        constraints = [models.UniqueConstraint(fields=["previous"], name="seals_are_one_chain")]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d} : {self.count}"


class LetterState(models.TextChoices):
    HELD = "HELD", "attend la fin de la session"
    READY = "READY", "à envoyer"
    SENDING = "SENDING", "en cours d’envoi"
    SENT = "SENT", "envoyé"
    FAILED = "FAILED", "en échec, sera réessayé"
    NO_ADDRESS = "NO_ADDRESS", "sans adresse"
    POINTLESS = "POINTLESS", "sans objet"
    ASIDE = "ASIDE", "mis de côté"


class Priority(models.IntegerChoices):
    """Who leaves first when many letters wait."""

    RECEIPT = 1, "ce que la famille vient de faire"
    RESULT = 2, "ce qu’elle peut lire"
    REMINDER = 3, "ce qu’il lui reste à faire"


class Delivery(models.TextChoices):
    """What the provider says became of a letter, from the least certain to the last word."""

    DEFERRED = "DEFERRED", "remis à plus tard"
    DELIVERED = "DELIVERED", "remis"
    BOUNCED = "BOUNCED", "refusé par la messagerie"
    REJECTED = "REJECTED", "refusé par le prestataire"
    COMPLAINED = "COMPLAINED", "signalé comme indésirable"


class OutgoingEmail(models.Model):
    """A letter to one person about one act: written with the act, rendered when sent (MAI-07).

    `dedup_key` is unique for act and recipient; `about` names the version of what it reports, by uuid.
    """

    uuid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField("lettre", max_length=40)
    recipient_uuid = models.UUIDField("destinataire")
    dossier_uuid = models.UUIDField("dossier", null=True)
    about = models.UUIDField("version rapportée", null=True)
    data = models.JSONField("détails", default=dict)
    dedup_key = models.CharField(max_length=200)
    state = models.CharField("état", max_length=12, choices=LetterState, default=LetterState.READY)
    held_for = models.UUIDField("session attendue", null=True)
    not_before = models.DateTimeField("pas avant")
    created_at = models.DateTimeField("créé le")
    claimed_at = models.DateTimeField("pris en charge le", null=True)
    attempts = models.PositiveSmallIntegerField("essais", default=0)
    last_error = models.CharField("dernière erreur", max_length=300, blank=True)
    sent_at = models.DateTimeField("envoyé le", null=True)
    message_id = models.CharField("numéro du fournisseur", max_length=200, blank=True)
    priority = models.PositiveSmallIntegerField("priorité", choices=Priority, db_default=Priority.RESULT)
    delivery = models.CharField("devenir", max_length=10, choices=Delivery, blank=True, db_default="")
    delivery_at = models.DateTimeField("devenir connu le", null=True)

    class Meta:
        verbose_name = "courriel"
        verbose_name_plural = "courriels"
        ordering = ["created_at", "uuid"]
        indexes = [
            models.Index(
                fields=["priority", "not_before"],
                condition=models.Q(state="READY"),
                name="letters_ready",
            ),
            models.Index(
                fields=["held_for"],
                condition=models.Q(state="HELD"),
                name="letters_held",
            ),
            models.Index(
                fields=["claimed_at"],
                condition=models.Q(state__in=["SENDING", "FAILED"]),
                name="letters_to_retry",
            ),
            models.Index(fields=["dossier_uuid"], condition=models.Q(state="ASIDE"), name="letters_aside"),
            models.Index(fields=["dossier_uuid"], name="letters_by_dossier"),
            models.Index(fields=["recipient_uuid", "created_at"], name="letters_by_recipient"),
            models.Index(fields=["message_id"], condition=~models.Q(message_id=""), name="letters_by_number"),
        ]
        constraints = [
            # not unique=True: Django would add a second index, for LIKE, as large as this one
            models.UniqueConstraint(fields=["dedup_key"], name="letter_once"),
            models.CheckConstraint(
                condition=models.Q(state="HELD", held_for__isnull=False) | ~models.Q(state="HELD"),
                name="held_letter_waits_for_a_session",
            ),
            models.CheckConstraint(
                condition=models.Q(state="SENT", sent_at__isnull=False) | ~models.Q(state="SENT"),
                name="sent_letter_has_a_date",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} ({self.get_state_display()})"


class LetterEvent(models.Model):
    """What the provider told of a letter, once: `key` is its own number of the event, or a digest of what it said."""

    letter = models.ForeignKey(OutgoingEmail, models.CASCADE, related_name="events", verbose_name="courriel")
    key = models.CharField(max_length=120)
    kind = models.CharField("devenir", max_length=10, choices=Delivery)
    at = models.DateTimeField("date")
    received_at = models.DateTimeField("reçu le")
    detail = models.CharField("explication", max_length=300, blank=True)

    class Meta:
        verbose_name = "nouvelle d’un courriel"
        verbose_name_plural = "nouvelles des courriels"
        ordering = ["at", "id"]
        constraints = [models.UniqueConstraint(fields=["key"], name="letter_event_once")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.at:%Y-%m-%d %H:%M})"


class Pace(models.Model):
    """When the provider may be spoken to again, for all the workers together (real time)."""

    provider = models.CharField("fournisseur", max_length=100, primary_key=True)
    free_at = models.DateTimeField("libre le")

    class Meta:
        verbose_name = "débit du fournisseur"
        verbose_name_plural = "débits des fournisseurs"

    def __str__(self) -> str:
        return self.provider
