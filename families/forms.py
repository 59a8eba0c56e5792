"""What people type to sign in and to look after their account."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.password_validation import validate_password

from families import usernames
from families.activation import ActivationRefused
from families.dsfr import DsfrForm
from families.models import User
from families.renewal import account_of

NEW_PASSWORD_HELP = "Au moins 12 caractères. Le plus simple\u00a0: trois ou quatre mots sans rapport, avec des espaces."  # noqa: S105
CODE_HELP = "Sur le papier remis par l’établissement. Exemple : AB3D-EF4G-HJ6K."


def password_field(label: str, *, autocomplete: str = "new-password", help_text: str = "") -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
    return forms.CharField(label=label, strip=False, widget=widget, help_text=help_text)


def code_field(label: str, *, help_text: str, **attrs: str) -> forms.CharField:
    widget = forms.TextInput(
        attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", **attrs}
    )
    return forms.CharField(label=label, max_length=40, help_text=help_text, widget=widget)


def username_field() -> forms.CharField:
    return forms.CharField(
        label="Identifiant que vous choisissez",
        max_length=150,
        help_text="Lettres sans espace et chiffres. Exemple : prenom.nom. Vous en aurez besoin à chaque connexion.",
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )


class SignInForm(DsfrForm, AuthenticationForm):
    error_messages = {
        "invalid_login": "Identifiant ou mot de passe incorrect. Vérifiez les majuscules, puis essayez encore.",
        "inactive": "Identifiant ou mot de passe incorrect. Vérifiez les majuscules, puis essayez encore.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "Identifiant"
        self.fields["username"].widget.attrs.pop("autofocus", None)


class NewPasswordsForm(DsfrForm):
    """A new password, typed twice. `user`: whom the password must not look like; None before the account exists."""

    new_password1 = password_field("Nouveau mot de passe", help_text=NEW_PASSWORD_HELP)
    new_password2 = password_field("Le même mot de passe, encore une fois")

    def __init__(self, *args: Any, user: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_new_password2(self) -> str:
        first, second = self.cleaned_data.get("new_password1"), self.cleaned_data["new_password2"]
        if first and first != second:
            raise forms.ValidationError("Les deux mots de passe sont différents.", code="password_mismatch")
        return str(second)

    def clean(self) -> dict[str, Any]:
        if password := self.cleaned_data.get("new_password2"):
            self.check_strength(password)
        return self.cleaned_data

    def check_strength(self, password: str) -> None:
        try:
            validate_password(password, self.user)
        except forms.ValidationError as error:
            self.add_error("new_password1", error)


class ActivationForm(NewPasswordsForm):
    field_order = ("code", "username", "new_password1", "new_password2")

    code = code_field("Code d’activation", help_text=CODE_HELP)
    username = username_field()


class AttachForm(DsfrForm):
    code = code_field("Code d’activation de l’enfant", help_text=CODE_HELP)


class LostPasswordForm(DsfrForm):
    name = forms.CharField(
        label="Votre identifiant ou votre adresse électronique",
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )


def digits_field(*, minutes: int) -> forms.CharField:
    return code_field(
        "Code reçu par courriel",
        help_text=f"8 chiffres. Le code est valable {minutes} minutes.",
        inputmode="numeric",
        autocomplete="one-time-code",
    )


class ResetCodeForm(DsfrForm):
    code = digits_field(minutes=15)


class RenewalForm(NewPasswordsForm):
    """A code of the school, and the new password. `address`: the network's, where codes may be guessed from."""

    field_order = ("code", "new_password1", "new_password2")

    code = code_field("Code remis par l’établissement", help_text=CODE_HELP)

    def __init__(self, *args: Any, address: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.address = address

    def clean_code(self) -> str:
        code = str(self.cleaned_data["code"])
        try:
            self.user = account_of(code, address=self.address)
        except ActivationRefused as refused:
            raise forms.ValidationError(refused.sentence, code=refused.code) from refused
        return code


class ChangePasswordForm(NewPasswordsForm):
    """`is_own`: is what was typed the password in use? Wrong ones are counted where it is asked."""

    field_order = ("old_password", "new_password1", "new_password2")

    old_password = password_field("Mot de passe actuel", autocomplete="current-password")

    def __init__(self, *args: Any, is_own: Callable[[str], bool], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_own = is_own

    def clean_old_password(self) -> str:
        typed = self.cleaned_data["old_password"]
        if not self.is_own(typed):
            raise forms.ValidationError("Ce n’est pas votre mot de passe actuel.", code="password_incorrect")
        return str(typed)


class FirstPasswordForm(NewPasswordsForm):
    """For an account that a provider opened: it has no identifier of its own yet."""

    field_order = ("username", "new_password1", "new_password2")

    username = username_field()

    def clean_username(self) -> str:
        username = usernames.normal(self.cleaned_data["username"])
        if refusal := usernames.refusal_of(username):
            raise forms.ValidationError(usernames.REFUSALS[refusal], code=refusal)
        return username


class AddressForm(DsfrForm):
    email = forms.EmailField(
        label="Votre adresse électronique",
        help_text="Exemple : prenom.nom@exemple.fr",
        widget=forms.EmailInput(attrs={"autocomplete": "email", "autocapitalize": "none", "spellcheck": "false"}),
        error_messages={"invalid": "Cette adresse n’est pas complète. Exemple : prenom.nom@exemple.fr"},
    )


class AddressCodeForm(DsfrForm):
    code = digits_field(minutes=30)


class PhoneCodeForm(DsfrForm):
    code = code_field(
        "Code affiché par votre téléphone",
        help_text="6 chiffres. Il change toutes les 30 secondes.",
        inputmode="numeric",
        autocomplete="one-time-code",
    )

    def clean_code(self) -> str:
        return "".join(one for one in self.cleaned_data["code"] if one.isdecimal())


class RecoveryCodeForm(DsfrForm):
    code = code_field("Code de secours", help_text="Exemple\u00a0: ab3d-ef4g. Il ne sert qu’une fois.")
