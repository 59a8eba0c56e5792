"""What a family fills in: a choice, an answer, an agreement. The rules are asked here, then again by the act."""

from collections.abc import Sequence
from typing import Any

from crispy_forms.layout import Div, Fieldset, Layout
from django import forms

from families.dsfr import DsfrForm, Hinted
from orientation.access import Access
from orientation.enums import Acceptances, AnswerKind, Phase
from orientation.facts import Facts
from orientation.pathways import FREE_TEXT_MAX, Choice, Pathway, label_of, pathways_of
from orientation.refusals import sentence
from orientation.rules import Refusal, check_answer, check_choices, proposed, visible_statement

# ENT-05: what is to be known beside each pathway and each status.
HINTS = {
    "2GT": (
        "STHR : sciences et technologies de l’hôtellerie et de la restauration. "
        "La 2de STHR prépare au bac technologique de ce domaine."
    ),
    "2PRO": "Trois ans pour préparer un bac professionnel.",
    "CAP": "Deux ans pour apprendre un métier.",
}
TEXT_HELP = (
    "Vous pouvez préciser le métier ou la formation qui intéresse votre enfant, avec vos mots. "
    "Pour vous aider : le site de l’Onisep (onisep.fr) et le guide « Après la 3e » remis par l’établissement."
)
STATUSES = (
    (
        "school",
        Hinted(
            "Sous statut scolaire",
            "Votre enfant reste élève, au lycée professionnel, avec des stages de plusieurs semaines en entreprise.",
        ),
    ),
    (
        "apprentice",
        Hinted(
            "Sous statut d’apprenti",
            "Votre enfant devient salarié, avec un contrat de travail : il cherche un employeur, avec l’aide du centre "
            "de formation d’apprentis (CFA), et partage son temps entre le CFA et l’entreprise.",
        ),
    ),
)


class ChoiceForm(DsfrForm):
    """One pathway with the details it asks (ENT-02, ENT-04). `others`: the rest of the list, for ENT-01 and ENT-03.

    What is typed under a pathway that is not the one selected is not kept.
    """

    def __init__(self, *args: Any, facts: Facts, phase: str, others: Sequence[Choice] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.facts, self.phase, self.others = facts, phase, tuple(others)
        self.pathways = pathways_of(facts.level)
        self.fields["pathway"] = forms.ChoiceField(
            label="Quelle voie demandez-vous ?",
            choices=[(one.code, _hinted(one)) for one in self.pathways],
            widget=forms.RadioSelect,
            error_messages={
                "required": sentence(Refusal.NO_CHOICE),
                "invalid_choice": sentence(Refusal.PATHWAY_UNKNOWN),
            },
        )
        for pathway in self.pathways:
            self.fields.update(self._details(pathway))

    def _details(self, pathway: Pathway) -> dict[str, forms.Field]:
        fields: dict[str, forms.Field] = {}
        if pathway.series:
            fields[f"series_{pathway.code}"] = forms.ChoiceField(
                label="Série", choices=pathway.series, widget=forms.RadioSelect, required=False
            )
        if pathway.free_text_label and self.facts.policies.free_text:
            fields[f"text_{pathway.code}"] = forms.CharField(
                label=pathway.free_text_label, help_text=TEXT_HELP, required=False, max_length=FREE_TEXT_MAX,
                error_messages={"max_length": sentence(Refusal.FREE_TEXT_TOO_LONG)},
            )  # fmt: skip
        if pathway.asks_status:
            fields[f"status_{pathway.code}"] = forms.MultipleChoiceField(
                label="Statut souhaité", choices=STATUSES, widget=forms.CheckboxSelectMultiple, required=False,
                help_text="Vous pouvez cocher les deux.",
            )  # fmt: skip
        return fields

    def layout(self) -> Layout:
        groups = []
        for pathway in self.pathways:
            names = [name for name in self.fields if name.endswith(f"_{pathway.code}")]
            if names:
                legend = f"Si vous choisissez « {pathway.label} »"
                groups.append(Fieldset(legend, Div(*names), css_class="o-details", data_pathway=pathway.code))
        return Layout("pathway", *groups)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("pathway"):
            code = self._refusal(self.choice)
            if code is not None:
                self.add_error("pathway", sentence(code))
        return data

    def _refusal(self, choice: Choice) -> Refusal | None:
        listed = [*self.others, choice]
        broken = check_choices(self.facts, self.phase, listed)
        return next((one.code for one in broken if one.rank in (None, len(listed))), None)

    @property
    def choice(self) -> Choice:
        """The pathway selected and its own details; what stands under another pathway is not kept."""
        data = self.cleaned_data
        code = data["pathway"]
        statuses = data.get(f"status_{code}") or []
        return Choice(
            code,
            series=data.get(f"series_{code}") or "",
            free_text=(data.get(f"text_{code}") or "").strip(),
            school_status="school" in statuses,
            apprentice_status="apprentice" in statuses,
        )


def initial_of(choice: Choice) -> dict[str, Any]:
    """A choice as the form shows it again."""
    code = choice.pathway
    statuses = {"school": choice.school_status, "apprentice": choice.apprentice_status}
    return {
        "pathway": code,
        f"series_{code}": choice.series,
        f"text_{code}": choice.free_text,
        f"status_{code}": [name for name, checked in statuses.items() if checked],
    }


def _hinted(pathway: Pathway) -> str:
    hint = HINTS.get(pathway.code)
    return Hinted(pathway.label, hint) if hint else pathway.label


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
            ("non", Hinted("Non", "Un entretien avec le chef d’établissement doit alors avoir lieu sans délai.")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Répondez par « Oui » ou par « Non »."},
    )

    @property
    def agrees(self) -> bool:
        return self.cleaned_data["agrees_with"] == "oui"
