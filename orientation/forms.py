"""What a family answers: an answer, an agreement. The rules are asked here, then again by the act."""

from typing import Any

from django import forms

from families.dsfr import DsfrForm, Hinted
from orientation.access import Access
from orientation.enums import Acceptances, AnswerKind, Phase
from orientation.pathways import label_of
from orientation.refusals import sentence
from orientation.rules import Refusal, check_answer, proposed, visible_statement


class AnswerForm(DsfrForm):
    """Accept one or several (policy) of what is proposed, or refuse all (ANS-02). The button pressed is `kind`."""

    kind = AnswerKind.REFUSED

    def __init__(self, *args: Any, access: Access, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.access = access
        statement = visible_statement(access.facts, Phase.DEFINITIVE, access.now)
        keys = proposed(statement) if statement else ()
        self.names = {":".join(key): key for key in keys}
        if keys:
            self.fields["accepted"] = self._field()

    def _field(self) -> forms.Field:
        choices = [(name, label_of(*key)) for name, key in self.names.items()]
        texts = {
            "required": sentence(Refusal.NOTHING_ACCEPTED),
            "invalid_choice": sentence(Refusal.NOT_PROPOSED),
        }
        accepting = self.data.get("kind") != AnswerKind.REFUSED
        if self.access.facts.policies.acceptances == Acceptances.ONE:
            return forms.ChoiceField(
                label="Quelle voie acceptez-vous ?", choices=choices, widget=forms.RadioSelect, required=accepting,
                error_messages=texts,
            )  # fmt: skip
        return forms.MultipleChoiceField(
            label="Quelles voies acceptez-vous ?", choices=choices, widget=forms.CheckboxSelectMultiple,
            required=accepting, help_text="Vous pouvez en accepter une ou plusieurs.", error_messages=texts,
        )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.data.get("kind") not in AnswerKind.values:
            raise forms.ValidationError("Dites si vous acceptez une voie ou si vous refusez toutes les propositions.")
        self.kind = AnswerKind(self.data["kind"])
        if not self.errors:
            self._ask_the_rules()
        return data

    def _ask_the_rules(self) -> None:
        if self.kind == AnswerKind.REFUSED and self.keys:
            self.add_error("accepted", "Pour refuser toutes les propositions, ne sélectionnez aucune voie.")
            return
        code = check_answer(self.access.facts, self.kind, self.keys, self.access.now)
        if code is not None:
            self.add_error("accepted" if "accepted" in self.fields else None, sentence(code))

    @property
    def keys(self) -> list[tuple[str, str]]:
        """The pathways accepted, in the order of the proposals."""
        said = self.cleaned_data.get("accepted") or []
        chosen = {said} if isinstance(said, str) else set(said)
        return [key for name, key in self.names.items() if name in chosen]


class AgreementForm(DsfrForm):
    """« Oui » or « Non » to the answer of the other representative (ANS-06)."""

    agrees_with = forms.ChoiceField(
        label="Êtes-vous d’accord avec cette réponse ?",
        choices=[
            ("oui", Hinted("Oui", "Vous êtes d’accord avec la réponse donnée.")),
            (
                "non",
                Hinted(
                    "Non",
                    "Vous n’êtes pas d’accord. Un entretien avec le chef d’établissement doit avoir lieu sans délai.",
                ),
            ),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Répondez par « Oui » ou par « Non »."},
    )

    @property
    def agrees(self) -> bool:
        return self.cleaned_data["agrees_with"] == "oui"
