"""The form of a choice: a pathway and, under it, the details that it asks (ENT-02, ENT-04, ENT-05, P2G-01…03)."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from crispy_forms.layout import Div, Fieldset, Layout
from django import forms

from families.dsfr import DsfrForm, Hinted
from orientation.facts import Facts
from orientation.pathways import FREE_TEXT_MAX, SPECIALTIES, Choice, Pathway, Specialty, pathways_of
from orientation.refusals import sentence
from orientation.rules import Refusal, RuleBroken, check_choices, is_offered
from orientation.wording import HINTS, SERIES_HINTS, STATUSES, free_text_help, specialties_guidance, words_of

# Beside which field a refusal is said; the others are said beside the pathway.
BESIDE = {
    Refusal.SERIES_MISSING: "series",
    Refusal.KIND_MISSING: "kind",
    Refusal.SPECIALTY_UNKNOWN: "inside",
    Refusal.SPECIALTY_TWICE: "inside",
    Refusal.SPECIALTY_NOT_OFFERED: "inside",
    Refusal.SPECIALTIES_COUNT: "inside",
}
IN_THE_LIST = "Déjà dans votre liste"


class ChoiceForm(DsfrForm):
    """A choice of the list, or one to add; `others`: the rest of the list (ENT-01, ENT-03).

    What is typed under a pathway that is not the one selected is not kept. When adding, several series of a pathway
    can be ticked at once: each is a choice (P2G-04).
    """

    def __init__(
        self, *args: Any, facts: Facts, phase: str, others: Sequence[Choice] = (), adding: bool = True, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.facts, self.phase, self.others, self.adding = facts, phase, tuple(others), adding
        self.pathways = pathways_of(facts.level)
        self.fields["pathway"] = forms.ChoiceField(
            label="Quelle voie demandez-vous ?",
            choices=[(one.code, Hinted(one.label, HINTS.get(one.code, ""))) for one in self.pathways],
            widget=forms.RadioSelect,
            error_messages={
                "required": sentence(Refusal.NO_CHOICE),
                "invalid_choice": sentence(Refusal.PATHWAY_UNKNOWN),
            },
        )
        for pathway in self.pathways:
            self.fields.update({f"{name}_{pathway.code}": field for name, field in self._details(pathway)})

    def _details(self, pathway: Pathway) -> Iterable[tuple[str, forms.Field]]:
        if pathway.asks_specialties:
            yield from self._specialties()
        if pathway.series:
            yield "series", self._series(pathway)
        if pathway.kinds:
            kinds = [(code, Hinted(label, HINTS.get(code, ""))) for code, label in pathway.kinds]
            yield "kind", radios("Formation demandée", kinds, Refusal.KIND_MISSING)
        if pathway.free_text_label and self.facts.policies.free_text:
            text_help = free_text_help(self.facts.level)
            yield "text", forms.CharField(
                label=pathway.free_text_label, help_text=text_help, required=False, max_length=FREE_TEXT_MAX,
                error_messages={"max_length": sentence(Refusal.FREE_TEXT_TOO_LONG)},
            )  # fmt: skip
        if pathway.asks_status:
            statuses = [(code, Hinted(label, hint)) for code, label, hint in STATUSES]
            yield "status", forms.MultipleChoiceField(
                label="Statut souhaité", choices=statuses, widget=forms.CheckboxSelectMultiple, required=False,
                help_text="Vous pouvez cocher les deux.",
            )  # fmt: skip

    def _specialties(self) -> Iterable[tuple[str, forms.Field]]:
        """The subjects that the school offers, then the others; a school that has not said offers them all."""
        inside = [one for one in SPECIALTIES if is_offered(self.facts, one[0])]
        outside = [one for one in SPECIALTIES if not is_offered(self.facts, one[0])]
        label = "Proposés dans votre établissement" if outside else "Enseignements de spécialité"
        yield (
            "inside",
            boxes(label, inside, Refusal.SPECIALTY_NOT_OFFERED, specialties_guidance(self.facts, self.phase)),
        )
        if outside:
            yield "outside", boxes("Proposés dans un autre établissement", outside, Refusal.SPECIALTY_NOT_OFFERED)

    def _series(self, pathway: Pathway) -> forms.Field:
        listed = {one.key for one in self.others}
        series = [
            (code, Hinted(label, IN_THE_LIST if (pathway.code, code) in listed else SERIES_HINTS.get(code, "")))
            for code, label in pathway.series
        ]
        if self.adding:
            several = f"Vous pouvez en cocher plusieurs : chaque série compte pour {words_of(self.phase).a}."
            return boxes("Séries", series, Refusal.PATHWAY_UNKNOWN, several)
        return radios("Série", series, Refusal.PATHWAY_UNKNOWN)

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
        if data.get("pathway") and not self.errors:
            listed = [*self.others, *self.choices]
            for problem in check_choices(self.facts, self.phase, listed):
                if problem.rank is None:
                    self.add_error("pathway", sentence(problem.code))
                elif problem.rank > len(self.others):
                    self._say(problem, listed[problem.rank - 1])
        return data

    def _say(self, problem: RuleBroken, choice: Choice) -> None:
        beside = f"{BESIDE.get(problem.code, 'series')}_{choice.pathway}"
        text = sentence(problem.code)
        if problem.code is Refusal.SPECIALTIES_COUNT:
            text = f"{specialties_guidance(self.facts, self.phase)} Vous en avez sélectionné {len(choice.details)}."
        elif choice.series:
            text = f"{choice.label}\u00a0: {text[:1].lower()}{text[1:]}"
        self.add_error(beside if beside in self.fields else "pathway", text)

    @property
    def choices(self) -> tuple[Choice, ...]:
        """What is asked, in the order of the form: one choice, or one for each series ticked."""
        code = self.cleaned_data["pathway"]
        said = {name: self.cleaned_data.get(f"{name}_{code}") for name in ("series", "text", "status")}
        choice = Choice(
            code,
            free_text=(said["text"] or "").strip(),
            school_status="school" in (said["status"] or []),
            apprentice_status="apprentice" in (said["status"] or []),
            details=self._asked_details(code),
        )
        series = [said["series"]] if isinstance(said["series"], str) else said["series"]
        return tuple(replace(choice, series=one) for one in series or [""])

    def _asked_details(self, code: str) -> tuple[str, ...]:
        said = self.cleaned_data
        subjects = [
            *(Specialty(one) for one in said.get(f"inside_{code}") or []),
            *(Specialty(one, outside=True) for one in said.get(f"outside_{code}") or []),
        ]
        kind = said.get(f"kind_{code}")
        return (*(one.detail for one in subjects), *([kind] if kind else []))


def needed(field: forms.Field) -> forms.Field:
    """Asked for only under its own pathway: the rules require it, and « (facultatif) » is not said."""
    field.required = False
    field.needed = True  # type: ignore[attr-defined]
    return field


def radios(label: str, choices: Sequence[tuple[str, str]], wrong: Refusal) -> forms.Field:
    """`wrong`: what is said of a value that is not of the list."""
    texts = {"invalid_choice": sentence(wrong)}
    return needed(forms.ChoiceField(label=label, choices=choices, widget=forms.RadioSelect, error_messages=texts))


def boxes(label: str, choices: Sequence[tuple[str, str]], wrong: Refusal, help_text: str = "") -> forms.Field:
    return needed(
        forms.MultipleChoiceField(
            label=label, choices=choices, widget=forms.CheckboxSelectMultiple, help_text=help_text,
            error_messages={"invalid_choice": sentence(wrong)},
        )
    )  # fmt: skip


def initial_of(choice: Choice) -> dict[str, Any]:
    """A choice as the form shows it again."""
    code = choice.pathway
    statuses = {"school": choice.school_status, "apprentice": choice.apprentice_status}
    return {
        "pathway": code,
        f"series_{code}": choice.series,
        f"inside_{code}": [one.code for one in choice.specialties if not one.outside],
        f"outside_{code}": [one.code for one in choice.specialties if one.outside],
        f"kind_{code}": choice.details[0] if choice.details and not choice.specialties else "",
        f"text_{code}": choice.free_text,
        f"status_{code}": [name for name, checked in statuses.items() if checked],
    }
