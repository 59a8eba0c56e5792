"""What school staff type in the simulated Siècle Orientation."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from families.staff_inputs import date_input
from siecle_sync.mock.models import MockPupil, MockStatement
from siecle_sync.mock.pathways import choices_of, code_of, detail_label, label_of


class CouncilDateForm(forms.Form):
    held_on = forms.DateField(label="Date du conseil", widget=date_input(), required=False)


class MoveForm(forms.Form):
    held_on = forms.DateField(label="Nouvelle date", widget=date_input())


def details_of(choice: dict[str, Any]) -> str:
    statuses = [
        words
        for words, name in (("statut scolaire", "school_status"), ("statut d’apprenti", "apprentice_status"))
        if choice.get(name)
    ]
    return ", ".join(
        filter(None, [choice.get("free_text", ""), *map(detail_label, choice.get("details", [])), *statuses])
    )


class AnswerForm(forms.Form):
    """The answer of a family that does not use the service (SIE-10)."""

    accepted = forms.MultipleChoiceField(
        label="Voies acceptées",
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="Aucune : refus de tout.",
    )
    refused = forms.BooleanField(label="La famille refuse toutes les propositions", required=False)

    def __init__(self, *args: Any, statement: MockStatement | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        proposed = [one for one in statement.answers if one["value"] == "OUI"] if statement else []
        self.fields["accepted"].choices = [
            (code_of(one["pathway"], one["series"]), label_of(one["pathway"], one["series"])) for one in proposed
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if bool(data.get("accepted")) == bool(data.get("refused")):
            raise ValidationError("Cochez les voies acceptées, ou le refus de toutes les propositions.", code="EITHER")
        return data


class DecisionForm(forms.Form):
    """What the head of school decided after the meeting, or the commission on appeal (ANS-05, ANS-07)."""

    pathways = forms.MultipleChoiceField(label="Voies décidées", widget=forms.CheckboxSelectMultiple)
    notified_on = forms.DateField(label="Notifiée à la famille le", widget=date_input(), required=False)
    on_appeal = forms.BooleanField(
        label="Décision de la commission d’appel", required=False,
        help_text="Elle remplace celle du chef d’établissement, qui doit être enregistrée avant.",
    )  # fmt: skip

    def __init__(self, *args: Any, pupil: MockPupil, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["pathways"].choices = choices_of(pupil.level)
