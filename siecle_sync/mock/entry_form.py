"""A family's request as the school types it in the simulated Siècle Orientation (SIE-10, P2G-01…03)."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from siecle_sync.mock.models import MockEntry, MockPupil, Phase
from siecle_sync.mock.pathways import (
    GENERAL,
    MAX_CHOICES,
    SPECIALTIES,
    details_by_place,
    request_code,
    request_of,
    requests_of,
)

NOTHING = ("", "---------")
HOW_MANY = (
    "Trois pour un choix définitif\u00a0; pour une intention, le nombre fixé par l’académie\u00a0: quatre, "
    "cinq si l’un d’eux est hors de l’établissement."
)


class EntryForm(forms.Form):
    """By rank; the specialty subjects come once, since 1re générale is asked once."""

    def __init__(self, *args: Any, pupil: MockPupil, phase: str, entry: MockEntry | None = None, **kwargs: Any) -> None:
        super().__init__(*args, initial=typed_before(entry), **kwargs)
        self.phase = phase
        self.ranks = range(1, MAX_CHOICES.get(pupil.level, 3) + 1)
        requests = requests_of(pupil.level)
        for rank in self.ranks:
            self.fields[f"pathway{rank}"] = forms.ChoiceField(
                label=f"{rank}. Voie demandée", choices=[NOTHING, *requests], required=rank == 1
            )
            self.fields[f"free_text{rank}"] = forms.CharField(label="Précision", max_length=200, required=False)
            self.fields[f"school{rank}"] = forms.BooleanField(label="Sous statut scolaire", required=False)
            self.fields[f"apprentice{rank}"] = forms.BooleanField(label="Sous statut d’apprenti", required=False)
        if GENERAL in dict(requests):
            self.fields["inside"] = subjects("Spécialités de 1re générale, dans l’établissement", HOW_MANY)
            self.fields["outside"] = subjects("Spécialités de 1re générale, hors de l’établissement")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        codes = [data.get(f"pathway{rank}") for rank in self.ranks]
        typed = [code for code in codes if code]
        if len({request_of(code)[:2] for code in typed}) != len(typed):
            raise ValidationError("La même voie figure deux fois.", code="PATHWAY_TWICE")
        if codes[: len(typed)] != typed:
            raise ValidationError("Ne laissez pas de rang vide avant une voie demandée.", code="RANK_MISSING")
        if GENERAL in typed:
            self._check_specialties(data.get("inside", []), data.get("outside", []))
        return data

    def _check_specialties(self, inside: list[str], outside: list[str]) -> None:
        if set(inside) & set(outside):
            raise ValidationError("La même spécialité figure deux fois.", code="SPECIALTY_TWICE")
        count = len(inside) + len(outside)
        if count < 3 or (self.phase == Phase.DEFINITIVE and count > 3):
            raise ValidationError("Le nombre de spécialités n’est pas celui qui est demandé.", code="SPECIALTIES_COUNT")

    @property
    def requested(self) -> list[dict[str, Any]]:
        """What `desk.type_entry` takes."""
        return [self._request(rank) for rank in self.ranks if self.cleaned_data[f"pathway{rank}"]]

    def _request(self, rank: int) -> dict[str, Any]:
        data = self.cleaned_data
        pathway, series, details = request_of(data[f"pathway{rank}"])
        if pathway == GENERAL:
            details = [*data["inside"], *(f"{one}:HORS" for one in data["outside"])]
        return {
            "pathway": pathway,
            "series": series,
            "free_text": data[f"free_text{rank}"],
            "school_status": data[f"school{rank}"],
            "apprentice_status": data[f"apprentice{rank}"],
            "details": details,
        }


def subjects(label: str, help_text: str = "") -> forms.Field:
    return forms.MultipleChoiceField(
        label=label, choices=SPECIALTIES, widget=forms.CheckboxSelectMultiple, required=False, help_text=help_text
    )


def typed_before(entry: MockEntry | None) -> dict[str, Any]:
    initial: dict[str, Any] = {}
    for rank, one in enumerate(entry.choices if entry else [], start=1):
        initial[f"pathway{rank}"] = request_code(one)
        initial[f"free_text{rank}"] = one.get("free_text", "")
        initial[f"school{rank}"] = one.get("school_status", False)
        initial[f"apprentice{rank}"] = one.get("apprentice_status", False)
        if one["pathway"] == GENERAL:
            initial["inside"], initial["outside"] = details_by_place(one.get("details", []))
    return initial
