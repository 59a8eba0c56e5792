"""The specialty subjects that a school says it offers (P2G-02)."""

from django import forms

from orientation.pathways import SPECIALTIES


class OfferForm(forms.Form):
    specialties = forms.MultipleChoiceField(
        label="Enseignements de spécialité proposés dans l’établissement en 1re générale", choices=SPECIALTIES,
        widget=forms.CheckboxSelectMultiple, required=False,
        help_text="Aucune case cochée\u00a0: l’offre n’est pas dite, les familles choisissent dans toute la liste.",
        error_messages={"invalid_choice": "Cet enseignement de spécialité n’existe pas."},
    )  # fmt: skip
