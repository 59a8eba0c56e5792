"""Forms drawn in the State's design system, by our own templates (dsfr_crispy) and nobody else's.

`class IntentionForm(DsfrForm)` then `{% crispy form %}` in a template: error summary, CSRF token and fields, the
`<form novalidate>` tag and the button being the page's. A layout is optional: override `layout()`.
"""

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from django import forms

CHECKBOX, CHOICES, PASSWORD, SELECT, UPLOAD = "checkbox", "choices", "password", "select", "upload"
KINDS: tuple[tuple[type[forms.Widget], str], ...] = (
    (forms.CheckboxSelectMultiple, CHOICES),
    (forms.RadioSelect, CHOICES),
    (forms.CheckboxInput, CHECKBOX),
    (forms.PasswordInput, PASSWORD),
    (forms.Select, SELECT),
    (forms.FileInput, UPLOAD),
)
CLASSES = {
    CHECKBOX: "",
    CHOICES: "",
    PASSWORD: "fr-password__input fr-input",
    SELECT: "fr-select",
    UPLOAD: "fr-upload",
    "input": "fr-input",
}


class Hinted(str):
    """The label of one radio or checkbox, with its explanation under it: `Hinted("CAP", "Deux ans, un métier.")`."""

    hint: str

    def __new__(cls, label: str, hint: str = "") -> "Hinted":  # the default lets a form copy its fields
        self = super().__new__(cls, label)
        self.hint = hint
        return self


class DsfrBoundField(forms.BoundField):
    @property
    def kind(self) -> str:
        return next((kind for widget, kind in KINDS if isinstance(self.field.widget, widget)), "input")

    @property
    def template_name(self) -> str:
        return self.field.template_name or f"dsfr_crispy/fields/{self.kind}.html"

    @property
    def optional(self) -> bool:
        """Whether « (facultatif) » is said; `needed`: the form itself asks for the field, under a condition."""
        return not (self.field.required or getattr(self.field, "needed", False))

    @property
    def focus_id(self) -> str:
        """The id an error of the summary leads to: the control, or the first option of a group."""
        return f"{self.auto_id}_0" if self.kind == CHOICES else self.id_for_label

    def build_widget_attrs(self, attrs: dict[str, Any], widget: forms.Widget | None = None) -> dict[str, Any]:
        built = super().build_widget_attrs(attrs, widget)
        if CLASSES[self.kind]:
            built.setdefault("class", CLASSES[self.kind])
        return built


class DsfrForm(forms.Form):
    """Put it first: `class SignInForm(DsfrForm, AuthenticationForm)`. `{% crispy form %}` draws it."""

    bound_field_class = DsfrBoundField
    template_name = "dsfr_crispy/uni_form.html"

    def layout(self) -> Layout | None:
        """Return crispy's layout; None draws every field in order."""
        return None

    @property
    def helper(self) -> FormHelper:
        helper = FormHelper()
        helper.form_tag = False
        helper.layout = self.layout()
        helper.render_unmentioned_fields = True
        return helper
