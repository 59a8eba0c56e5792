"""What the staff type about the calendar, and what is refused at the door (CAL-02, CAL-03, CAL-09)."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BaseInlineFormSet

from families.models import Division, School
from families.staff_inputs import MomentInput
from orientation.actions.calendar import may_extend
from orientation.enums import Phase, WindowKind
from orientation.models import Campaign, PhaseWindow
from orientation.refusals import sentence

SHORTEST = timedelta(hours=24)
WINDOWS = [(f"{phase.value} {kind.value}", f"{phase.label}, {kind.label}") for phase in Phase for kind in WindowKind]
Windows = dict[tuple[str, str], tuple[datetime, datetime]]


def check_order(windows: Windows) -> None:
    """CAL-02: each window lasts a day at least; a phase's consultation opens after its entry is closed."""
    for opens_at, closes_at in windows.values():
        if closes_at - opens_at < SHORTEST:
            raise ValidationError("Une fenêtre dure au moins 24 heures.", code="TOO_SHORT")
    for phase in Phase:
        entry, consultation = windows.get((phase, WindowKind.ENTRY)), windows.get((phase, WindowKind.CONSULTATION))
        if entry and consultation and consultation[0] < entry[1]:
            raise ValidationError(
                "La consultation s’ouvre après la fermeture de la saisie de la même phase.", code="WRONG_ORDER"
            )
    first, second = (
        windows.get((Phase.PROVISIONAL, WindowKind.ENTRY)),
        windows.get((Phase.DEFINITIVE, WindowKind.ENTRY)),
    )
    if first and second and second[0] < first[1]:
        raise ValidationError("La saisie définitive s’ouvre après la saisie provisoire.", code="WRONG_ORDER")


class WindowFormSet(BaseInlineFormSet):
    """The four windows of a campaign, checked together."""

    def clean(self) -> None:
        super().clean()
        if not any(self.errors):
            check_order(self.windows())

    def windows(self) -> Windows:
        kept = [form.cleaned_data for form in self.forms if form.cleaned_data and not form.cleaned_data.get("DELETE")]
        return {(one["phase"], one["kind"]): (one["opens_at"], one["closes_at"]) for one in kept}

    def validate_unique(self) -> None:
        kept = [form.cleaned_data for form in self.forms if form.cleaned_data and not form.cleaned_data.get("DELETE")]
        if len({(one.get("phase"), one.get("kind")) for one in kept}) != len(kept):
            raise ValidationError("La même fenêtre figure deux fois.", code="WINDOW_TWICE")


class WindowForm(forms.ModelForm):
    class Meta:
        model = PhaseWindow
        fields = ["phase", "kind", "opens_at", "closes_at"]
        field_classes = {"opens_at": forms.SplitDateTimeField, "closes_at": forms.SplitDateTimeField}
        widgets = {"opens_at": MomentInput, "closes_at": MomentInput}

    def validate_constraints(self) -> None:
        """The formset checks the windows together: one row alone would be compared with what it replaces."""


EXTENDED = ("phase", "kind", "closes_at", "school", "division")


class ExtensionForm(forms.Form):
    """CAL-03. `campaign` gives the académie; scope is a UAI and a division's code, both optional."""

    window = forms.ChoiceField(label="Fenêtre à prolonger", choices=WINDOWS)
    uai = forms.CharField(
        label="Établissement (UAI)", required=False, max_length=8, help_text="Vide : toute l’académie."
    )
    division = forms.CharField(
        label="Division", required=False, max_length=20, help_text="Vide : tout l’établissement."
    )
    closes_at = forms.SplitDateTimeField(label="Nouvelle fermeture", widget=MomentInput)
    reason = forms.CharField(label="Motif", max_length=200)

    def __init__(self, *args: Any, campaign: Campaign, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.campaign, self.now = campaign, now

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.errors:
            return data
        data["phase"], data["kind"] = data.pop("window").split()
        data["school"], data["division"] = self._scope(data.pop("uai"), data["division"])
        refusal = may_extend(campaign=self.campaign, now=self.now, **{name: data[name] for name in EXTENDED})
        if refusal is not None:
            raise ValidationError({"closes_at": ValidationError(sentence(refusal), code=refusal)})
        return data

    def _scope(self, uai: str, code: str) -> tuple[School | None, Division | None]:
        if not uai and code:
            raise ValidationError({"uai": ValidationError("Indiquez aussi l’UAI.", code="UAI_MISSING")})
        if not uai:
            return None, None
        school = School.objects.filter(academy=self.campaign.academy_id, uai=uai.strip().upper()).first()
        if school is None:
            raise ValidationError({"uai": ValidationError("UAI inconnu dans cette académie.", code="UNKNOWN_SCHOOL")})
        if not code:
            return school, None
        division = Division.objects.filter(school=school, year=self.campaign.year, code=code).first()
        if division is None:
            raise ValidationError({"division": ValidationError("Division inconnue.", code="UNKNOWN_DIVISION")})
        return None, division


class ClosingForm(forms.Form):
    """The school's own end of an entry, inside the académie's window (CAL-09)."""

    closes_at = forms.SplitDateTimeField(label="Fermeture propre à l’établissement", widget=MomentInput)

    def __init__(self, *args: Any, opens_at: datetime, ends_at: datetime, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.opens_at, self.ends_at, self.now = opens_at, ends_at, now

    def clean_closes_at(self) -> datetime:
        typed: datetime = self.cleaned_data["closes_at"]
        if not self.opens_at < typed <= self.ends_at:
            raise ValidationError(
                "Choisissez une date et une heure à l’intérieur de la fenêtre de l’académie.", code="OUTSIDE_WINDOW"
            )
        if typed <= self.now:
            raise ValidationError("Cette date est passée : choisissez-en une à venir.", code="PAST")
        return typed


class ReasonForm(forms.Form):
    """Why the head of school releases a pen or lifts a wait: kept, and shown."""

    reason = forms.CharField(label="Motif", max_length=200, widget=forms.Textarea(attrs={"rows": 3}))
