"""What an account is known by, what it is attached to, when it was used, and what was typed wrong."""

import uuid

from django.db import models
from django.db.models import Q

from families.models.people import Representative, Student, User


class Identity(models.Model):
    """An account's owner as an identity provider knows them: issuer and subject, never a name or an address (ACC-01).

    `subject` is the provider's stable identifier for us; the same one at another issuer is somebody else.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="identities", verbose_name="compte")
    provider = models.CharField("fournisseur", max_length=20)
    issuer = models.CharField("émetteur", max_length=200)
    subject = models.CharField("identifiant", max_length=255)
    linked_at = models.DateTimeField("relié le")

    class Meta:
        verbose_name = "identité d’un compte"
        verbose_name_plural = "identités des comptes"
        constraints = [models.UniqueConstraint(fields=["issuer", "subject"], name="identity_once")]

    def __str__(self) -> str:
        return f"{self.user} par {self.provider}"


class Way(models.TextChoices):
    CODE = "CODE", "code d’activation"
    INE = "INE", "identifiant national de l’élève"


class Attachment(models.Model):
    """When, and by what, an account was attached to a person of a school's Siècle base; undone by that school (ACC-07).

    The link itself is `user` on the person: this says where it comes from. `provider`: who vouched, "" by a password.
    """

    uuid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="attachments", verbose_name="compte")
    representative = models.ForeignKey(
        Representative, models.CASCADE, null=True, related_name="attachments", verbose_name="représentant"
    )
    student = models.ForeignKey(Student, models.CASCADE, null=True, related_name="attachments", verbose_name="élève")
    way = models.CharField("par", max_length=4, choices=Way)
    provider = models.CharField("fournisseur", max_length=20, blank=True)
    at = models.DateTimeField("rattaché le")
    ended_at = models.DateTimeField("détaché le", null=True)
    ended_by = models.CharField("détaché par", max_length=210, blank=True)
    reason = models.CharField("motif", max_length=300, blank=True)

    class Meta:
        verbose_name = "rattachement"
        verbose_name_plural = "rattachements"
        constraints = [
            models.CheckConstraint(
                condition=Q(representative__isnull=False, student__isnull=True)
                | Q(representative__isnull=True, student__isnull=False),
                name="attachment_is_to_one_person",
            ),
            models.UniqueConstraint(
                fields=["representative"], condition=Q(ended_at=None), name="representative_attached_once"
            ),
            models.UniqueConstraint(fields=["student"], condition=Q(ended_at=None), name="student_attached_once"),
        ]

    def __str__(self) -> str:
        return f"rattachement\u00a0: {self.representative or self.student}"


class SignIn(models.Model):
    """One sign-in, for the account's owner to recognise. `way`: "" by a password, else the provider. Real time.

    `device` says « Firefox sur Android », never an address: it is erased after a few months.
    """

    user = models.ForeignKey(User, models.CASCADE, db_index=False, related_name="sign_ins", verbose_name="compte")
    at = models.DateTimeField("date")
    way = models.CharField("par", max_length=20, blank=True)
    device = models.CharField("appareil", max_length=80, blank=True)

    class Meta:
        verbose_name = "connexion"
        verbose_name_plural = "connexions"
        indexes = [models.Index(fields=["user", "-at"], name="sign_ins_of_account")]

    def __str__(self) -> str:
        return f"{self.user}, {self.at:%Y-%m-%d %H:%M}"


class Guesses(models.Model):
    """How often something secret was typed wrong since `since`, from one place or for one account. Real time.

    `key` is a keyed hash: neither an address nor a name is kept.
    """

    use = models.CharField("quoi", max_length=30)
    key = models.CharField("pour qui", max_length=64)
    since = models.DateTimeField("depuis", db_index=True)
    count = models.PositiveIntegerField("fois", default=0)

    class Meta:
        verbose_name = "essais"
        verbose_name_plural = "essais"
        constraints = [models.UniqueConstraint(fields=["use", "key"], name="guesses_once")]

    def __str__(self) -> str:
        return f"{self.count} {self.use}"
