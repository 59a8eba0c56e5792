"""What school staff type in the simulated Siècle Orientation."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from families.staff_inputs import date_input
from siecle_sync.mock.desk import values_of
from siecle_sync.mock.models import MockPupil, MockStatement
from siecle_sync.mock.pathways import choices_of, code_of, detail_label, key_of, label_of
from siecle_sync.mock.reading import PupilRow

WORDS = {"OUI": "Oui", "NON": "Non"}
COMMENT_MAX = 1000


class CouncilDateForm(forms.Form):
    held_on = forms.DateField(label="Date du conseil", widget=date_input(), required=False)


class MoveForm(forms.Form):
    held_on = forms.DateField(label="Nouvelle date", widget=date_input())


class StatementForm(forms.Form):
    """The opinions or proposals on one pupil: a line a pathway, those asked for first, in the order of the request.

    Nothing chosen at all = nothing said of this pupil yet; once one is, every pathway asked for must be answered.
    """

    def __init__(self, *args: Any, row: PupilRow, phase: str, **kwargs: Any) -> None:
        super().__init__(*args, prefix=f"p{row.pupil.pk}", **kwargs)
        self.row, self.phase = row, phase
        self.asked = [(one["pathway"], one.get("series", "")) for one in (row.entry.choices if row.entry else [])]
        level = row.pupil.level
        beside = [key_of(code) for code, _ in choices_of(level) if key_of(code) not in self.asked]
        self.keys = [*self.asked, *beside]
        self.said = said_of(row.statement)
        values = [(value, WORDS.get(value, value)) for value in values_of(row.pupil, phase)]
        for number, key in enumerate(self.keys):
            self._add_line(number, key, values)

    def _add_line(self, number: int, key: tuple[str, str], values: list[tuple[str, str]]) -> None:
        said = self.said.get(key, {})
        name, label = f"{number}-value", label_of(*key)
        self.fields[name] = forms.ChoiceField(
            label=label, choices=[("", "–"), *values], required=False, initial=said.get("value", "")
        )
        self.fields[f"{number}-comment"] = forms.CharField(
            label=f"Motif : {label}", required=False, max_length=COMMENT_MAX, initial=said.get("comment", "")
        )

    @property
    def lines(self) -> Iterator[dict[str, Any]]:
        """For the page: the request's rank and details, the two fields."""
        for number, key in enumerate(self.keys):
            asked = self.row.entry.choices[number] if self.row.entry and number < len(self.asked) else None
            yield {
                "rank": number + 1 if asked else None,
                "label": label_of(*key),
                "details": details_of(asked) if asked else "",
                "value": self[f"{number}-value"],
                "comment": self[f"{number}-comment"],
            }

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.answers and any(data.get(f"{number}-comment") for number in range(len(self.keys))):
            self.add_error(None, ValidationError("Un motif sans réponse ne dit rien.", code="COMMENT_ALONE"))
        if self.said and not self.answers:
            self.add_error(
                None, ValidationError("Ce qui a été dit se change, mais ne s’efface pas.", code="UNANSWERED")
            )
        if self.answers or self.said:
            for number in range(len(self.asked)):
                if not data.get(f"{number}-value"):
                    self.add_error(f"{number}-value", ValidationError("Répondez à cette voie.", code="UNANSWERED"))
        for number in range(len(self.asked), len(self.keys)):
            if data.get(f"{number}-comment") and not data.get(f"{number}-value"):
                self.add_error(f"{number}-value", ValidationError("Choisissez une réponse.", code="UNANSWERED"))
        return data

    @property
    def answers(self) -> list[dict[str, str]]:
        """What `desk.type_statement` takes; empty when the council has said nothing of this pupil."""
        return [
            {
                "pathway": key[0],
                "series": key[1],
                "value": self.cleaned_data[f"{number}-value"],
                "comment": self.cleaned_data.get(f"{number}-comment", ""),
            }
            for number, key in enumerate(self.keys)
            if self.cleaned_data.get(f"{number}-value")
        ]


def said_of(statement: MockStatement | None) -> dict[tuple[str, str], dict[str, str]]:
    return {(one["pathway"], one["series"]): one for one in statement.answers} if statement else {}


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
