"""What a person types once: to open an account, choose a new password, confirm an address. No code is kept."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.crypto import salted_hmac

from families.models.people import Representative, Student, User


class ActivationCode(models.Model):
    """A code the school hands out, typed once to open an account. Only its hash is kept."""

    digest = models.CharField(max_length=64)
    representative = models.ForeignKey(Representative, models.CASCADE, null=True, related_name="activation_codes")
    student = models.ForeignKey(Student, models.CASCADE, null=True, related_name="activation_codes")
    created_at = models.DateTimeField("créé le")
    expires_at = models.DateTimeField("valable jusqu’au")
    used_at = models.DateTimeField("utilisé le", null=True)
    # for somebody who has an account and lost its password: the code opens nothing, it lets them choose another
    renews = models.BooleanField("pour un nouveau mot de passe", default=False)

    class Meta:
        verbose_name = "code d’activation"
        verbose_name_plural = "codes d’activation"
        constraints = [
            models.UniqueConstraint(fields=["digest"], name="activation_code_once"),
            models.CheckConstraint(
                condition=Q(representative__isnull=False, student__isnull=True)
                | Q(representative__isnull=True, student__isnull=False),
                name="activation_code_is_for_one_person",
            ),
        ]

    def __str__(self) -> str:
        return f"code pour {self.representative or self.student}"


def digits_of(use: str, key: uuid.UUID) -> str:
    number = int(salted_hmac(use, str(key), algorithm="sha256").hexdigest(), 16)
    return f"{number % 10**8:08}"


class PasswordResetCode(models.Model):
    """A code sent by e-mail to somebody who lost their password, typed once within a few minutes.

    The code itself is nowhere: it is derived from the uuid and the secret key. A request for
    an unknown account makes a row too, without user, so that both are answered alike. Times are real ones.
    """

    uuid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="+")
    email = models.EmailField(blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "code de mot de passe"
        verbose_name_plural = "codes de mot de passe"

    def __str__(self) -> str:
        return f"code de mot de passe du {self.created_at:%Y-%m-%d %H:%M}"

    def digits(self) -> str:
        """The 8 digits to type: derived, so that no table, queue or log ever holds them."""
        return digits_of("families.password_reset", self.uuid)


class AddressChange(models.Model):
    """A new address that an account's owner typed: used once the code sent there has been typed (ACC-09).

    The code itself is nowhere: it is derived from the uuid and the secret key. Times are real ones.
    """

    uuid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="address_changes", verbose_name="compte")
    email = models.EmailField("nouvelle adresse")
    created_at = models.DateTimeField("demandé le")
    expires_at = models.DateTimeField("valable jusqu’au", db_index=True)
    tries = models.PositiveSmallIntegerField("essais", default=0)
    confirmed_at = models.DateTimeField("confirmé le", null=True)

    class Meta:
        verbose_name = "changement d’adresse"
        verbose_name_plural = "changements d’adresse"

    def __str__(self) -> str:
        return f"changement d’adresse du {self.created_at:%Y-%m-%d %H:%M}"

    def digits(self) -> str:
        """The 8 digits to type: derived, so that no table, queue or log ever holds them."""
        return digits_of("families.address_change", self.uuid)
